#include <algorithm>

#include "api/v1/fields.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/endpoints.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

constexpr std::size_t kEventsMax = 20;

/// Each type once, however often it is named.
std::vector<std::string> read_events(Fields& fields) {
  std::vector<std::string> events;
  const auto* array = fields.optional_array("events");
  if (array == nullptr) return events;
  if (array->size() > kEventsMax) fields.refuse("events", "must have at most 20 entries");
  for (std::size_t i = 0; i < array->size() && !fields.problem(); ++i) {
    const auto& event = (*array)[i];
    if (!event.is_string())
      fields.refuse("events", "must be an array of strings");
    else if (std::string text(event.get_string()); std::ranges::find(events, text) == events.end())
      events.push_back(std::move(text));
  }
  return events;
}

Answer<Recorded> add(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  Fields fields(call.body, "", {"url", "events", "secret"});
  usecase::EndpointRequest request;
  request.url = fields.text("url");
  request.secret = fields.optional_text("secret");
  request.events = read_events(fields);
  if (fields.problem()) return fail(*fields.problem());
  return usecase::add_endpoint(tx, api.context, call.caller, request, moment)
      .transform([](const usecase::NewEndpoint& made) {
        JsonWriter json;
        write_endpoint(json, made.endpoint, &made.secret);
        return Recorded{201, json.take()};
      });
}

Answer<std::string> list_endpoints(const Api& api, store::Tx& tx, const Call& call, Moment&) {
  const auto views = usecase::list_endpoints(tx, api.context, call.caller);
  return page_json(
      views, -1, [](JsonWriter& json, const auto& view) { write_endpoint(json, view); },
      [](const auto& view) { return view.id.text(); });
}

Answer<std::string> show_endpoint(const Api& api, store::Tx& tx, const Call& call, Moment&) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::show_endpoint(tx, api.context, call.caller, *id).transform([](const auto& view) {
    JsonWriter json;
    write_endpoint(json, view);
    return json.take();
  });
}

Answer<Recorded> remove_endpoint(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::remove_endpoint(tx, api.context, call.caller, *id, moment).transform([](Done) {
    return Recorded{204, ""};
  });
}

Answer<std::string> list_deliveries(const Api&, store::Tx& tx, const Call& call, Moment&) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto limit = page_limit(call.request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  std::optional<DeliveryId> before;
  if (const auto cursor = call.request.query_value("cursor")) {
    before = DeliveryId::parse(*cursor);
    if (!before) return usecase::refuse_field("cursor", "must be a next_cursor of an earlier page");
  }
  return usecase::list_deliveries(tx, call.caller, *id, before, *limit).transform([&](const auto& views) {
    return page_json(
        views, *limit, [](JsonWriter& json, const auto& view) { write_delivery(json, view); },
        [](const auto& view) { return view.row.id.text(); });
  });
}

Answer<Recorded> retry(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  const auto endpoint = WebhookEndpointId::parse(call.request.params[0]);
  const auto id = DeliveryId::parse(call.request.params[1]);
  if (!endpoint || !id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::retry_delivery(tx, api.context, call.caller, *endpoint, *id, moment).transform([](const auto& view) {
    JsonWriter json;
    write_delivery(json, view);
    return Recorded{202, json.take()};
  });
}

}  // namespace

void add_webhook_routes(http::Router& router, const Api& api) {
  using http::Method;
  const auto nudge = [&api] { api.courier.nudge(); };
  router.add(Method::kPost, "/v1/webhook_endpoints", "add_webhook_endpoint", writes(api, Body::kRequired, add, nudge));
  router.add(Method::kGet, "/v1/webhook_endpoints", "list_webhook_endpoints", reads(api, list_endpoints));
  router.add(Method::kGet, "/v1/webhook_endpoints/{id}", "show_webhook_endpoint", reads(api, show_endpoint));
  router.add(Method::kDelete, "/v1/webhook_endpoints/{id}", "remove_webhook_endpoint",
             writes(api, Body::kNone, remove_endpoint, nudge));
  router.add(Method::kGet, "/v1/webhook_endpoints/{id}/deliveries", "list_deliveries",
             reads(api, list_deliveries, {"cursor", "limit"}));
  router.add(Method::kPost, "/v1/webhook_endpoints/{id}/deliveries/{delivery}/retry", "retry_delivery",
             writes(api, Body::kEmpty, retry, nudge));
}

}  // namespace countersign::api::v1
