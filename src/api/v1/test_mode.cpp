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

/// Live accounts have no clock of their own, and no readable messages.
Answer<Done> with_test_key(const Call& call) {
  if (is_test(call.caller.account)) return Done{};
  return usecase::refuse(usecase::Code::kTestKeyRequired, "this is for keys that begin with test_");
}

std::string clock_json(const usecase::TestClock& clock) {
  JsonWriter json;
  json.open_object().member("now", clock.now);
  json.member("ahead_seconds", std::chrono::duration_cast<std::chrono::seconds>(clock.ahead).count());
  return json.member("test", true).close_object().take();
}

Answer<std::string> show_clock(const usecase::Work& work, const Call& call, WallTime machine) {
  if (const auto allowed = with_test_key(call); !allowed) return fail(allowed.error());
  return clock_json(usecase::show_test_clock(work.tx, work.caller.account, machine));
}

Answer<Recorded> advance_clock(const usecase::Work& work, const Call& call) {
  if (const auto allowed = with_test_key(call); !allowed) return fail(allowed.error());
  Fields fields(call.body, "", {"advance_seconds"});
  const std::int64_t by = fields.optional_integer("advance_seconds").value_or(0);
  if (fields.problem()) return fail(*fields.problem());
  // Too large is refused later; this only prevents overflow.
  constexpr std::int64_t kMost = 1'000'000'000;
  const auto seconds = std::chrono::seconds(std::clamp<std::int64_t>(by, 0, kMost));
  return usecase::advance_test_clock(work, seconds).transform([](const usecase::TestClock& clock) {
    return Recorded{200, clock_json(clock)};
  });
}

void write_test_message(JsonWriter& json, const usecase::TestMessage& m) {
  json.open_object().member("id", m.id).member("channel", m.channel).member("to", m.to);
  json.member("subject", unless_empty(m.subject));
  json.member("body", m.body);
  json.member("code", unless_empty(m.code.expose()));
  json.member("transaction", m.transaction);
  json.member("verification", m.verification);
  json.member("created_at", m.arrived_at).close_object();
}

Answer<std::string> list_messages(const usecase::Work& work, const Call& call) {
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
  for (const auto& message :
       usecase::list_test_messages(work.tx, work.context, work.caller.account, filter, work.moment.now))
    write_test_message(json, message);
  return json.close_array().member("test", true).close_object().take();
}

}  // namespace

void add_test_mode_routes(http::Router& router, const Api& api) {
  router.add(http::Method::kGet, "/v1/test/clock", "show_test_clock",
             reads(api, [&api](const usecase::Work& work, const Call& call) {
               return show_clock(work, call, api.clock.now());
             }));
  router.add(http::Method::kPost, "/v1/test/clock", "advance_test_clock", writes(api, Body::kRequired, advance_clock));
  router.add(http::Method::kGet, "/v1/test/messages", "list_test_messages",
             reads(api, list_messages, {"to", "transaction", "limit"}));
}

}  // namespace countersign::api::v1
