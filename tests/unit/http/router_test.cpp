#include "http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace countersign::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Handler nothing() {
  return [](const Request&, Reply) {};
}

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    for (const auto& [method, pattern, name] : std::initializer_list<std::tuple<Method, const char*, const char*>>{
             {Method::kGet, "/", "root"},
             {Method::kPost, "/v1/transactions", "hold"},
             {Method::kGet, "/v1/transactions", "list"},
             {Method::kGet, "/v1/transactions/{id}", "get"},
             {Method::kDelete, "/v1/transactions/latest", "drop-latest"},
             {Method::kPost, "/v1/transactions/{id}/claim", "claim"},
             {Method::kPost, "/v1/transactions/special/ack", "special"},
             {Method::kGet, "/v1/subjects/{identity}/factors/{id}", "factor"},
             {Method::kGet, "/assets/{path*}", "asset"}}) {
      router_.add(method, pattern, name, nothing());
    }
  }

  Request route(Method method, std::string path) {
    Request request;
    request.method = method;
    request.path = std::move(path);
    allow_ = router_.match(request).allow;
    return request;
  }

  Router router_;
  std::string allow_;
};

TEST_F(RouterTest, NamesTheObjectOnlyWhereTheRouteSaysIdAndItIsOne) {
  const std::string id = "TX0123456789abcdef0123456789abcdef";
  EXPECT_EQ(route(Method::kPost, "/v1/transactions/" + id + "/claim").object(), id);
  EXPECT_EQ(route(Method::kGet, "/v1/subjects/ana@example.com/factors/" + id).object(), id);
  // What somebody writes where an id should be may be anything: a number, a token.
  for (const auto& other : {std::string("+5511987654321"), id + "0", "tx" + id.substr(2), id.substr(0, 33) + "G"})
    EXPECT_EQ(route(Method::kGet, "/v1/transactions/" + other).object(), "") << other;
  EXPECT_EQ(route(Method::kGet, "/assets/" + id).object(), "");
}

TEST_F(RouterTest, MatchesLiteralsAndCaptures) {
  EXPECT_EQ(route(Method::kGet, "/").route, "root");
  EXPECT_EQ(route(Method::kPost, "/v1/transactions").route, "hold");
  EXPECT_EQ(route(Method::kGet, "/v1/transactions").route, "list");
  const auto claim = route(Method::kPost, "/v1/transactions/TX1/claim");
  EXPECT_EQ(claim.route, "claim");
  EXPECT_THAT(claim.params, ElementsAre("TX1"));
  EXPECT_THAT(route(Method::kGet, "/v1/subjects/u%2F1%20x/factors/YF1").params, ElementsAre("u/1 x", "YF1"));
}

TEST_F(RouterTest, GoesBackToTheCaptureWhereTheLiteralLeadsNowhere) {
  const auto claim = route(Method::kPost, "/v1/transactions/special/claim");
  EXPECT_EQ(claim.route, "claim");
  EXPECT_THAT(claim.params, ElementsAre("special"));
  const auto get = route(Method::kGet, "/v1/transactions/latest");
  EXPECT_EQ(get.route, "get");
  EXPECT_THAT(get.params, ElementsAre("latest"));
}

TEST_F(RouterTest, TakesTheRestWithItsSlashes) {
  EXPECT_THAT(route(Method::kGet, "/assets/js/app.js").params, ElementsAre("js/app.js"));
  EXPECT_EQ(route(Method::kGet, "/assets/").route, "(none)");
}

TEST_F(RouterTest, AnswersHeadLikeGet) { EXPECT_EQ(route(Method::kHead, "/v1/transactions/TX1").route, "get"); }

TEST_F(RouterTest, KnowsUnknownPathsFromOtherMethods) {
  for (const auto* path : {"/v1", "/v1/", "/v1/transactions/", "/v1//transactions", "/v1/transactions/TX1/claim/",
                           "/v1/transactions//claim", "/V1/transactions", "/v1/transaction%73", "/nope", "*"}) {
    const auto request = route(Method::kPost, path);
    EXPECT_EQ(request.route, "(none)") << path;
    EXPECT_THAT(request.params, IsEmpty());
    EXPECT_EQ(allow_, "") << path;
  }
  EXPECT_EQ(route(Method::kDelete, "/v1/transactions").route, "(none)");
  EXPECT_EQ(allow_, "GET, HEAD, POST");
  EXPECT_EQ(route(Method::kOther, "/v1/transactions/latest").route, "(none)");
  EXPECT_EQ(allow_, "GET, HEAD, DELETE");
}

TEST_F(RouterTest, MalformedPatternsAreBugs) {
  EXPECT_DEATH(router_.add(Method::kGet, "no-slash", "x", nothing()), "pattern");
  EXPECT_DEATH(router_.add(Method::kGet, "/a/{rest*}/b", "x", nothing()), "is_rest");
  EXPECT_DEATH(router_.add(Method::kGet, "/a/{id", "x", nothing()), "segment");
  EXPECT_DEATH(router_.add(Method::kGet, "/", "again", nothing()), "slot");
}

}  // namespace
}  // namespace countersign::http
