#include "api/guide/try_it.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "base/json.h"

// The guide's "try it", as its page uses it and as somebody else would.
namespace countersign::api {
namespace {

struct Heard : http::ReplySink {
  std::optional<http::Response> got;
  void answer(std::uint64_t, http::Response response) override { got = std::move(response); }
  void abandon(std::uint64_t) override { got = http::Response{500}; }
  Executor& executor() override { std::abort(); }
};

class TryIt : public ::testing::Test {
 protected:
  TryIt() {
    auto router = std::make_shared<http::Router>();
    const auto echo = [this](const http::Request& request, http::Reply reply) {
      reached_.push_back(request);
      reply.send({201, "application/json", R"({"id":"TX1","text":"<b>"})", {{"Retry-After", "3"}}});
    };
    for (const auto* path :
         {"/v1/transactions", "/v2/Services", "/healthz", "/dev/inbox.json", "/v1/subjects/{identity}"})
      router->add(http::Method::kPost, path, "echo", echo);
    router->add(http::Method::kGet, "/v1/forgets", "forgets", [](const http::Request&, const http::Reply&) {});
    parts_.api = std::move(router);
    parts_.api_key = SecretString("SK1.secret-of-the-key");
    parts_.account_sid = "AC1";
    parts_.auth_token = SecretString("secret-token");
    parts_.service_sid = "VA1";
    parts_.seen = [this](const http::AccessRecord& record) { seen_.push_back(std::string(record.pattern)); };
  }

  static http::Request from_the_page(std::string body) {
    http::Request request;
    request.method = http::Method::kPost;
    request.path = "/docs/try";
    request.id = "request-3";
    request.peer = *IpAddress::parse("127.0.0.1");
    request.add_header("host", "localhost:8080");
    request.add_header("origin", "http://localhost:8080");
    request.add_header("content-type", "application/json");
    request.body = std::move(body);
    return request;
  }
  http::Response ask(http::Request request) {
    auto heard = std::make_shared<Heard>();
    try_it(parts_)(std::move(request), http::Reply(heard, 1));
    return heard->got.value();
  }
  static json::object told(const http::Response& response) { return parse_json(response.body)->as_object(); }

  TryItParts parts_;
  std::vector<http::Request> reached_;
  std::vector<std::string> seen_;
};

const std::string kHold = R"({"method":"POST","path":"/v1/transactions?a=b","body":"{}",)"
                          R"("headers":{"content-type":"application/json","idempotency-key":"k1"}})";

TEST_F(TryIt, SendsWithTheKeyOfTheApiAndTellsWhatCame) {
  const auto response = ask(from_the_page(kHold));
  ASSERT_EQ(reached_.size(), 1U);
  EXPECT_EQ(reached_[0].header("authorization"), "Bearer SK1.secret-of-the-key");
  EXPECT_EQ(reached_[0].header("idempotency-key"), "k1");
  EXPECT_EQ(reached_[0].query, "a=b");
  EXPECT_EQ(reached_[0].body, "{}");
  EXPECT_EQ(response.status, 200);
  const auto answer = told(response);
  EXPECT_EQ(answer.at("status").as_int64(), 201);
  EXPECT_EQ(answer.at("reason").as_string(), "Created");
  EXPECT_EQ(answer.at("body").as_string(), R"({"id":"TX1","text":"<b>"})");
  EXPECT_NE(response.body.find(R"(["Retry-After","3"])"), std::string::npos);
  EXPECT_NE(response.body.find(R"(["X-Request-Id","request-3"])"), std::string::npos);
  EXPECT_EQ(seen_, std::vector<std::string>{"/v1/transactions"});

  ask(from_the_page(R"({"method":"POST","path":"/v2/Services"})"));
  EXPECT_EQ(reached_.at(1).header("authorization"), "Basic QUMxOnNlY3JldC10b2tlbg==");
}

TEST_F(TryIt, KeepsItsKeysToItself) {
  for (const auto& response :
       {ask(from_the_page(kHold)), ask(from_the_page(R"({"method":"POST","path":"/v2/Services"})"))}) {
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
    EXPECT_EQ(response.body.find("c2VjcmV0"), std::string::npos);
  }
  auto heard = std::make_shared<Heard>();
  try_it_names(parts_)(http::Request{}, http::Reply(heard, 1));
  EXPECT_EQ(heard->got->body, R"({"account_sid":"AC1","service_sid":"VA1"})");
}

TEST_F(TryIt, RefusesPagesOfOtherSites) {
  auto foreign = from_the_page(kHold);
  foreign.add_header("sec-fetch-site", "cross-site");
  EXPECT_EQ(ask(std::move(foreign)).code, "forbidden");

  http::Request other_origin;
  other_origin.peer = *IpAddress::parse("127.0.0.1");
  other_origin.add_header("host", "localhost:8080");
  other_origin.add_header("origin", "http://evil.example");
  other_origin.add_header("content-type", "application/json");
  other_origin.body = kHold;
  EXPECT_EQ(ask(std::move(other_origin)).code, "forbidden");

  // A form can be sent by any page, with JSON in it, but not as JSON.
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    http::Request form;
    form.peer = *IpAddress::parse("127.0.0.1");
    form.add_header("host", "localhost:8080");
    form.add_header("content-type", type);
    form.body = kHold;
    const auto response = ask(std::move(form));
    EXPECT_EQ(response.status, 415) << type;
    EXPECT_EQ(response.code, "unsupported_media_type") << type;
  }
  EXPECT_TRUE(reached_.empty());
}

TEST_F(TryIt, RefusesOtherMachines) {
  for (const auto* peer : {"192.168.1.20", "203.0.113.9", "fe80::1"}) {
    auto request = from_the_page(kHold);
    request.peer = *IpAddress::parse(peer);
    const auto response = ask(std::move(request));
    EXPECT_EQ(response.status, 403) << peer;
    EXPECT_EQ(response.code, "address_not_allowed") << peer;
  }
  auto behind = from_the_page(kHold);
  behind.add_header("x-forwarded-for", "203.0.113.9");
  EXPECT_EQ(ask(std::move(behind)).code, "address_not_allowed") << "a proxy on this machine, and nobody knows whose";
  EXPECT_TRUE(reached_.empty());
  auto sixth = from_the_page(kHold);
  sixth.peer = *IpAddress::parse("::1");
  EXPECT_EQ(ask(std::move(sixth)).status, 200);
}

/// A proxy on this machine that hands on what comes from anywhere, in whichever way it says so, or does not.
TEST_F(TryIt, RefusesWhatMayComeThroughAProxyFromAnywhere) {
  const std::vector<Cidr> loopback{*Cidr::parse("127.0.0.0/8")};
  const std::vector<Cidr> elsewhere{*Cidr::parse("10.0.0.0/8")};
  struct Case {
    std::string_view what;
    std::vector<Cidr> trusted;
    std::vector<std::pair<std::string, std::string>> headers;
    int status;
  };
  const std::vector<Case> cases{
      {"a trusted proxy that does not say for whom", loopback, {}, 403},
      {"a trusted one for this machine", loopback, {{"x-forwarded-for", "127.0.0.1"}}, 200},
      {"a trusted one for another", loopback, {{"x-forwarded-for", "203.0.113.9"}}, 403},
      {"what another writes itself", loopback, {{"x-forwarded-for", "127.0.0.1, 203.0.113.9"}}, 403},
      {"one that is not the trusted one", elsewhere, {{"x-forwarded-for", "127.0.0.1"}}, 403},
      {"no proxy, where one elsewhere is trusted", elsewhere, {}, 200},
      {"Forwarded", {}, {{"forwarded", "for=203.0.113.9"}}, 403},
      {"Forwarded of a trusted one", loopback, {{"forwarded", "for=127.0.0.1"}}, 403},
      {"Forwarded beside the other", loopback, {{"x-forwarded-for", "127.0.0.1"}, {"forwarded", "for=a"}}, 403},
      {"X-Real-IP", {}, {{"x-real-ip", "203.0.113.9"}}, 403},
      {"X-Real-IP of a trusted one", loopback, {{"x-real-ip", "127.0.0.1"}}, 403},
      {"X-Real-IP beside the other", loopback, {{"x-forwarded-for", "127.0.0.1"}, {"x-real-ip", "127.0.0.1"}}, 403}};
  for (const auto& one : cases) {
    parts_.trusted_proxies = one.trusted;
    auto request = from_the_page(kHold);
    for (const auto& [name, value] : one.headers) request.add_header(name, value);
    EXPECT_EQ(ask(std::move(request)).status, one.status) << one.what;
  }
}

TEST_F(TryIt, ReachesTheApisAndNothingElse) {
  for (const auto* body :
       {"", "[]", "{}", R"({"method":"POST"})", R"({"method":"EVIL","path":"/v1/transactions"})",
        R"({"method":"POST","path":"//evil.example/v1"})",
        R"({"method":"POST","path":"http://evil.example/v1/transactions"})",
        R"({"method":"POST","path":"/v1/transactions#x"})", R"({"method":"POST","path":"/v1/subjects/%zz"})",
        R"({"method":"POST","path":"/v1/subjects/%ff"})", R"({"method":"POST","path":"/v1/a b"})",
        R"({"method":"POST","path":"/v1/transactions","headers":{"idempotency-key":"a\r\nX: y"}})"}) {
    const auto response = ask(from_the_page(body));
    const bool refused = response.code == "invalid_field" || told(response).at("status").as_int64() == 404;
    EXPECT_TRUE(refused) << body << ": " << response.body;
  }
  // Some of these are in the router of the APIs.
  for (const auto* path : {"/healthz", "/dev/inbox.json", "/docs/try", "/dev/inbox/delete", "/verify/x/send", "/",
                           "/v1", "/v11/transactions", "/v1/../healthz", "/v1/%2e%2e/healthz", "/v1//healthz"}) {
    const auto response = ask(from_the_page(std::string(R"({"method":"POST","path":")") + path + R"("})"));
    const bool refused = response.code == "invalid_field" || told(response).at("status").as_int64() == 404;
    EXPECT_TRUE(refused) << path << ": " << response.body;
  }
  EXPECT_TRUE(reached_.empty());
}

TEST_F(TryIt, TakesNoKeyAndNoHostFromTheForm) {
  ask(from_the_page(R"({"method":"POST","path":"/v1/transactions","headers":{"authorization":"Bearer other",)"
                    R"("host":"evil.example","x-forwarded-for":"1.2.3.4","cookie":"a=b"}})"));
  ASSERT_EQ(reached_.size(), 1U);
  EXPECT_EQ(reached_[0].header_count("authorization"), 1U);
  EXPECT_EQ(reached_[0].header("authorization"), "Bearer SK1.secret-of-the-key");
  EXPECT_EQ(reached_[0].header("host"), "localhost:8080");
  EXPECT_FALSE(reached_[0].header("x-forwarded-for").has_value());
  EXPECT_FALSE(reached_[0].header("cookie").has_value());
}

TEST_F(TryIt, TellsOfWhatIsNotAnswered) {
  const auto response = ask(from_the_page(R"({"method":"GET","path":"/v1/forgets"})"));
  EXPECT_EQ(told(response).at("status").as_int64(), 500);
}

}  // namespace
}  // namespace countersign::api
