#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "domain/standing/history.h"
#include "store/repository/transactions.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Operations by which the person changes their own sources: a transaction approved with sources that count, which
// releases nothing (domain::Purpose::kAddSource, domain::Purpose::kDecideChange, domain::Purpose::kChangeSource).

/// The parameters of an operation.
struct OperationTerms {
  AccountId account;
  ServiceId service;
  SubjectId subject;
  std::string locale;
  domain::Purpose purpose = domain::Purpose::kAddSource;
  domain::Policy policy;
  domain::Display shown;
  std::string_view back;  ///< Where its page links to when it is over; empty: nowhere.
  std::string metadata;   ///< Canonical JSON; empty: none.
};
/// `secret`: of the operation's link.
[[nodiscard]] store::TransactionRow new_operation(const Context& context, const OperationTerms& terms,
                                                  const SecretString& secret, WallTime held_at, Moment& moment);

/// Who changes their own sources, and at which service.
struct Changer {
  AccountId account;
  ServiceId service;
  SubjectId subject;
};
/// The policy of an operation that changes something: sources that count on their own, of as many kinds as adding one
/// needs [STD-4]. A passkey has to verify the person. Nothing if the person has too few that the page can ask for.
[[nodiscard]] std::optional<domain::Policy> policy_by_established(store::Tx& tx, const Context& context,
                                                                  const Changer& who,
                                                                  const domain::standing::History& history,
                                                                  WallTime now);

/// Whether there is no such policy only because the person's passkeys never verified the person: a security key
/// without a PIN.
[[nodiscard]] bool lacks_verification(store::Tx& tx, const Context& context, const Changer& who,
                                      const domain::standing::History& history, WallTime now);

/// What a passkey must have shown to be asked: that it verifies the person, or nothing.
enum class AskPasskeys : std::uint8_t { kVerifying, kAny };
/// The methods by which the page can ask the subject, among the sources that `may` accepts. Passkeys of another RP ID
/// cannot answer there.
[[nodiscard]] domain::MethodSet askable(store::Tx& tx, const Context& context, const Changer& who,
                                        const ServiceSettings& service, AskPasskeys passkeys,
                                        FunctionRef<bool(const Id&)> may);

}  // namespace countersign::usecase
