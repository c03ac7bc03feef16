#include <algorithm>

#include "api/v1/fields.h"
#include "api/v1/filters.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/outbox/deliveries.h"
#include "usecase/outbox/endpoints.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

constexpr std::size_t kEventsMax = 20;

/// Each type once, even if repeated.
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

/// 201 for a new endpoint, 200 for a new secret.
Recorded with_secret(int status, const usecase::NewEndpoint& made) {
  JsonWriter json;
  write_endpoint(json, made.endpoint, &made.secret);
  return {status, json.take()};
}

Recorded queued_delivery(const usecase::DeliveryView& view) {
  JsonWriter json;
  write_delivery(json, view);
  return {202, json.take()};
}

Answer<Recorded> add(const usecase::Work& work, const Call& call) {
  Fields fields(call.body, "", {"url", "events", "secret"});
  usecase::EndpointRequest request;
  request.url = fields.text("url");
  request.secret = fields.optional_text("secret");
  request.events = read_events(fields);
  if (fields.problem()) return fail(*fields.problem());
  return usecase::add_endpoint(work, request).transform([](const auto& made) { return with_secret(201, made); });
}

Answer<std::string> list_endpoints(const usecase::Work& work, const Call&) {
  const auto views = usecase::list_endpoints(work);
  return page_json(
      views, -1, [](JsonWriter& json, const auto& view) { write_endpoint(json, view); },
      [](const auto& view) { return view.id.text(); });
}

Answer<std::string> show_endpoint(const usecase::Work& work, const Call& call) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::show_endpoint(work, *id).transform([](const auto& view) {
    JsonWriter json;
    write_endpoint(json, view);
    return json.take();
  });
}

Answer<Recorded> remove_endpoint(const usecase::Work& work, const Call& call) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::remove_endpoint(work, *id).transform([](Done) { return Recorded{204, ""}; });
}

Answer<Recorded> change(const usecase::Work& work, const Call& call) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"url", "events", "status"});
  usecase::EndpointChange change;
  change.url = fields.optional_text("url");
  if (fields.optional_array("events") != nullptr) change.events = read_events(fields);
  if (const auto status = fields.optional_text("status")) {
    if (*status != "enabled" && *status != "disabled") fields.refuse("status", "must be enabled or disabled");
    change.enabled = *status == "enabled";
  }
  if (fields.problem()) return fail(*fields.problem());
  return usecase::change_endpoint(work, *id, change).transform([](const auto& view) {
    JsonWriter json;
    write_endpoint(json, view);
    return Recorded{200, json.take()};
  });
}

Answer<Recorded> rotate(const usecase::Work& work, const Call& call) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"secret", "overlap_seconds"});
  const auto secret = fields.optional_text("secret");
  const auto overlap = fields.optional_integer("overlap_seconds");
  constexpr std::int64_t kMost = std::chrono::floor<std::chrono::seconds>(usecase::kSecretOverlapMax).count();
  if (overlap && (*overlap < 0 || *overlap > kMost)) fields.refuse("overlap_seconds", "must be 0 to 604800");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::rotate_secret(work, *id, secret, overlap ? std::chrono::seconds(*overlap) : usecase::kSecretOverlap)
      .transform([](const auto& made) { return with_secret(200, made); });
}

Answer<Recorded> test_endpoint(const usecase::Work& work, const Call& call) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::send_test(work, *id).transform(queued_delivery);
}

Answer<Recorded> replay(const usecase::Work& work, const Call& call) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  Fields fields(call.body, "", {"since", "until"});
  store::TimeRange made;
  made.since = fields.optional_time("since");
  made.until = fields.optional_time("until");
  if (!made.since)
    fields.refuse("since", "is required and must be a time with its offset, such as 2026-11-22T16:57:29.744Z");
  if (fields.problem()) return fail(*fields.problem());
  return usecase::replay_failed(work, *id, made).transform([](const auto& replayed) {
    JsonWriter json;
    json.open_object().member("queued", replayed.queued).member("more", replayed.more).close_object();
    return Recorded{202, json.take()};
  });
}

Answer<store::DeliveryFilter> read_delivery_filter(const http::Request& request) {
  store::DeliveryFilter filter;
  const auto limit = page_limit(request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  filter.limit = *limit;
  if (const auto cursor = request.query_value("cursor")) {
    filter.before = DeliveryId::parse(*cursor);
    if (!filter.before) return usecase::refuse_field("cursor", "must be a next_cursor of an earlier page");
  }
  if (const auto status = request.query_value("status")) {
    filter.status = usecase::parse_delivery_status(*status);
    if (!filter.status) return usecase::refuse_field("status", "must be pending, delivered or failed");
  }
  auto type = read_type(request);
  if (!type) return fail(type.error());
  const auto transaction = read_transaction_filter(request);
  if (!transaction) return fail(transaction.error());
  const auto made = read_time_range(request);
  if (!made) return fail(made.error());
  filter.event_type = *std::move(type);
  filter.transaction = *transaction;
  filter.made = *made;
  return filter;
}

Answer<std::string> list_deliveries(const usecase::Work& work, const Call& call) {
  const auto id = WebhookEndpointId::parse(call.request.params[0]);
  if (!id) return usecase::refuse(usecase::Code::kNotFound);
  const auto filter = read_delivery_filter(call.request);
  if (!filter) return fail(filter.error());
  return usecase::list_deliveries(work.tx, work.caller, *id, *filter).transform([&](const auto& list) {
    return page_json(list.views, list.next.transform([](const auto& next) { return next.text(); }),
                     [](JsonWriter& json, const auto& view) { write_delivery(json, view); });
  });
}

Answer<Recorded> retry(const usecase::Work& work, const Call& call) {
  const auto endpoint = WebhookEndpointId::parse(call.request.params[0]);
  const auto id = DeliveryId::parse(call.request.params[1]);
  if (!endpoint || !id) return usecase::refuse(usecase::Code::kNotFound);
  return usecase::retry_delivery(work, *endpoint, *id).transform(queued_delivery);
}

}  // namespace

void add_webhook_routes(http::Router& router, const Api& api) {
  using http::Method;
  router.add(Method::kPost, "/v1/webhook_endpoints", "add_webhook_endpoint", writes(api, Body::kRequired, add, nudge));
  router.add(Method::kGet, "/v1/webhook_endpoints", "list_webhook_endpoints", reads(api, list_endpoints));
  router.add(Method::kGet, "/v1/webhook_endpoints/{id}", "show_webhook_endpoint", reads(api, show_endpoint));
  router.add(Method::kDelete, "/v1/webhook_endpoints/{id}", "remove_webhook_endpoint",
             writes(api, Body::kNone, remove_endpoint, nudge));
  router.add(Method::kPatch, "/v1/webhook_endpoints/{id}", "change_webhook_endpoint",
             writes(api, Body::kRequired, change, nudge));
  router.add(Method::kPost, "/v1/webhook_endpoints/{id}/rotate_secret", "rotate_webhook_secret",
             writes(api, Body::kRequired, rotate));
  router.add(Method::kPost, "/v1/webhook_endpoints/{id}/test", "test_webhook_endpoint",
             writes(api, Body::kEmpty, test_endpoint, nudge));
  router.add(Method::kPost, "/v1/webhook_endpoints/{id}/replay", "replay_failed_deliveries",
             writes(api, Body::kRequired, replay, nudge));
  router.add(Method::kGet, "/v1/webhook_endpoints/{id}/deliveries", "list_deliveries",
             reads(api, list_deliveries, {"status", "type", "transaction", "since", "until", "cursor", "limit"}));
  router.add(Method::kPost, "/v1/webhook_endpoints/{id}/deliveries/{delivery}/retry", "retry_delivery",
             writes(api, Body::kEmpty, retry, nudge));
}

}  // namespace countersign::api::v1
