#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "store/repository/sendings.h"
#include "store/repository/transactions.h"
#include "usecase/cancel.h"
#include "usecase/check.h"
#include "usecase/outgoing.h"
#include "usecase/verify/service.h"

namespace countersign::usecase::verify {

// A code for its own sake: sent to an address, checked by the application, with no transaction that it would release.
// It lives as a transaction of the kind kCodeAlone with one verification of the same id, so that everything that guards
// a code guards this one: attempts, limits, sealing, audit, outbox, sweeper (docs/adr/0015).

struct StartCode {
  ServiceId service;
  std::string to;
  contact::Channel channel = contact::Channel::kSms;
  std::string locale;  ///< Empty: by the number's country.
  std::optional<SecretString> code;
  std::string friendly_name;  ///< Empty: the service's.
  std::string amount;
  std::string payee;
  std::string app_hash;
  std::optional<std::string> template_sid;
  json::object substitutions;
  bool templates_unreadable = false;  ///< A list of templates was given, and none can be taken from it.
  std::vector<std::pair<std::string, std::string>> rate_limits;  ///< Names and the values to count by.
  bool risk_check = true;                                        ///< False: the limit by country does not apply.
};

/// A verification with all its sendings.
struct CodeView {
  VerificationId id;
  AccountId account;
  ServiceId service;
  std::string to;
  contact::Channel channel = contact::Channel::kSms;
  domain::VerificationStatus status = domain::VerificationStatus::kPending;
  std::string amount;
  std::string payee;
  std::string locale;
  bool looked_up = false;  ///< The service asks for what is known of the number.
  std::vector<store::Sending> sendings;
  WallTime created_at;
  WallTime updated_at;
  WallTime expires_at;
};

struct CodeStarted {
  CodeView view;
  std::optional<QueuedMessage> queued;  ///< For the courier, once the commit is durable; nothing of a test service.
};

/// Sends a code to the address: of the verification that is pending for it, or of a new one. A code that was sent
/// before stays good beside the new one.
[[nodiscard]] Verdict<CodeStarted> start_code(store::Tx& tx, const Context& context, const Caller& caller,
                                              StartCode request, Moment& moment);

/// Which verification is meant: by its id, or the latest to an address.
struct CodeTarget {
  ServiceId service;
  std::optional<VerificationId> id;
  std::string to;
};

struct CheckCode {
  CodeTarget target;
  std::string code;
  std::string amount;
  std::string payee;
};

/// A check that a provider judges, and which verification it is about.
struct CheckElsewhere {
  AskProvider ask;
  ServiceId service;
};

/// Spends an attempt and judges the code. A wrong one is no refusal: the verification stays pending, until the attempts
/// are used up.
[[nodiscard]] Verdict<std::variant<CodeView, CheckElsewhere>> check_code(store::Tx& tx, const Context& context,
                                                                         const Caller& caller, const CheckCode& request,
                                                                         Moment& moment);

[[nodiscard]] Verdict<CodeView> conclude_code(store::Tx& tx, const Context& context, const Caller& caller,
                                              const CheckElsewhere& asked,
                                              const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict,
                                              Moment& moment);

/// By its id also after its end. By its address only while it is pending.
[[nodiscard]] Verdict<CodeView> show_code(store::Tx& tx, const Context& context, const Caller& caller,
                                          const CodeTarget& target, WallTime now);

/// The application ends it: it has checked its own code, or the person has gone away.
[[nodiscard]] Verdict<CodeView> end_code(store::Tx& tx, const Context& context, const Caller& caller,
                                         const CodeTarget& target, bool approved, Moment& moment);

}  // namespace countersign::usecase::verify
