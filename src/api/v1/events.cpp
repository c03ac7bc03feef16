#include "store/repository/events.h"
#include "api/v1/filters.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "base/encoding.h"

namespace countersign::api::v1 {

namespace {

void write_event(JsonWriter& json, const store::EventRow& event) {
  json.open_object().key("id").text(event.id.text()).key("type").text(event.type);
  json.key("transaction");
  if (event.transaction)
    json.text(event.transaction->text());
  else
    json.null();
  json.key("subject");
  if (event.subject)
    json.text(event.subject->text());
  else
    json.null();
  json.key("actor").text(event.actor).key("source");
  if (event.source_index)
    json.text(to_hex(*event.source_index));
  else
    json.null();
  json.key("request_id")
      .text(event.request_id)
      .key("data")
      .raw(event.data)
      .key("created_at")
      .time(event.created_at)
      .close_object();
}

usecase::Answer<std::string> list_events(const Api&, store::Tx& tx, const Call& call, Moment&) {
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
  const auto page = store::list_events(tx, call.caller.account, filter);
  return page_json(page.rows, page.next.transform([](const auto& id) { return id.text(); }), write_event);
}

}  // namespace

void add_event_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kGet, "/v1/events", "list_events",
             reads(api, list_events, {"transaction", "type", "since", "until", "cursor", "limit"}));
}

}  // namespace countersign::api::v1
