#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "base/json.h"
#include "server/running_server.h"
#include "support/doubles/closed_port.h"
#include "support/doubles/http_server.h"

namespace countersign::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr std::string_view kTrace = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view kCaller = "b7ad6b7169203331";

struct SeenSpan {
  std::string name, trace, id, parent;
};

/// A collector that speaks OTLP over HTTP in JSON.
class Collector {
 public:
  Collector() : server_([](const ServerRequest&) { return ServerReply{200, {}, "{}"}; }) {}

  [[nodiscard]] std::string url() const { return server_.url("/v1/traces"); }
  [[nodiscard]] std::string everything() const {
    std::string all;
    for (const auto& [request, reply] : server_.exchanges()) all += request.body;
    return all;
  }
  [[nodiscard]] std::vector<SeenSpan> spans(std::string_view trace) const {
    std::vector<SeenSpan> spans;
    for (const auto& [request, reply] : server_.exchanges()) {
      const auto body = parse_json(request.body);
      for (const auto& span : body->at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").as_array()) {
        const auto& object = span.as_object();
        SeenSpan seen{json_text_or_empty(object, "name"), json_text_or_empty(object, "traceId"),
                      json_text_or_empty(object, "spanId"), json_text_or_empty(object, "parentSpanId")};
        if (seen.trace == trace) spans.push_back(std::move(seen));
      }
    }
    return spans;
  }

 private:
  HttpServer server_;
};

/// `parent > child` of each span, by names; the caller is `caller`.
std::multiset<std::string> tree(const std::vector<SeenSpan>& spans) {
  std::map<std::string, std::string> names{{std::string(kCaller), "caller"}};
  for (const auto& span : spans) names[span.id] = span.name;
  std::multiset<std::string> edges;
  for (const auto& span : spans) edges.insert(names[span.parent] + " > " + span.name);
  return edges;
}

template <class Condition>
bool eventually(Condition condition) {
  for (int poll = 0; poll < 6000; ++poll) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

TEST(Tracing, FollowsAnApprovalFromTheCallersSpanToTheWebhook) {
  const Collector collector;
  const HttpServer receiver([](const ServerRequest&) { return ServerReply{204}; });
  RunningServer server([&](main::Config& config) {
    config.tracing.endpoint = collector.url();
    config.tracing.sample_ratio = 0;  // What the caller traces, and nothing else.
  });
  auto& caller = server.caller();
  ASSERT_EQ(caller
                .post("/v1/webhook_endpoints",
                      R"({"url":")" + receiver.url("/hooks/very-secret") + R"(","events":["transaction.verified"]})")
                .status,
            201);
  const std::string transaction = server.hold();
  const HttpCaller::Headers traced{{"traceparent", "00-" + std::string(kTrace) + "-" + std::string(kCaller) + "-01"}};
  ASSERT_EQ(caller.post(transaction + "/verifications", R"({"channel":"sms"})", traced).status, 201);
  std::string code;
  ASSERT_TRUE(eventually([&] {
    const auto inbox = parse_json(caller.get("/dev/inbox.json").body);
    if (!inbox || inbox->as_array().empty()) return false;
    code = *json_text(inbox->as_array().front().as_object(), "code");
    return true;
  }));
  ASSERT_EQ(caller.post(transaction + "/checks", RunningServer::check_body(code), traced).status, 200);
  ASSERT_EQ(caller.post(transaction + "/claim", "", traced).status, 200);

  const std::string start = "POST /v1/transactions/{id}/verifications";
  const std::string check = "POST /v1/transactions/{id}/checks";
  const std::string claim = "POST /v1/transactions/{id}/claim";
  const std::multiset<std::string> wanted{
      "caller > " + start,       "caller > " + check,       "caller > " + claim,        start + " > store.commit",
      check + " > store.commit", claim + " > store.commit", start + " > provider send", check + " > webhook"};
  const auto is_there = [&] {
    const auto seen = tree(collector.spans(kTrace));
    return std::ranges::includes(seen, wanted);
  };
  EXPECT_TRUE(eventually(is_there)) << ::testing::PrintToString(tree(collector.spans(kTrace)));

  // The receiver is told of the webhook's own span.
  ASSERT_EQ(receiver.exchanges().size(), 1U);
  const std::string told(receiver.exchanges().front().request.header("traceparent"));
  std::string webhook;
  for (const auto& span : collector.spans(kTrace))
    if (span.name == "webhook") webhook = span.id;
  EXPECT_EQ(told, "00-" + std::string(kTrace) + "-" + webhook + "-01");

  // Nothing of a person, no id of a transaction, no secret, no address; and nothing that the caller did not trace.
  const std::string all = collector.everything();
  for (const std::string& secret :
       {code, std::string("551198765"), std::string("person-"), transaction.substr(transaction.find("TX")),
        std::string("very-secret"), std::string("127.0.0.1"), server.api_key()})
    EXPECT_THAT(all, Not(HasSubstr(secret)));
  EXPECT_THAT(all, Not(HasSubstr("POST /v1/transactions\"")));
}

TEST(Tracing, IsOffByDefaultAndPassesNothingOn) {
  const HttpServer receiver([](const ServerRequest&) { return ServerReply{204}; });
  RunningServer server;
  ASSERT_EQ(server.caller()
                .post("/v1/webhook_endpoints",
                      R"({"url":")" + receiver.url("/hooks") + R"(","events":["transaction.verified"]})")
                .status,
            201);
  server.verified();
  ASSERT_TRUE(eventually([&] { return receiver.exchanges().size() == 1; }));
  EXPECT_EQ(receiver.exchanges().front().request.header("traceparent"), "");
}

TEST(Tracing, ByACollectorThatIsAwayChangesNothingForCallers) {
  const ClosedPort nowhere;
  const auto before = system_clock().monotonic();
  {
    RunningServer server([&](main::Config& config) { config.tracing.endpoint = nowhere.url("/v1/traces"); });
    for (int i = 0; i < 5; ++i) server.verified();
    HttpCaller figures(server.metrics_url(), "");
    EXPECT_THAT(figures.get("/metrics").body, HasSubstr("\ncountersign_trace_spans_waiting "));
  }
  EXPECT_LT(system_clock().monotonic() - before, std::chrono::minutes(10)) << "the end is bounded";
}

}  // namespace
}  // namespace countersign::testing
