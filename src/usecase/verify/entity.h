#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/repository/factors.h"
#include "store/repository/resources.h"
#include "usecase/enrol.h"
#include "usecase/verify/service.h"

namespace countersign::usecase::verify {

// An entity is a subject that a service knows by its identity, and a factor of it a factor of that subject: what was
// enrolled here proves in transactions of the native API, and the other way round.

struct Entity {
  SubjectId id;
  std::string identity;
  WallTime created_at;
  WallTime updated_at;
};

/// 8 to 64 letters, digits and hyphens.
[[nodiscard]] bool is_identity(std::string_view identity);

[[nodiscard]] Verdict<Entity> create_entity(store::Tx& tx, const Context& context, const Caller& caller,
                                            const ServiceId& service, const std::string& identity, Moment& moment);
[[nodiscard]] Verdict<Entity> find_entity(store::Tx& tx, const Context& context, const Caller& caller,
                                          const ServiceId& service, std::string_view identity);
[[nodiscard]] std::vector<Entity> list_entities(store::Tx& tx, const Context& context, const Caller& caller,
                                                const ServiceId& service, const store::ResourceRange& range);
/// With its factors and challenges in this service.
[[nodiscard]] Verdict<Done> remove_entity(store::Tx& tx, const Context& context, const Caller& caller,
                                          const ServiceId& service, std::string_view identity, Moment& moment);

struct Factor {
  store::FactorRow row;
  std::string name;
  json::object content;  ///< What this protocol keeps beside it: service, skew, metadata.
  WallTime updated_at;
};

struct NewFactor {
  std::string friendly_name;
  std::optional<SecretString> secret;
  crypto::TotpParameters totp;
  std::int64_t skew = 1;
  json::object metadata;
};

struct CreatedFactor {
  Entity entity;
  Factor factor;
  Enrolment enrolment;
};
/// An authenticator app, unverified; its entity is made where there is none.
[[nodiscard]] Verdict<CreatedFactor> create_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                                   const ServiceId& service, const std::string& identity,
                                                   const NewFactor& given, Moment& moment);

/// One of this service, by whichever API it was enrolled. [STD-12]
[[nodiscard]] Verdict<Factor> find_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                          const ServiceId& service, const Entity& entity, const FactorId& id);
/// Time steps to either side that its codes are good for, within what the configuration lets be.
[[nodiscard]] std::int64_t skew_of(store::Tx& tx, const Context& context, const Caller& caller,
                                   const ServiceId& service, const Factor& factor);
/// The oldest first.
[[nodiscard]] std::vector<Factor> list_factors(store::Tx& tx, const Context& context, const Caller& caller,
                                               const ServiceId& service, const Entity& entity);

struct FactorChange {
  std::optional<std::string> friendly_name;
  std::optional<SecretString> code;  ///< Verifies it.
  std::optional<json::object> metadata;
};
[[nodiscard]] Verdict<Factor> update_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                            const ServiceId& service, const Entity& entity, const FactorId& id,
                                            const FactorChange& change, Moment& moment);
[[nodiscard]] Verdict<Done> remove_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                          const ServiceId& service, const Entity& entity, const FactorId& id,
                                          Moment& moment);

}  // namespace countersign::usecase::verify
