#include <algorithm>

#include "api/v1/fields.h"
#include "api/v1/filters.h"
#include "api/v1/render.h"
#include "api/v1/routes.h"
#include "usecase/test_mode/clock.h"
#include "usecase/test_mode/work.h"

namespace countersign::api::v1 {

namespace {

using usecase::Answer;
using usecase::Recorded;

/// Nothing of live accounts has a clock of its own, or messages that anybody could read.
Answer<Done> with_test_key(const Call& call) {
  if (is_test(call.caller.account)) return Done{};
  return usecase::refuse(usecase::Code::kTestKeyRequired, "this is for keys that begin with test_");
}

std::string clock_json(const usecase::TestClock& clock) {
  JsonWriter json;
  json.open_object().key("now").time(clock.now);
  json.key("ahead_seconds").number(std::chrono::duration_cast<std::chrono::seconds>(clock.ahead).count());
  return json.key("test").boolean(true).close_object().take();
}

Answer<std::string> show_clock(const Api& api, store::Tx& tx, const Call& call, Moment&) {
  if (const auto allowed = with_test_key(call); !allowed) return fail(allowed.error());
  return clock_json(usecase::show_test_clock(tx, call.caller.account, api.clock.now()));
}

Answer<Recorded> advance_clock(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  if (const auto allowed = with_test_key(call); !allowed) return fail(allowed.error());
  Fields fields(call.body, "", {"advance_seconds"});
  const std::int64_t by = fields.optional_integer("advance_seconds").value_or(0);
  if (fields.problem()) return fail(*fields.problem());
  // What is too much is so by far; nothing may overflow on the way there.
  constexpr std::int64_t kMost = 1'000'000'000;
  const auto seconds = std::chrono::seconds(std::clamp<std::int64_t>(by, 0, kMost));
  return usecase::advance_test_clock(tx, api.context, call.caller, seconds, moment)
      .transform([](const usecase::TestClock& clock) { return Recorded{200, clock_json(clock)}; });
}

void write_test_message(JsonWriter& json, const usecase::TestMessage& m) {
  json.open_object().key("id").text(m.id.text()).key("channel").text(m.channel).key("to").text(m.to);
  json.key("subject").text_or_null(m.subject.empty() ? std::nullopt : std::optional(m.subject));
  json.key("body").text(m.body);
  json.key("code").text_or_null(m.code.expose().empty() ? std::nullopt : std::optional(m.code.expose()));
  json.key("transaction").text_or_null(m.transaction.transform([](const auto& id) { return id.text(); }));
  json.key("verification").text_or_null(m.verification.transform([](const auto& id) { return id.text(); }));
  json.key("created_at").time(m.arrived_at).close_object();
}

Answer<std::string> list_messages(const Api& api, store::Tx& tx, const Call& call, Moment& moment) {
  if (const auto allowed = with_test_key(call); !allowed) return fail(allowed.error());
  usecase::TestMessageFilter filter;
  const auto limit = page_limit(call.request);
  if (!limit) return usecase::refuse_field("limit", "must be 1 to 200");
  const auto transaction = read_transaction_filter(call.request);
  if (!transaction) return fail(transaction.error());
  filter.limit = *limit;
  filter.transaction = *transaction;
  filter.to = call.request.query_value("to");
  JsonWriter json;
  json.open_object().key("data").open_array();
  for (const auto& message : usecase::list_test_messages(tx, api.context, call.caller.account, filter, moment.now))
    write_test_message(json, message);
  return json.close_array().key("test").boolean(true).close_object().take();
}

}  // namespace

void add_test_mode_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kGet, "/v1/test/clock", "show_test_clock", reads(api, show_clock));
  router.add(http::Method::kPost, "/v1/test/clock", "advance_test_clock", writes(api, Body::kRequired, advance_clock));
  router.add(http::Method::kGet, "/v1/test/messages", "list_test_messages",
             reads(api, list_messages, {"to", "transaction", "limit"}));
}

}  // namespace countersign::api::v1
