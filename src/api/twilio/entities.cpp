#include <fmt/format.h>

#include "api/twilio/entity_json.h"
#include "api/twilio/params.h"
#include "api/twilio/routes.h"

namespace countersign::api::twilio {

namespace {

namespace verify = usecase::verify;

Verdict<Answered> create_entity(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  Params params(call.form, Fault::kInvalidRequest);
  const auto identity = params.required("Identity", 64, 8);
  if (!verify::is_identity(identity)) params.refuse("Identity");
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify::create_entity(tx, twilio.api.context, call.caller, *service, identity, moment)
      .transform([&](const verify::Entity& entity) { return Answered{201, entity_json(twilio, call, entity)}; });
}

Verdict<Answered> show_entity(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  return entity_in(twilio, tx, call).transform([&](const verify::Entity& entity) {
    return Answered{200, entity_json(twilio, call, entity)};
  });
}

Verdict<Answered> remove_entity(const Twilio& twilio, store::Tx& tx, const Call& call, Moment& moment) {
  const auto entity = entity_in(twilio, tx, call);
  if (!entity) return countersign::fail(entity.error());
  return verify::remove_entity(tx, twilio.api.context, call.caller, *service_in(call), entity->identity, moment)
      .transform([](Done) { return Answered{204}; });
}

Verdict<Answered> list_entities(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  const auto page = read_page(call, Fault::kInvalidRequest);
  if (!page) return countersign::fail(page.error());
  const auto& context = twilio.api.context;
  std::vector<Item> items;
  for (const auto& entity : verify::list_entities(tx, context, call.caller, *service, page->range()))
    items.emplace_back(entity.id.id, entity_json(twilio, call, entity));
  return page_of(call, context.settings.public_url, "entities", *page, std::move(items));
}

/// Push and passkeys are not served: the error of a service that has a feature not enabled.
Verdict<Answered> not_enabled(const Twilio& twilio, store::Tx& tx, const Call& call, Moment&) {
  if (!owned_service(twilio, tx, call)) return refuse(Fault::kNotFound);
  return refuse(Fault::kFeatureNotEnabled);
}

Verdict<Answered> never_made(const Twilio&, store::Tx&, const Call&, Moment&) { return refuse(Fault::kNotFound); }

}  // namespace

Verdict<verify::Entity> entity_in(const Twilio& twilio, store::Tx& tx, const Call& call) {
  const auto service = owned_service(twilio, tx, call);
  if (!service) return refuse(Fault::kNotFound);
  return verify::find_entity(tx, twilio.api.context, call.caller, *service, call.request.params.at(1));
}

std::string entity_url(const Twilio& twilio, const Call& call, std::string_view identity) {
  return fmt::format("{}/v2/Services/{}/Entities/{}", twilio.api.context.settings.public_url, call.request.params.at(0),
                     identity);
}

std::string entity_json(const Twilio& twilio, const Call& call, const verify::Entity& entity) {
  const std::string url = entity_url(twilio, call, entity.identity);
  return canonical_json(json::object{{"sid", entity.id.text()},
                                     {"identity", entity.identity},
                                     {"account_sid", call.caller.account.text()},
                                     {"service_sid", call.request.params.at(0)},
                                     {"date_created", date_text(entity.created_at)},
                                     {"date_updated", date_text(entity.updated_at)},
                                     {"url", url},
                                     {"links", json::object{{"factors", url + "/Factors"},
                                                            {"new_factors", url + "/Factors"},
                                                            {"challenges", url + "/Challenges"}}}});
}

void add_entity_routes(http::Router& router, const Twilio& twilio) {
  const Routes routes{router, twilio};
  routes.collection("/v2/Services/{service}/Entities", "verify_entity", create_entity, list_entities);
  routes.member("/v2/Services/{service}/Entities/{identity}", "verify_entity", show_entity, nullptr, remove_entity);
  using http::Method::kPost;
  routes.write(kPost, "/v2/Services/{service}/AccessTokens", "verify_access_token_create", not_enabled);
  routes.read("/v2/Services/{service}/AccessTokens/{sid}", "verify_access_token_show", never_made);
  routes.write(kPost, "/v2/Services/{service}/Passkeys/Factors", "verify_passkey_create", not_enabled);
  routes.write(kPost, "/v2/Services/{service}/Passkeys/VerifyFactor", "verify_passkey_verify", not_enabled);
  routes.write(kPost, "/v2/Services/{service}/Passkeys/Challenges", "verify_passkey_challenge", not_enabled);
  routes.write(kPost, "/v2/Services/{service}/Passkeys/ApproveChallenge", "verify_passkey_approve", not_enabled);
}

}  // namespace countersign::api::twilio
