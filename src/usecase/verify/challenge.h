#pragma once

#include <optional>
#include <vector>

#include "usecase/verify/entity.h"

namespace countersign::usecase::verify {

/// One question put to an authenticator app: answered by a code, within its time.
struct Challenge {
  Id id;
  json::object content;  ///< service, factor_sid, status, attempts, expires_at, details, hidden_details, metadata.
  WallTime created_at;
  WallTime updated_at;

  /// As of now: `pending`, `approved`, `expired`.
  [[nodiscard]] std::string status_at(WallTime now) const;
  [[nodiscard]] WallTime expires_at() const;
};

struct NewChallenge {
  FactorId factor;
  WallTime expires_at;
  json::object details;
  std::optional<json::object> hidden_details;
  std::optional<json::object> metadata;
  std::optional<SecretString> code;
};

/// With a right code it is approved at once; with a wrong one it stays pending, and the attempt is spent.
[[nodiscard]] Verdict<Challenge> create_challenge(store::Tx& tx, const Context& context, const Caller& caller,
                                                  const ServiceId& service, const Entity& entity,
                                                  const NewChallenge& given, Moment& moment);
[[nodiscard]] Verdict<Challenge> find_challenge(store::Tx& tx, const Context& context, const Caller& caller,
                                                const ServiceId& service, const Entity& entity, const Id& id);
[[nodiscard]] std::vector<Challenge> list_challenges(store::Tx& tx, const Context& context, const Caller& caller,
                                                     const ServiceId& service, const Entity& entity,
                                                     const store::ResourceRange& range);
/// Replaces what the application keeps with it.
[[nodiscard]] Verdict<Challenge> note_on_challenge(store::Tx& tx, const Context& context, const Caller& caller,
                                                   const ServiceId& service, const Entity& entity, const Id& id,
                                                   json::object metadata, Moment& moment);
/// Answers it. A wrong code is a refusal and spends one of five attempts.
[[nodiscard]] Verdict<Challenge> answer_challenge(store::Tx& tx, const Context& context, const Caller& caller,
                                                  const ServiceId& service, const Entity& entity, const Id& id,
                                                  const SecretString& code, Moment& moment);

}  // namespace countersign::usecase::verify
