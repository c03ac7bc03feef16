#include "usecase/events.h"
#include "api/v1/filters.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"

namespace countersign::api::v1 {

namespace {

void write_event(JsonWriter& json, const usecase::EventView& event) {
  json.open_object().member("id", event.id).member("type", event.type);
  json.member("transaction", event.transaction).member("subject", event.subject);
  json.member("actor", event.actor).member("source", event.source).member("request_id", event.request_id);
  json.raw_member("data", event.data).member("created_at", event.created_at).close_object();
}

usecase::Answer<std::string> list_events(const usecase::Work& work, const Call& call) {
  store::EventFilter filter;
  const auto limit = page_limit(call.request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  filter.limit = *limit;
  if (const auto cursor = call.request.query_value("cursor")) {
    filter.after = EventId::parse(*cursor);
    if (!filter.after) return usecase::refuse_field("cursor", "must be a next_cursor of an earlier page");
  }
  const auto transaction = read_transaction_filter(call.request);
  if (!transaction) return fail(transaction.error());
  auto type = read_type(call.request);
  if (!type) return fail(type.error());
  const auto made = read_time_range(call.request);
  if (!made) return fail(made.error());
  filter.transaction = *transaction;
  filter.type = *std::move(type);
  filter.made = *made;
  const auto list = usecase::list_events(work.tx, work.caller, filter);
  return page_json(list.views, list.next.transform([](const auto& id) { return id.text(); }), write_event);
}

}  // namespace

void add_event_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kGet, "/v1/events", "list_events",
             reads(api, list_events, {"transaction", "type", "since", "until", "cursor", "limit"}));
}

}  // namespace countersign::api::v1
