#include <fmt/format.h>

#include "api/twilio/entity_json.h"
#include "api/twilio/params.h"
#include "api/twilio/routes.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

Verdict<Answered> create_entity(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  Params params(call.form, ErrorCode::kInvalidRequest);
  const auto identity = params.required("Identity", 64, 8);
  if (!verify_api::is_identity(identity)) params.refuse("Identity");
  if (params.refusal()) return countersign::fail(*params.refusal());
  return verify_api::create_entity(work, *service, identity).transform([&](const verify_api::Entity& entity) {
    return Answered{201, entity_json(twilio, call, entity)};
  });
}

Verdict<Answered> show_entity(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  return entity_in(work, call).transform([&](const verify_api::Entity& entity) {
    return Answered{200, entity_json(twilio, call, entity)};
  });
}

Verdict<Answered> remove_entity(const Twilio&, const usecase::Work& work, const Call& call) {
  const auto entity = entity_in(work, call);
  if (!entity) return countersign::fail(entity.error());
  return verify_api::remove_entity(work, *service_in(call), entity->identity).transform([](Done) {
    return Answered{204};
  });
}

Verdict<Answered> list_entities(const Twilio& twilio, const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  const auto page = read_page(call, ErrorCode::kInvalidRequest);
  if (!page) return countersign::fail(page.error());
  std::vector<Item> items;
  for (const auto& entity : verify_api::list_entities(work, *service, page->range()))
    items.emplace_back(entity.id.id, entity_json(twilio, call, entity));
  return page_of(call, work.context.settings.public_url, "entities", *page, std::move(items));
}

}  // namespace

Verdict<verify_api::Entity> entity_in(const usecase::Work& work, const Call& call) {
  const auto service = owned_service(work, call);
  if (!service) return refuse(ErrorCode::kNotFound);
  return verify_api::find_entity(work, *service, call.request.params.at(1));
}

std::string entity_url(const Twilio& twilio, const Call& call, std::string_view identity) {
  return fmt::format("{}/v2/Services/{}/Entities/{}", twilio.api.context.settings.public_url, call.request.params.at(0),
                     identity);
}

std::string entity_json(const Twilio& twilio, const Call& call, const verify_api::Entity& entity) {
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
}

}  // namespace countersign::api::twilio
