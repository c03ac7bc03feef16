#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/queued_message.h"
#include "usecase/transaction/cancel.h"
#include "usecase/verification/check.h"
#include "usecase/verify_api/service.h"

namespace countersign::usecase::verify_api {

// A standalone code: sent to an address and checked by the application, without a payload to release. It is stored as a
// transaction of the purpose kStandaloneCode with one verification of the same id, so that all guards of a code apply:
// attempts, limits, sealing, audit, outbox, sweeper (docs/adr/0015).

struct StartCode {
  ServiceId service;
  std::string to;
  contact::Wanted channel = contact::Channel::kSms;  ///< With `auto`, `to` is a number.
  std::string locale;                                ///< Empty: from the number's country.
  std::optional<SecretString> code;
  std::string friendly_name;  ///< Empty: the service's.
  std::string amount;
  std::string payee;
  std::string app_hash;
  std::optional<std::string> template_sid;
  json::object substitutions;
  bool templates_unreadable = false;  ///< A list of templates was given that cannot be parsed.
  std::vector<std::pair<std::string, std::string>> rate_limits;  ///< Names and the values to count by.
  bool risk_check = true;                                        ///< False: advisory rules of fraud do not apply.
};

/// A verification with all its sends.
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
  bool looked_up = false;  ///< The service requests a lookup of the number.
  domain::Sendings sendings;
  WallTime created_at;
  WallTime updated_at;
  WallTime expires_at;
};

struct CodeStarted {
  CodeView view;
  std::optional<QueuedMessage> queued;  ///< For the courier, after the commit; absent for a test service.
};

/// Sends a code to the address, with `auto` by a channel that the product chooses (docs/adr/0046), for its pending
/// verification or a new one. Codes sent before stay valid beside the new one.
[[nodiscard]] Verdict<CodeStarted> start_code(const Work& work, StartCode request);

/// Identifies a verification: by its id, or as the newest to an address.
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

/// A check that a provider judges, and its verification.
struct CheckElsewhere {
  AskProvider ask;
  ServiceId service;
};

/// Spends an attempt and judges the code. A wrong code is not a refusal: the verification stays pending until no
/// attempts are left.
[[nodiscard]] Verdict<std::variant<CodeView, CheckElsewhere>> check_code(const Work& work, const CheckCode& request);

[[nodiscard]] Verdict<CodeView> conclude_code(
    const Work& work, const CheckElsewhere& asked,
    const Result<delivery::VerifierVerdict, delivery::ProviderError>& verdict);

/// By its id also after its end; by its address only while it is pending.
[[nodiscard]] Verdict<CodeView> show_code(const Work& work, const CodeTarget& target);

/// Ends it for the application, which has checked its own code, or whose user has gone.
[[nodiscard]] Verdict<CodeView> end_code(const Work& work, const CodeTarget& target, bool approved);

}  // namespace countersign::usecase::verify_api
