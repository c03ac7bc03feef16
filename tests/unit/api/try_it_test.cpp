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
    for (const auto* path : {"/v1/transactions", "/v2/Services", "/healthz", "/v1/subjects/{identity}"})
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
  ask(from_the_page(R"({"method":"POST","path":"/healthz"})"));
  EXPECT_FALSE(reached_.at(2).header("authorization").has_value());
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
  EXPECT_EQ(ask(std::move(foreign)).code, "cross_site");

  http::Request other_origin;
  other_origin.peer = *IpAddress::parse("127.0.0.1");
  other_origin.add_header("host", "localhost:8080");
  other_origin.add_header("origin", "http://evil.example");
  other_origin.add_header("content-type", "application/json");
  other_origin.body = kHold;
  EXPECT_EQ(ask(std::move(other_origin)).code, "cross_site");

  // A form can be sent by any page, with JSON in it, but not as JSON.
  for (const auto* type : {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data"}) {
    http::Request form;
    form.peer = *IpAddress::parse("127.0.0.1");
    form.add_header("host", "localhost:8080");
    form.add_header("content-type", type);
    form.body = kHold;
    EXPECT_EQ(ask(std::move(form)).code, "cross_site") << type;
  }
  EXPECT_TRUE(reached_.empty());
}

TEST_F(TryIt, RefusesOtherMachines) {
  for (const auto* peer : {"192.168.1.20", "203.0.113.9", "fe80::1"}) {
    auto request = from_the_page(kHold);
    request.peer = *IpAddress::parse(peer);
    const auto response = ask(std::move(request));
    EXPECT_EQ(response.status, 403) << peer;
    EXPECT_EQ(response.code, "not_local") << peer;
  }
  auto behind = from_the_page(kHold);
  behind.add_header("x-forwarded-for", "203.0.113.9");
  EXPECT_EQ(ask(std::move(behind)).code, "not_local") << "a proxy on this machine, and nobody knows whose";
  EXPECT_TRUE(reached_.empty());
  auto sixth = from_the_page(kHold);
  sixth.peer = *IpAddress::parse("::1");
  EXPECT_EQ(ask(std::move(sixth)).status, 200);
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
    const bool refused = response.status == 400 || told(response).at("status").as_int64() == 404;
    EXPECT_TRUE(refused) << body << ": " << response.body;
  }
  for (const auto* path : {"/docs/try", "/dev/inbox/delete", "/verify/x/send", "/"}) {
    const auto response = ask(from_the_page(std::string(R"({"method":"POST","path":")") + path + R"("})"));
    EXPECT_EQ(told(response).at("status").as_int64(), 404) << path;
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
