#include "delivery/trace_exporter.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/json.h"
#include "delivery/providers/http_hook.h"
#include "delivery/traced.h"
#include "support/fake_time.h"
#include "unit/delivery/http_fixture.h"

namespace countersign::delivery {
namespace {

using namespace std::chrono_literals;
using countersign::testing::HttpServer;
using countersign::testing::ServerReply;
using countersign::testing::ServerRequest;
using delivery::testing::kPatience;

class Exporter : public ::testing::Test {
 protected:
  static TraceExporterOptions options_for(const HttpServer& collector) {
    TraceExporterOptions options;
    options.endpoint = collector.url("/v1/traces");
    options.period = 10ms;
    options.first_pause = 10ms;
    options.resource = {{"service.name", "countersign"}};
    return options;
  }

  /// Names of the spans that a collector was sent, in order.
  static std::vector<std::string> names_at(const HttpServer& collector) {
    std::vector<std::string> names;
    for (const auto& [request, reply] : collector.exchanges()) {
      if (reply.status != 200) continue;
      const auto body = parse_json(request.body);
      for (const auto& span : body->at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").as_array())
        names.emplace_back(span.at("name").as_string());
    }
    return names;
  }

  template <class Condition>
  static bool eventually(Condition condition) {
    for (auto left = kPatience / 5ms; left > 0; --left) {
      if (condition()) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

  static void record(TraceExporter& exporter, const std::string& name) {
    trace::Span span(exporter, std::nullopt, trace::Kind::kServer);
    span.name(name);
  }

  countersign::testing::SeededRandom random_;
};

TEST_F(Exporter, SpeaksOtlpInJson) {
  const HttpServer collector([](const ServerRequest&) { return ServerReply{200, {}, "{}"}; });
  auto options = options_for(collector);
  options.headers = {{"x-api-key", SecretString("of the collector")}};
  TraceExporter exporter(options, system_clock(), random_);
  const auto parent = trace::parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  {
    trace::Span span(exporter, parent, trace::Kind::kServer);
    span.name("GET /v1/things/{id}");
    span.set("http.route", "/v1/things/{id}");
    span.set("http.response.status_code", 503);
    span.fail("503");
  }
  ASSERT_TRUE(eventually([&] { return exporter.figures().exported == 1; }));
  const auto request = collector.exchanges().at(0).request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/v1/traces");
  EXPECT_EQ(request.header("content-type"), "application/json");
  EXPECT_EQ(request.header("x-api-key"), "of the collector");
  const auto body = *parse_json(request.body);
  const auto& resource = body.at("resourceSpans").at(0);
  EXPECT_EQ(resource.at("resource").at("attributes").at(0).at("key"), "service.name");
  EXPECT_EQ(resource.at("resource").at("attributes").at(0).at("value").at("stringValue"), "countersign");
  const auto& span = resource.at("scopeSpans").at(0).at("spans").at(0);
  EXPECT_EQ(span.at("traceId"), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(span.at("parentSpanId"), "b7ad6b7169203331");
  EXPECT_EQ(span.at("spanId").as_string().size(), 16U);
  EXPECT_NE(span.at("spanId"), span.at("parentSpanId"));
  EXPECT_EQ(span.at("kind"), 2);
  EXPECT_EQ(span.at("status").at("code"), 2);
  EXPECT_EQ(span.at("attributes").at(1).at("value").at("intValue"), "503") << "64-bit integers are strings";
  const std::string start(span.at("startTimeUnixNano").as_string());
  const std::string end(span.at("endTimeUnixNano").as_string());
  EXPECT_EQ(start.size(), 19U);
  EXPECT_LE(start, end);
}

TEST_F(Exporter, TriesAgainWhereThatIsOfUseAndGivesUpElsewhere) {
  std::atomic<int> asked = 0;
  const HttpServer collector([&](const ServerRequest&) { return ServerReply{++asked < 3 ? 503 : 200}; });
  TraceExporter exporter(options_for(collector), system_clock(), random_);
  record(exporter, "one");
  ASSERT_TRUE(eventually([&] { return exporter.figures().exported == 1; }));
  EXPECT_EQ(asked, 3);

  std::atomic<int> refused = 0;
  const HttpServer strict([&](const ServerRequest&) { return ++refused, ServerReply{400}; });
  TraceExporter wrong(options_for(strict), system_clock(), random_);
  record(wrong, "two");
  ASSERT_TRUE(eventually([&] { return wrong.figures().dropped == 1; }));
  EXPECT_EQ(refused, 1);
}

TEST_F(Exporter, IsBoundedCountsWhatItDropsAndDelaysNobodyWhileTheCollectorHangs) {
  const HttpServer collector([](const ServerRequest&) {
    ServerReply reply;
    reply.how = ServerReply::How::kHang;
    return reply;
  });
  auto options = options_for(collector);
  options.waiting_max = 100;
  options.batch_max = 10;
  options.timeout = 30min;
  TraceExporter exporter(options, system_clock(), random_);
  const auto before = system_clock().monotonic();
  for (int i = 0; i < 1000; ++i) record(exporter, "x");
  EXPECT_LT(system_clock().monotonic() - before, 10min) << "a thousand spans waited for a collector that hangs";
  EXPECT_LE(exporter.figures().waiting, 110U);
  EXPECT_GE(exporter.figures().dropped, 890U);
  exporter.stop(100ms);
  EXPECT_LT(system_clock().monotonic() - before, 10min) << "the end is bounded, too";
  EXPECT_EQ(exporter.figures().dropped, 1000U);
  record(exporter, "late");
  EXPECT_EQ(exporter.figures().dropped, 1001U);
}

TEST_F(Exporter, SendsWhatWaitsBeforeItEnds) {
  const HttpServer collector([](const ServerRequest&) { return ServerReply{200}; });
  auto options = options_for(collector);
  options.period = 1h;
  options.batch_max = 2;
  TraceExporter exporter(options, system_clock(), random_);
  for (const auto* name : {"a", "b", "c", "d", "e"}) record(exporter, name);
  exporter.stop(kPatience);
  EXPECT_THAT(names_at(collector), ::testing::ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_EQ(exporter.figures().dropped, 0U);
}

TEST_F(Exporter, SamplesByRatioAndAsTheParentSays) {
  const HttpServer collector([](const ServerRequest&) { return ServerReply{200}; });
  auto options = options_for(collector);
  options.sample_ratio = 0.25;
  TraceExporter exporter(options, system_clock(), random_);
  int sampled = 0;
  for (int i = 0; i < 4000; ++i) sampled += exporter.begin(std::nullopt).sampled ? 1 : 0;
  EXPECT_NEAR(sampled, 1000, 150);
  auto parent = *trace::parse_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_TRUE(exporter.begin(parent).sampled);
  parent.sampled = false;
  const auto unsampled = exporter.begin(parent);
  EXPECT_FALSE(unsampled.sampled);
  EXPECT_EQ(trace::traceparent_of(unsampled), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
}

TEST_F(Exporter, RemembersTheNewest) {
  const HttpServer collector([](const ServerRequest&) { return ServerReply{200}; });
  auto options = options_for(collector);
  options.remembered_max = 2;
  TraceExporter exporter(options, system_clock(), random_);
  const auto context = exporter.begin(std::nullopt);
  for (const auto* id : {"1", "2", "2", "3"}) exporter.remember(id, context);
  EXPECT_FALSE(exporter.recall("1"));
  EXPECT_TRUE(exporter.recall("2"));
  EXPECT_TRUE(exporter.recall("3"));
}

TEST_F(Exporter, AProvidersCallIsBelowTheRequestAndAHookIsToldOfIt) {
  const HttpServer collector([](const ServerRequest&) { return ServerReply{200}; });
  const HttpServer hook([](const ServerRequest&) { return ServerReply{500}; });
  TraceExporter exporter(options_for(collector), system_clock(), random_);
  HttpClient http({}, system_clock());
  HttpHookOptions options;
  options.url = hook.url("/deliver");
  options.secrets = {*crypto::WebhookSecret::parse("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")};
  options.channels = {Channel::kSms};
  options.addresses = AddressPolicy::kAny;
  options.plain_http = PlainHttp::kAllowed;
  HttpHook inner(http, system_clock(), options);
  TracedSender sender(inner, "texts", exporter);
  Moment moment{system_clock().now(), random_};
  OutgoingMessage message{MessageId::make(moment), Channel::kSms, "+15017122661",     "", "code",
                          SecretString("1"),       "en",          moment.now + 10min, ""};
  const auto send = [&] {
    auto [done, answer] = delivery::testing::promised<Result<Accepted, ProviderError>>();
    sender.send(message, std::move(done));
    return delivery::testing::wait_for(answer);
  };
  const auto parent = exporter.begin(std::nullopt);
  exporter.remember(message.id.text(), parent);
  ASSERT_FALSE(send());
  ASSERT_TRUE(eventually([&] { return exporter.figures().exported == 1; }));
  const auto body = *parse_json(collector.exchanges().at(0).request.body);
  const auto& span = body.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").at(0);
  EXPECT_EQ(span.at("name"), "provider send");
  EXPECT_EQ(span.at("kind"), 3);
  EXPECT_EQ(span.at("status").at("code"), 2);
  const std::string traceparent(hook.exchanges().at(0).request.header("traceparent"));
  EXPECT_EQ(traceparent, "00-" + std::string(span.at("traceId").as_string()) + "-" +
                             std::string(span.at("spanId").as_string()) + "-01");
  EXPECT_EQ(trace::traceparent_of(parent).substr(36, 16), span.at("parentSpanId").as_string());
  EXPECT_EQ(collector.exchanges().at(0).request.body.find("15017122661"), std::string::npos);
}

}  // namespace
}  // namespace countersign::delivery
