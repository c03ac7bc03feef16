#pragma once

#include <optional>
#include <vector>

#include "domain/challenge.h"
#include "usecase/verify_api/entity.h"

namespace countersign::usecase::verify_api {

/// A request for a code of an authenticator app, for the answer of a passkey (passkey_challenge.h), or for that of a
/// device (device_challenge.h), to be answered before it expires.
struct Challenge {
  Id id;
  domain::Challenge state;
  json::object content;  ///< service, factor_sid, details, hidden_details, metadata.
  WallTime created_at;
  WallTime updated_at;
};

/// Of passkeys, whose content also has `challenge`.
[[nodiscard]] bool is_of_passkeys(const Challenge& challenge);

/// `totp`, `passkeys`, `push`: as this API names what answers it.
[[nodiscard]] std::string_view type_name(const Challenge& challenge);

struct NewChallenge {
  FactorId factor;
  WallTime expires_at;
  json::object details;
  std::optional<json::object> hidden_details;
  std::optional<json::object> metadata;
  std::optional<SecretString> code;
  std::string date{};  ///< As the API writes it: shown where the service says so (`Push.IncludeDate`).
  std::optional<TransactionId> transaction{};  ///< Of a device: what it approves (device_transaction.h).
  bool proved = false;                         ///< Of a device: that transaction has a proof by another method. [THR-8]
};

/// kFactorUnverified also for a factor that is not in force (entity.h), whose codes are wrong in open challenges too.
/// A right code approves it at once; with a wrong one it stays pending, and the attempt is spent.
[[nodiscard]] Verdict<Challenge> create_challenge(const Work& work, const ServiceId& service, const Entity& entity,
                                                  const NewChallenge& given);
[[nodiscard]] Verdict<Challenge> find_challenge(const Work& work, const ServiceId& service, const Entity& entity,
                                                const Id& id);
[[nodiscard]] std::vector<Challenge> list_challenges(const Work& work, const ServiceId& service, const Entity& entity,
                                                     const store::ResourceRange& range);
/// Replaces the application's metadata of it.
[[nodiscard]] Verdict<Challenge> note_on_challenge(const Work& work, const ServiceId& service, const Entity& entity,
                                                   const Id& id, json::object metadata);
/// Answers it with the code of an app. A wrong code is refused and spends one of five attempts.
[[nodiscard]] Verdict<Challenge> answer_challenge(const Work& work, const ServiceId& service, const Entity& entity,
                                                  const Id& id, const SecretString& code);

}  // namespace countersign::usecase::verify_api
