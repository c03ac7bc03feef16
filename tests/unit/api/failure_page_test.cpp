#include "api/pages/failure_page.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/problem.h"
#include "unit/api/browser.h"

// What a browser is answered where the page that it asked for cannot be.
namespace countersign::testing {
namespace {

using api::FailurePages;

/// The built-in templates, one of them with `text`.
std::vector<EmbeddedFile> templates_with(std::string_view name, std::string_view text) {
  std::vector<EmbeddedFile> files;
  for (auto file : api::page_templates()) {
    if (file.name == name) file.bytes = text;
    files.push_back(file);
  }
  return files;
}

TEST(FailurePage, APageThatLacksAValueIsAPageWithTheWayBack) {
  PageHouse pages;
  const auto templates = templates_with("send.html", "{{>head}}{{nowhere}}{{>foot}}");
  pages.brands().templates = templates;
  pages.fixture().request().return_url = "https://shop.example.com/back?a=1&b=2";
  pages.fixture().request().locale = "pt-BR";
  Browser ana(pages);
  const auto page = ana.get(pages.hold());
  EXPECT_EQ(page.status, 500);
  EXPECT_EQ(page.header("content-type"), "");
  EXPECT_EQ(page.heading(), "Algo deu errado aqui");
  EXPECT_TRUE(page.says("request-1")) << page.body;
  EXPECT_TRUE(page.says("href=\"https://shop.example.com/back?a=1&amp;b=2\"")) << page.body;
  EXPECT_TRUE(page.says("Voltar para "));
  EXPECT_TRUE(page.says("<link rel=\"stylesheet\"")) << "in the look of the pages";
  EXPECT_FALSE(page.says("nowhere")) << "the log's, not the person's";
}

TEST(FailurePage, HoldsWhereTheFrameItselfIsBroken) {
  PageHouse pages;
  const auto templates = templates_with("head.html", "<!doctype html><title>{{nowhere}}</title>");
  pages.brands().templates = templates;
  pages.fixture().request().return_url = "https://shop.example.com/back";
  pages.fixture().request().locale = "es";
  Browser ana(pages);
  const auto page = ana.get(pages.hold());
  EXPECT_EQ(page.status, 500);
  EXPECT_TRUE(page.says("<html lang=\"es\">")) << page.body;
  EXPECT_TRUE(page.says("request-1"));
  EXPECT_TRUE(page.says("href=\"https://shop.example.com/back\""));
}

TEST(FailurePage, AReadThatFailsIsAPage) {
  PageHouse pages;
  const auto link = pages.hold();
  static const store::Sql kSpoil{"UPDATE transactions SET display_sealed = token_digest"};
  pages.fixture().in([](store::Tx& tx, Moment&) {
    tx.exec(kSpoil, {});
    return Done{};
  });
  Browser ana(pages);
  ana.add_header("accept-language", "en");
  const auto page = ana.get(link);
  EXPECT_EQ(page.status, 500);
  EXPECT_EQ(page.heading(), "Something went wrong");
  EXPECT_TRUE(page.says("request-1"));
}

class FailurePagesTest : public ::testing::Test {
 protected:
  static http::Request request(std::string path, std::string accept = "text/html,*/*;q=0.8") {
    http::Request made;
    made.path = std::move(path);
    made.id = "request-7";
    if (!accept.empty()) made.add_header("accept", accept);
    made.add_header("accept-language", "pt-BR,pt;q=0.9");
    return made;
  }

  FailurePages development_{"http://localhost:8080", true, system_clock()};
  FailurePages production_{"https://verify.example.com", false, system_clock()};
};

TEST_F(FailurePagesTest, ArePathsOfPagesAskedForAsHtml) {
  for (const auto* path : {"/verify/x", "/verify", "/verify/x/check"}) {
    EXPECT_TRUE(production_.takes(request(path))) << path;
    EXPECT_FALSE(production_.takes(request(path, "application/json"))) << path;
    EXPECT_FALSE(production_.takes(request(path, ""))) << path;
  }
  for (const auto* path : {"/", "/docs", "/docs/verify-v2", "/dev/inbox", "/dev/inbox/report"}) {
    EXPECT_TRUE(development_.takes(request(path))) << path;
    EXPECT_FALSE(production_.takes(request(path))) << path;
  }
  for (const auto* path : {"/v1/transactions", "/v2/Services", "/dev/inbox.json", "/verifyx", "/docsx", "/healthz"})
    EXPECT_FALSE(development_.takes(request(path))) << path;
}

TEST_F(FailurePagesTest, SayWhatIsWrongInThePersonsLanguage) {
  const auto says = [&](int status) { return production_.page(request("/verify/x"), status, "code").body; };
  EXPECT_NE(says(404).find("Este link não funciona mais"), std::string::npos) << says(404);
  EXPECT_NE(says(413).find("Não conseguimos receber o que você enviou"), std::string::npos);
  EXPECT_NE(says(405).find("Não conseguimos receber o que você enviou"), std::string::npos);
  EXPECT_NE(says(503).find("Algo deu errado aqui"), std::string::npos);
  const auto page = production_.page(request("/verify/x"), 503, "store_unavailable");
  EXPECT_EQ(page.status, 503);
  EXPECT_EQ(page.code, "store_unavailable");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("request-7"), std::string::npos);
  EXPECT_EQ(std::ranges::count(page.headers, "Content-Security-Policy", &std::pair<std::string, std::string>::first),
            1);
}

TEST_F(FailurePagesTest, GiveNoLinkThatRunsAnything) {
  const auto& language = *html::built_in_catalogue().find("en");
  const auto nothing = html::Templates::parse({}, html::built_in_catalogue());
  const auto body = [&](std::string back) {
    return api::pages::failure_page({*nothing, language, {}, true}, {500, "<b>id</b>", std::move(back), "\"><script>"})
        .body;
  };
  EXPECT_EQ(body("javascript:alert(1)").find("javascript"), std::string::npos);
  EXPECT_NE(body("https://a.example/\"x").find("href=\"https://a.example/&quot;x\""), std::string::npos);
  EXPECT_EQ(body("https://a.example/").find("<script>"), std::string::npos);
  EXPECT_EQ(body("").find("<b>id"), std::string::npos);
}

struct Told : http::ReplySink {
  std::vector<http::Response> got;
  bool abandoned = false;
  void answer(std::uint64_t, http::Response response) override { got.push_back(std::move(response)); }
  void abandon(std::uint64_t) override { abandoned = true; }
  Executor& executor() override { std::abort(); }
};

TEST_F(FailurePagesTest, StandForTheProblemsOfAHandler) {
  const auto handler = development_.for_browsers([](const http::Request&, http::Reply reply) {
    auto response = api::problem_response(503, "overloaded");
    response.headers.emplace_back("Retry-After", "1");
    reply.send(std::move(response));
  });
  const auto ask = [&](http::Request asked) {
    auto told = std::make_shared<Told>();
    handler(std::move(asked), http::Reply(told, 1));
    return told->got.at(0);
  };
  const auto page = ask(request("/dev/inbox"));
  EXPECT_EQ(page.status, 503);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.code, "overloaded");
  EXPECT_NE(page.body.find("href=\"/\""), std::string::npos) << "back to the start";
  EXPECT_EQ(page.headers.back(), (std::pair<std::string, std::string>{"Retry-After", "1"}));
  EXPECT_EQ(ask(request("/dev/inbox", "application/json")).content_type, "application/problem+json");
  EXPECT_EQ(ask(request("/dev/inbox.json")).content_type, "application/problem+json");
}

TEST_F(FailurePagesTest, LeaveWhatIsNotAnsweredToTheServer) {
  const auto handler = development_.for_browsers([](const http::Request&, const http::Reply&) {});
  auto told = std::make_shared<Told>();
  handler(request("/dev/inbox"), http::Reply(told, 1));
  EXPECT_TRUE(told->abandoned);
}

}  // namespace
}  // namespace countersign::testing
