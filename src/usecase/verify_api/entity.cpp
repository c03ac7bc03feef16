#include "usecase/verify_api/entity.h"

#include <algorithm>

#include "base/ascii.h"
#include "store/repository/subjects.h"
#include "usecase/audit_log.h"
#include "usecase/verify_api/device.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr std::string_view kEntity = "entity";
constexpr std::string_view kFactor = kFactorKind;

Entity entity_of(const store::Resource& resource) {
  return {SubjectId{resource.id}, std::string(json_text(resource.content, "identity").value_or("")),
          resource.created_at, resource.updated_at};
}

/// Nothing for a factor of another service or a removed one. What the native API enrolled has no stored content before
/// its first metadata, and no service in it. [STD-12]
std::optional<Factor> factor_of(const Work& work, const ServiceId& service, const Entity& entity,
                                store::FactorRow row) {
  const bool is_passkey = row.state.type == domain::Method::kWebauthn;
  const bool is_served =
      is_passkey || row.state.type == domain::Method::kTotp || device_of(work.context.vault, row).has_value();
  if (row.state.status == domain::FactorStatus::kRemoved || !is_served) return std::nullopt;
  const bool offered = is_passkey && row.state.status == domain::FactorStatus::kUnconfirmed;
  auto stored = store::find_resource(work.tx, work.context.vault, work.caller.account, offered ? kOfferKind : kFactor,
                                     offered ? service.id : entity.id.id, row.state.id.id);
  const auto made_for = stored ? json_text(stored->content, "service") : std::nullopt;
  if (made_for && *made_for != service.text()) return std::nullopt;
  if (row.service ? *row.service != service : !made_for && service_of_factor(work.context, row) != service)
    return std::nullopt;
  std::string name = store::open_name(work.context.vault, row);
  if (!stored) {
    const WallTime since = row.state.created_at;
    return Factor{std::move(row), std::move(name), {}, since};
  }
  return Factor{std::move(row), std::move(name), std::move(stored->content), stored->updated_at};
}

Refusal factor_refusal(const Problem& problem) {
  Refusal refusal{ErrorCode::kFactorVerification};
  refusal.keep = true;
  refusal.retry_after = problem.retry_after;
  if (problem.code == Code::kLocked) refusal.fault = ErrorCode::kFactorAttempts;
  if (problem.code == Code::kRateLimited) refusal.fault = ErrorCode::kTooManyRequests;
  if (problem.code == Code::kInvalidField) refusal = {ErrorCode::kInvalidRequest, "AuthPayload"};
  if (problem.code == Code::kNotFound) refusal = {ErrorCode::kNotFound};
  if (problem.code == Code::kTooManyFactors) refusal = {ErrorCode::kTooManyFactors};
  return refusal;
}

store::Resource resource_of(const Caller& caller, const Entity& entity, const FactorId& id, json::object content,
                            WallTime now) {
  return {caller.account, kFactor, entity.id.id, id.id, {}, std::move(content), now, now, std::nullopt};
}

}  // namespace

bool is_identity(std::string_view identity) {
  return identity.size() >= 8 && identity.size() <= 64 &&
         std::ranges::all_of(identity, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

Verdict<Entity> create_entity(const Work& work, const ServiceId& service, const std::string& identity) {
  if (!find_service(work, service)) return refuse(ErrorCode::kNotFound);
  const auto subject = store::ensure_subject(work.tx, work.context.vault, work.caller.account, identity, work.moment);
  const store::Resource resource{work.caller.account,      kEntity,         service.id,      subject.id,  identity,
                                 {{"identity", identity}}, work.moment.now, work.moment.now, std::nullopt};
  if (!store::insert_resource(work.tx, work.context.vault, resource, work.moment.random))
    return refuse(ErrorCode::kEntityExists);
  record(work, "entity.created", subject, Facts().text("service", service.text()));
  return entity_of(resource);
}

Verdict<Entity> find_entity(const Work& work, const ServiceId& service, std::string_view identity) {
  const auto found = store::find_named(work.tx, work.context.vault, work.caller.account, kEntity, service.id, identity);
  if (!found) return refuse(ErrorCode::kNotFound);
  return entity_of(*found);
}

Verdict<Entity> find_entity(const Work& work, const ServiceId& service, const SubjectId& id) {
  const auto found = store::find_resource(work.tx, work.context.vault, work.caller.account, kEntity, service.id, id.id);
  if (!found) return refuse(ErrorCode::kNotFound);
  return entity_of(*found);
}

std::vector<Entity> list_entities(const Work& work, const ServiceId& service, const store::ResourceRange& range) {
  std::vector<Entity> entities;
  for (const auto& row :
       store::list_resources(work.tx, work.context.vault, work.caller.account, kEntity, service.id, range))
    entities.push_back(entity_of(row));
  return entities;
}

Verdict<Done> remove_entity(const Work& work, const ServiceId& service, std::string_view identity) {
  const auto entity = find_entity(work, service, identity);
  if (!entity) return fail(entity.error());
  for (const auto& factor : list_factors(work, service, *entity)) {
    if (auto removed = remove_factor(work, service, *entity, factor.row.state.id); !removed) return removed;
  }
  static_cast<void>(store::delete_resource(work.tx, work.caller.account, kEntity, service.id, entity->id.id));
  for (const auto& challenge : store::list_resources(work.tx, work.context.vault, work.caller.account, "challenge",
                                                     entity->id.id, {{}, {}, false, 1'000'000})) {
    if (json_text(challenge.content, "service") != service.text())
      continue;  // Belongs to the same person at another service.
    static_cast<void>(store::delete_resource(work.tx, work.caller.account, "challenge", entity->id.id, challenge.id));
  }
  record(work, "entity.removed", entity->id, Facts().text("service", service.text()));
  return Done{};
}

Verdict<CreatedFactor> create_factor(const Work& work, const ServiceId& service_id, const std::string& identity,
                                     const NewFactor& given) {
  const auto service = find_service(work, service_id);
  if (!service) return refuse(ErrorCode::kNotFound);
  auto entity = find_entity(work, service_id, identity);
  if (!entity) entity = create_entity(work, service_id, identity);
  if (!entity) return fail(entity.error());
  EnrolRequest request{identity, given.friendly_name, given.friendly_name, given.totp};
  request.secret = given.secret;
  request.issuer = service->settings.totp_issuer;
  request.service = service_id;
  auto enrolled = enrol_totp(work, request);
  if (!enrolled) return fail(factor_refusal(enrolled.error()));
  json::object content{{"service", service_id.text()}, {"skew", given.skew}, {"metadata", given.metadata}};
  keep_content(work, *entity, enrolled->id, std::move(content));
  auto factor = find_factor(work, service_id, *entity, enrolled->id);
  if (!factor) return fail(factor.error());
  enqueue_factor_webhook(work, "factor.created", service_id, *entity, *factor);
  return CreatedFactor{*std::move(entity), *std::move(factor), *std::move(enrolled)};
}

void keep_content(const Work& work, const Entity& entity, const FactorId& id, json::object content) {
  CS_CHECK(store::insert_resource(work.tx, work.context.vault,
                                  resource_of(work.caller, entity, id, std::move(content), work.moment.now),
                                  work.moment.random));
}

std::string_view type_name(const Factor& factor) {
  if (factor.row.state.type == domain::Method::kPush) return "push";
  return factor.row.state.type == domain::Method::kWebauthn ? "passkeys" : "totp";
}

Verdict<Factor> find_factor(const Work& work, const ServiceId& service, const Entity& entity, const FactorId& id) {
  auto row = store::find_factor(work.tx, work.caller.account, entity.id, id);
  auto factor = row ? factor_of(work, service, entity, *std::move(row)) : std::nullopt;
  if (!factor) return refuse(ErrorCode::kNotFound);
  return *std::move(factor);
}

bool is_in_force(const domain::standing::History& history, const Factor& factor) {
  const auto* binding = own_living(history, factor.row.state.id.id);
  return binding != nullptr && !binding->stopped;
}

std::int64_t skew_of(const Work& work, const ServiceId& service, const Factor& factor) {
  const auto wanted = json_integer(factor.content, "skew").value_or(1);
  if (domain::totp_skew_bounds({}).hold(wanted)) return wanted;
  const auto found = find_service(work, service);
  return domain::totp_skew_bounds(found ? found->settings.loosened : domain::Loosened{}).nearest(wanted);
}

std::vector<Factor> list_factors(const Work& work, const ServiceId& service, const Entity& entity) {
  std::vector<Factor> factors;
  for (auto& row : store::factors_of(work.tx, work.caller.account, entity.id)) {
    if (auto factor = factor_of(work, service, entity, std::move(row))) factors.push_back(*std::move(factor));
  }
  std::reverse(factors.begin(), factors.end());
  return factors;
}

Verdict<Factor> update_factor(const Work& work, const ServiceId& service, const Entity& entity, const FactorId& id,
                              const FactorChange& change) {
  auto factor = find_factor(work, service, entity, id);
  if (!factor) return factor;
  const bool is_passkey = factor->row.state.type == domain::Method::kWebauthn;
  const bool is_device = factor->row.state.type == domain::Method::kPush;
  if (!is_device && change.answer != nullptr) return refuse(ErrorCode::kInvalidRequest, "AuthPayload");
  if (is_passkey && change.code)
    return refuse(ErrorCode::kInvalidRequest, "AuthPayload: passkeys are verified at /Passkeys/VerifyFactor");
  if (is_passkey && change.metadata && factor->row.state.status == domain::FactorStatus::kUnconfirmed)
    return refuse(ErrorCode::kInvalidRequest, "Metadata: verify the passkey first");
  const bool is_unconfirmed = factor->row.state.status == domain::FactorStatus::kUnconfirmed;
  if (change.code && is_unconfirmed && !is_device) {
    const ConfirmTerms terms{BindFactor::kGiven, {}, skew_of(work, service, *factor)};
    const auto confirmed = confirm_factor(work, entity.identity, id, *change.code, terms);
    if (!confirmed) return fail(factor_refusal(confirmed.error()));
    factor = find_factor(work, service, entity, id);
    if (!factor) return factor;
    enqueue_factor_webhook(work, "factor.verified", service, entity, *factor);
  }
  if (change.friendly_name)
    store::rename_factor(work.tx, work.context.vault, work.caller.account, id, *change.friendly_name,
                         work.moment.random);
  if (is_device && is_unconfirmed && (change.answer != nullptr || change.code)) {
    // What is as short as a code is no signature.
    const auto verified =
        verify_device(work, entity, *factor, change.answer != nullptr ? *change.answer : SignedAnswer{});
    if (!verified) return fail(verified.error());
    factor = find_factor(work, service, entity, id);
    if (!factor) return factor;
    enqueue_factor_webhook(work, "factor.verified", service, entity, *factor);
  }
  const bool offered = is_passkey && factor->row.state.status == domain::FactorStatus::kUnconfirmed;
  const bool has_content = !factor->content.empty() && !offered;
  if (change.metadata) factor->content["metadata"] = *change.metadata;
  const bool configures = is_device && change.config && !change.config->empty();
  if (configures) {
    json::object config = device_config(*factor);
    merge_into(config, *change.config);
    config.erase("credential_sid");
    factor->content["config"] = std::move(config);
  }
  const auto resource = resource_of(work.caller, entity, id, factor->content, work.moment.now);
  if (has_content && (change.code || change.answer != nullptr || change.friendly_name || change.metadata || configures))
    store::save_resource(work.tx, work.context.vault, resource, work.moment.random);
  if (!has_content && change.metadata)
    CS_CHECK(store::insert_resource(work.tx, work.context.vault, resource, work.moment.random));
  if (change.friendly_name || change.metadata || configures)
    record(work, "factor.updated", entity.id, Facts().text("factor", id.text()));
  return find_factor(work, service, entity, id);
}

Verdict<Done> remove_factor(const Work& work, const ServiceId& service, const Entity& entity, const FactorId& id) {
  const auto factor = find_factor(work, service, entity, id);
  if (!factor) return fail(factor.error());
  if (!usecase::remove_factor(work, entity.identity, id)) return refuse(ErrorCode::kNotFound);
  static_cast<void>(store::delete_resource(work.tx, work.caller.account, kFactor, entity.id.id, id.id));
  static_cast<void>(store::delete_resource(work.tx, work.caller.account, kOfferKind, service.id, id.id));
  enqueue_factor_webhook(work, "factor.deleted", service, entity, *factor);
  return Done{};
}

}  // namespace countersign::usecase::verify_api
