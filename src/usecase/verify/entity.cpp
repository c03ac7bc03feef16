#include "usecase/verify/entity.h"

#include <algorithm>

#include "store/repository/subjects.h"
#include "usecase/journal.h"
#include "usecase/verify/hooks.h"

namespace countersign::usecase::verify {

namespace {

constexpr std::string_view kEntity = "entity";
constexpr std::string_view kFactor = "factor";

Entity entity_of(const store::Resource& resource) {
  return {SubjectId{resource.id}, std::string(json_text(resource.content, "identity").value_or("")),
          resource.created_at, resource.updated_at};
}

/// Nothing for a factor of another service, and for one that is gone. [STD-12]
std::optional<Factor> factor_of(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                                const Entity& entity, store::FactorRow row) {
  if (row.state.status == domain::FactorStatus::kRemoved || row.state.type != domain::Method::kTotp)
    return std::nullopt;
  auto kept = store::find_resource(tx, context.vault, caller.account, kFactor, entity.id.id, row.state.id.id);
  if (row.service ? *row.service != service : !kept && service_of_factor(context, row) != service) return std::nullopt;
  std::string name = store::open_name(context.vault, row);
  if (!kept) {
    const WallTime since = row.state.created_at;
    return Factor{std::move(row), std::move(name), {}, since};
  }
  if (json_text(kept->content, "service") != service.text()) return std::nullopt;
  return Factor{std::move(row), std::move(name), std::move(kept->content), kept->updated_at};
}

Refusal factor_refusal(const Problem& problem) {
  Refusal refusal{Fault::kFactorVerification};
  refusal.keep = true;
  refusal.retry_after = problem.retry_after;
  if (problem.code == Code::kLocked) refusal.fault = Fault::kFactorAttempts;
  if (problem.code == Code::kRateLimited) refusal.fault = Fault::kTooManyRequests;
  if (problem.code == Code::kInvalidField) refusal = {Fault::kInvalidRequest, "AuthPayload"};
  if (problem.code == Code::kNotFound) refusal = {Fault::kNotFound};
  if (problem.code == Code::kTooManyFactors) refusal = {Fault::kTooManyFactors};
  return refusal;
}

store::Resource kept_of(const Caller& caller, const Entity& entity, const FactorId& id, json::object content,
                        WallTime now) {
  return {caller.account, kFactor, entity.id.id, id.id, {}, std::move(content), now, now, std::nullopt};
}

}  // namespace

bool is_identity(std::string_view identity) {
  return identity.size() >= 8 && identity.size() <= 64 && std::ranges::all_of(identity, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
         });
}

Verdict<Entity> create_entity(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                              const std::string& identity, Moment& moment) {
  if (!find_service(tx, context, caller, service)) return refuse(Fault::kNotFound);
  const auto subject = store::ensure_subject(tx, context.vault, caller.account, identity, moment);
  const store::Resource resource{caller.account,           kEntity,    service.id, subject.id,  identity,
                                 {{"identity", identity}}, moment.now, moment.now, std::nullopt};
  if (!store::insert_resource(tx, context.vault, resource, moment.random)) return refuse(Fault::kEntityExists);
  record(tx, context, caller, "entity.created", subject, Facts().text("service", service.text()), moment);
  return entity_of(resource);
}

Verdict<Entity> find_entity(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                            std::string_view identity) {
  const auto found = store::find_named(tx, context.vault, caller.account, kEntity, service.id, identity);
  if (!found) return refuse(Fault::kNotFound);
  return entity_of(*found);
}

std::vector<Entity> list_entities(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                                  const store::ResourceRange& range) {
  std::vector<Entity> entities;
  for (const auto& row : store::list_resources(tx, context.vault, caller.account, kEntity, service.id, range))
    entities.push_back(entity_of(row));
  return entities;
}

Verdict<Done> remove_entity(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                            std::string_view identity, Moment& moment) {
  const auto entity = find_entity(tx, context, caller, service, identity);
  if (!entity) return fail(entity.error());
  for (const auto& factor : list_factors(tx, context, caller, service, *entity)) {
    if (auto removed = remove_factor(tx, context, caller, service, *entity, factor.row.state.id, moment); !removed)
      return removed;
  }
  static_cast<void>(store::delete_resource(tx, caller.account, kEntity, service.id, entity->id.id));
  for (const auto& challenge : store::list_resources(tx, context.vault, caller.account, "challenge", entity->id.id,
                                                     {{}, {}, false, 1'000'000})) {
    if (json_text(challenge.content, "service") != service.text()) continue;  // The same person's elsewhere.
    static_cast<void>(store::delete_resource(tx, caller.account, "challenge", entity->id.id, challenge.id));
  }
  record(tx, context, caller, "entity.removed", entity->id, Facts().text("service", service.text()), moment);
  return Done{};
}

Verdict<CreatedFactor> create_factor(store::Tx& tx, const Context& context, const Caller& caller,
                                     const ServiceId& service_id, const std::string& identity, const NewFactor& given,
                                     Moment& moment) {
  const auto service = find_service(tx, context, caller, service_id);
  if (!service) return refuse(Fault::kNotFound);
  auto entity = find_entity(tx, context, caller, service_id, identity);
  if (!entity) entity = create_entity(tx, context, caller, service_id, identity, moment);
  if (!entity) return fail(entity.error());
  EnrolRequest request{identity, given.friendly_name, given.friendly_name, given.totp};
  request.secret = given.secret;
  request.issuer = service->settings.totp_issuer;
  request.service = service_id;
  auto enrolled = enrol_totp(tx, context, caller, request, moment);
  if (!enrolled) return fail(factor_refusal(enrolled.error()));
  json::object content{{"service", service_id.text()}, {"skew", given.skew}, {"metadata", given.metadata}};
  CS_CHECK(store::insert_resource(tx, context.vault, kept_of(caller, *entity, enrolled->id, content, moment.now),
                                  moment.random));
  auto factor = find_factor(tx, context, caller, service_id, *entity, enrolled->id);
  if (!factor) return fail(factor.error());
  announce_factor(tx, context, caller, "factor.created", service_id, *entity, *factor, moment);
  return CreatedFactor{*std::move(entity), *std::move(factor), *std::move(enrolled)};
}

Verdict<Factor> find_factor(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                            const Entity& entity, const FactorId& id) {
  auto row = store::find_factor(tx, caller.account, entity.id, id);
  auto factor = row ? factor_of(tx, context, caller, service, entity, *std::move(row)) : std::nullopt;
  if (!factor) return refuse(Fault::kNotFound);
  return *std::move(factor);
}

std::int64_t skew_of(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                     const Factor& factor) {
  const auto wanted = json_integer(factor.content, "skew").value_or(1);
  if (domain::totp_skew_bounds({}).hold(wanted)) return wanted;
  const auto found = find_service(tx, context, caller, service);
  return domain::totp_skew_bounds(found ? found->settings.loosened : domain::Loosened{}).nearest(wanted);
}

std::vector<Factor> list_factors(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                                 const Entity& entity) {
  std::vector<Factor> factors;
  for (auto& row : store::factors_of(tx, caller.account, entity.id)) {
    if (auto factor = factor_of(tx, context, caller, service, entity, std::move(row)))
      factors.push_back(*std::move(factor));
  }
  std::reverse(factors.begin(), factors.end());
  return factors;
}

Verdict<Factor> update_factor(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                              const Entity& entity, const FactorId& id, const FactorChange& change, Moment& moment) {
  auto factor = find_factor(tx, context, caller, service, entity, id);
  if (!factor) return factor;
  if (change.code && factor->row.state.status == domain::FactorStatus::kUnconfirmed) {
    const ConfirmTerms terms{BindFactor::kGiven, {}, skew_of(tx, context, caller, service, *factor)};
    const auto confirmed = confirm_factor(tx, context, caller, entity.identity, id, *change.code, moment, terms);
    if (!confirmed) return fail(factor_refusal(confirmed.error()));
    factor = find_factor(tx, context, caller, service, entity, id);
    if (!factor) return factor;
    announce_factor(tx, context, caller, "factor.verified", service, entity, *factor, moment);
  }
  if (change.friendly_name)
    store::rename_factor(tx, context.vault, caller.account, id, *change.friendly_name, moment.random);
  if (change.metadata) factor->content["metadata"] = *change.metadata;
  if ((change.code || change.friendly_name || change.metadata) && !factor->content.empty())
    store::save_resource(tx, context.vault, kept_of(caller, entity, id, factor->content, moment.now), moment.random);
  return find_factor(tx, context, caller, service, entity, id);
}

Verdict<Done> remove_factor(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                            const Entity& entity, const FactorId& id, Moment& moment) {
  const auto factor = find_factor(tx, context, caller, service, entity, id);
  if (!factor) return fail(factor.error());
  if (!usecase::remove_factor(tx, context, caller, entity.identity, id, moment)) return refuse(Fault::kNotFound);
  static_cast<void>(store::delete_resource(tx, caller.account, kFactor, entity.id.id, id.id));
  announce_factor(tx, context, caller, "factor.deleted", service, entity, *factor, moment);
  return Done{};
}

}  // namespace countersign::usecase::verify
