#include <gtest/gtest.h>

#include "unit/api/browser.h"

// One page fewer where a code is under way, old and new side by side, and a browser that takes no cookies.
namespace countersign::testing {
namespace {

using domain::TransactionStatus;
using std::chrono::minutes;
using Fields = std::vector<std::pair<std::string, std::string>>;

/// Holds with a code on its way, and answers the link.
std::string hold_and_send(PageHouse& pages) {
  pages.fixture().request().send = Channel::kSms;
  const std::string link = pages.hold();
  pages.fixture().request().send.reset();
  return link;
}

/// A browser that refuses every cookie, with what a person does in it.
class Refusing {
 public:
  explicit Refusing(PageHouse& pages) : browser_(pages) {}

  Browser::Page get(std::string_view url) {
    auto page = browser_.get(url);
    browser_.cookies().clear();
    return page;
  }
  Browser::Page post(std::string_view url, const Fields& fields) {
    const auto answer = browser_.post_alone(url, fields);
    browser_.cookies().clear();
    EXPECT_EQ(answer.status, 303);
    auto page = get(answer.location);
    page.location = answer.location;
    return page;
  }
  Browser& browser() { return browser_; }

 private:
  Browser browser_;
};

TEST(PageFlow, OpensAtTheCodeWhereOneIsUnderWay) {
  PageHouse pages;
  pages.fixture().request().locale = "pt-BR";
  const std::string link = hold_and_send(pages);
  const std::string code = pages.fixture().code();
  Browser ana(pages);
  const auto page = ana.get(link);
  EXPECT_TRUE(page.says("name=\"code\""));
  EXPECT_TRUE(page.says("Enviamos um SMS para <span class=\"target\">+55 •••••••4321."));
  EXPECT_TRUE(pages.messages().empty()) << "looking at a page sends nothing";
  EXPECT_EQ(pages.fixture().verification().state.sends, 1);
  EXPECT_EQ(ana.check(link, page, code).heading(), "Confirmado");
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kVerified);
}

TEST(PageFlow, OpensAtTheCodeThatTheApplicationStarted) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  EXPECT_FALSE(ana.get(link).says("name=\"code\""));
  ASSERT_EQ(why(pages.fixture().start()), kYes);
  EXPECT_TRUE(ana.get(link).says("name=\"code\""));
  pages.fixture().wait(minutes(11));
  const auto later = ana.get(link);
  EXPECT_FALSE(later.says("name=\"code\"")) << "nothing is under way";
  EXPECT_TRUE(later.says("/send\""));
}

TEST(PageFlow, ButtonsSayWhatTheyDo) {
  PageHouse pages;
  auto& request = pages.fixture().request();
  request.locale = "pt-BR";
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link);
  EXPECT_TRUE(page.says(">Enviar SMS para …\u20604321</button>")) << page.body;
  page = ana.send(link, page);
  EXPECT_TRUE(page.says("<button class=\"btn\">Confirmar: <bdi dir=\"auto\">Nova conta de repasse</bdi></button>"))
      << page.body;

  // The application's words are in a button only where they fit; else the amount, else what
  // stands before a colon, else the verb alone.
  request.display.title = "Nova conta de repasse para todos os eventos";
  const std::string longer = pages.hold();
  page = ana.send(longer, ana.get(longer));
  EXPECT_TRUE(page.says("<button class=\"btn\">Confirmar: <bdi>R$ 12.480,00</bdi></button>")) << page.body;
  request.display.amount.reset();
  const std::string bare = pages.hold();
  page = ana.send(bare, ana.get(bare));
  EXPECT_TRUE(page.says("<button class=\"btn\">Confirmar</button>")) << page.body;
  request.display.title = "Nova conta de repasse: Festa Junina Ltda";
  const std::string headed = pages.hold();
  page = ana.send(headed, ana.get(headed));
  EXPECT_TRUE(page.says("<button class=\"btn\">Confirmar: <bdi dir=\"auto\">Nova conta de repasse</bdi></button>"))
      << page.body;
}

TEST(PageFlow, TheWarningIsAboutTheCodeWhereOneIsAskedFor) {
  PageHouse pages;
  pages.fixture().request().locale = "en";
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link);
  EXPECT_TRUE(page.says(" never asks for codes by phone, text or chat.")) << page.body;
  page = ana.send(link, page);
  EXPECT_TRUE(page.says(" never asks for this code by phone, text or chat.")) << page.body;
}

TEST(PageFlow, HoursHaveTheirArticleInPortuguese) {
  PageHouse pages;
  pages.fixture().request().locale = "pt-BR";
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto page = ana.send(link, ana.get(link));
  EXPECT_TRUE(page.says("<span data-no-script>A partir das 12:01 UTC:</span>")) << page.body;
}

TEST(PageFlow, TheMailboxOfAButtonIsMasked) {
  PageHouse pages;
  auto& request = pages.fixture().request();
  request.locale = "en";
  domain::Policy policy;
  policy.any_of = {domain::Method::kEmail};
  policy.email_alone = true;
  request.policy = policy;
  request.contacts = {{Channel::kEmail, std::string(kEmail)}};
  Browser ana(pages);
  EXPECT_TRUE(ana.get(pages.hold()).says(">Send email to a•••••@e••••.com</button>"));
}

TEST(PageFlow, OldAndNewSideBySide) {
  PageHouse pages;
  auto& request = pages.fixture().request();
  request.locale = "pt-BR";
  request.display.lines = {{"Conta", "Itaú final 3661", "Bradesco <1234>"},
                           {"Agência", "2545"},
                           {"Titular", "Casa do Samba", "Casa do Samba"}};
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link);
  EXPECT_TRUE(page.says("<span class=\"vh\">Antes: </span><del dir=\"auto\">Bradesco &lt;1234&gt;</del>")) << page.body;
  EXPECT_TRUE(page.says(
      "<span class=\"vh\">Agora: </span><span aria-hidden=\"true\">→ </span><ins dir=\"auto\">Itaú final 3661</ins>"));
  EXPECT_TRUE(page.says("<bdi dir=\"auto\">Agência</bdi></dt><dd><bdi dir=\"auto\">2545</bdi></dd>"));
  EXPECT_TRUE(page.says("<bdi dir=\"auto\">Titular</bdi></dt><dd><bdi dir=\"auto\">Casa do Samba</bdi></dd>"))
      << "nothing is replaced by itself";
  page = ana.send(link, page);
  EXPECT_TRUE(page.says("<del dir=\"auto\">Bradesco"));
  EXPECT_EQ(pages.messages().back().body.find("Bradesco"), std::string::npos) << "messages have the new value alone";
  EXPECT_TRUE(ana.get(link + "?way=deny").says("<del dir=\"auto\">Bradesco"));
  EXPECT_TRUE(ana.check(link, page, pages.code()).says("<del dir=\"auto\">Bradesco"));
}

TEST(PageFlow, ABrowserWithoutCookiesIsToldSo) {
  PageHouse pages;
  pages.fixture().request().locale = "pt-BR";
  const std::string link = pages.hold();
  Refusing ana(pages);
  auto page = ana.get(link);
  EXPECT_FALSE(page.says("cookies")) << "not before she has tried";
  for (int i = 0; i < 3; ++i) {
    page = ana.post(link + "/send", {{"t", page.field("t")}, {"way", page.field("way")}});
    EXPECT_EQ(page.status, 200);
    EXPECT_TRUE(page.says("Seu navegador está bloqueando cookies")) << page.body;
    EXPECT_TRUE(page.says("Permita cookies para verify.example.com"));
    EXPECT_TRUE(page.says("<title>Erro: "));
  }
  EXPECT_TRUE(pages.messages().empty());
}

TEST(PageFlow, NoGuessIsCountedForABrowserWithoutCookies) {
  PageHouse pages;
  const std::string link = hold_and_send(pages);
  const std::string code = pages.fixture().code();
  Refusing ana(pages);
  auto page = ana.get(link);
  for (int i = 0; i < 7; ++i) {
    page = ana.post(link + "/check", {{"t", page.field("t")},
                                      {"for", page.field("for")},
                                      {"way", page.field("way")},
                                      {"code", i % 2 == 0 ? code : "000000"}});
    EXPECT_TRUE(page.says("Your browser is blocking cookies"));
    EXPECT_TRUE(page.says("name=\"code\"")) << "the way that she was on";
  }
  EXPECT_EQ(pages.fixture().verification().state.attempts, 0);
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld);

  // She allows them, and goes on from the address that she is at.
  Browser& allowed = ana.browser();
  page = allowed.get(page.location);
  page = allowed.check(link, page, code);
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kVerified);
  EXPECT_FALSE(page.says("cookies"));
}

// A session that the browser has forgotten is no refusal: the next answer of it has the cookie.
TEST(PageFlow, ABrowserThatLostItsCookieIsNotTakenForOneThatRefuses) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link);
  ana.cookies().clear();
  page = ana.send(link, page);
  EXPECT_FALSE(page.says("blocking cookies")) << page.body;
  EXPECT_TRUE(page.says("This page was open for too long"));
  page = ana.send(link, page);
  EXPECT_EQ(pages.messages().size(), 1U);
}

// She follows the advice, and opens the address in another browser.
TEST(PageFlow, AnAddressThatWasCopiedAccusesNobody) {
  PageHouse pages;
  const std::string link = hold_and_send(pages);
  Refusing ana(pages);
  auto page = ana.get(link);
  page = ana.post(link + "/check", {{"t", page.field("t")}, {"for", page.field("for")}, {"code", "000000"}});
  ASSERT_TRUE(page.says("blocking cookies"));
  Browser other(pages);
  other.add_header("Sec-Fetch-Site", "none");
  EXPECT_FALSE(other.get(page.location).says("blocking cookies"));
}

TEST(PageFlow, WhateverTheAddressSaysNothingElseIsSaid) {
  PageHouse pages;
  const std::string link = pages.hold();
  for (const char* query : {"?cookies=", "?cookies=%3Cscript%3E", "?cookies=none&cookies=x"}) {
    const auto page = Browser(pages).get(link + query);
    EXPECT_EQ(page.status, 200);
    EXPECT_FALSE(page.says("<script>"));
    Browser ana(pages);
    static_cast<void>(ana.get(link));
    EXPECT_FALSE(ana.get(link + query).says("blocking cookies")) << query;
  }
}

TEST(PageFlow, ACodeInOtherDigitsIsTheCode) {
  PageHouse pages;
  const std::string link = hold_and_send(pages);
  std::string typed = "\u2067";
  for (const char digit : pages.fixture().code()) typed += std::string("\xD9") + static_cast<char>(0xA0 + digit - '0');
  Browser ana(pages);
  static_cast<void>(ana.check(link, ana.get(link), typed + "\u2069"));
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kVerified);
}

}  // namespace
}  // namespace countersign::testing
