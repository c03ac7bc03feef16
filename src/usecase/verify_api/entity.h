#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/standing/history.h"
#include "store/repository/factors.h"
#include "store/repository/resources.h"
#include "usecase/subject/enrol.h"
#include "usecase/verify_api/service.h"

namespace countersign::usecase::verify_api {

// An entity is a subject of a service, found by its identity, and its factors are factors of that subject: a factor
// enrolled here proves transactions of the native API, and the other way round.

struct SignedAnswer;  // device.h

struct Entity {
  SubjectId id;
  std::string identity;
  WallTime created_at;
  WallTime updated_at;
};

/// 8 to 64 letters, digits and hyphens.
[[nodiscard]] bool is_identity(std::string_view identity);

[[nodiscard]] Verdict<Entity> create_entity(const Work& work, const ServiceId& service, const std::string& identity);
[[nodiscard]] Verdict<Entity> find_entity(const Work& work, const ServiceId& service, std::string_view identity);
[[nodiscard]] Verdict<Entity> find_entity(const Work& work, const ServiceId& service, const SubjectId& id);
[[nodiscard]] std::vector<Entity> list_entities(const Work& work, const ServiceId& service,
                                                const store::ResourceRange& range);
/// With its factors and challenges at this service.
[[nodiscard]] Verdict<Done> remove_entity(const Work& work, const ServiceId& service, std::string_view identity);

struct Factor {
  store::FactorRow row;
  std::string name;
  /// Additional data of this protocol: service, skew or config, metadata. Native factors: metadata alone.
  json::object content;
  WallTime updated_at;
};

/// Of an entity: the additional data of a factor.
inline constexpr std::string_view kFactorKind = "factor";

/// `totp`, `passkeys`, `push`: as this API names it.
[[nodiscard]] std::string_view type_name(const Factor& factor);

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
/// Makes an authenticator app, unverified, and its entity if there is none.
[[nodiscard]] Verdict<CreatedFactor> create_factor(const Work& work, const ServiceId& service,
                                                   const std::string& identity, const NewFactor& given);

/// Keeps the additional data of a new or confirmed factor.
void keep_content(const Work& work, const Entity& entity, const FactorId& id, json::object content);
/// The resource of a passkey's registration: named by its challenge, it leads to the factor, and is forgotten a day
/// after it is over.
inline constexpr std::string_view kOfferKind = "passkey_offer";

/// An app, passkey or device of this service, enrolled through either API. [STD-12]
[[nodiscard]] Verdict<Factor> find_factor(const Work& work, const ServiceId& service, const Entity& entity,
                                          const FactorId& id);
/// Whether it may answer a challenge: it was not dropped, and no objection to it is undecided. [STD-8, STD-11] Of the
/// history of its entity at its service.
[[nodiscard]] bool is_in_force(const domain::standing::History& history, const Factor& factor);
/// Accepted time steps to either side, within the limits of the configuration.
[[nodiscard]] std::int64_t skew_of(const Work& work, const ServiceId& service, const Factor& factor);
/// Oldest first.
[[nodiscard]] std::vector<Factor> list_factors(const Work& work, const ServiceId& service, const Entity& entity);

struct FactorChange {
  std::optional<std::string> friendly_name;
  std::optional<SecretString> code;  ///< Verifies an app.
  std::optional<json::object> metadata;
  std::optional<json::object> config{};  ///< The members that change; of a device alone.
  const SignedAnswer* answer = nullptr;  ///< Verifies a device.
};
[[nodiscard]] Verdict<Factor> update_factor(const Work& work, const ServiceId& service, const Entity& entity,
                                            const FactorId& id, const FactorChange& change);
[[nodiscard]] Verdict<Done> remove_factor(const Work& work, const ServiceId& service, const Entity& entity,
                                          const FactorId& id);

}  // namespace countersign::usecase::verify_api
