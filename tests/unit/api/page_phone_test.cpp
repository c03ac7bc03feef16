#include <gtest/gtest.h>

#include "unit/api/browser.h"

// What makes the pages usable by somebody in a hurry, on a telephone, who reads another language: the way back, what is
// said where, what is kept.
namespace countersign::testing {
namespace {

using domain::TransactionStatus;
using std::chrono::minutes;

constexpr const char* kBack = "https://shop.example.com/back";

std::string back_link(const Browser::Page& page) {
  const auto at = page.body.find("<p class=\"back\"><a href=\"");
  if (at == std::string::npos) return "";
  const auto from = at + std::string_view("<p class=\"back\"><a href=\"").size();
  return page.body.substr(from, page.body.find('"', from) - from);
}

std::string title_of(const Browser::Page& page) {
  const auto from = page.body.find("<title>") + 7;
  return page.body.substr(from, page.body.find("</title>") - from);
}

std::string other_than(const std::string& code) { return code == "000000" ? "000001" : "000000"; }

ServiceId only_service(PageHouse& pages) {
  return pages.fixture().settings().accounts.begin()->second.services.front().id;
}

TEST(PagePhone, TheWayBackStandsOnEveryPageAndChangesNothing) {
  PageHouse pages;
  pages.fixture().request().return_url = kBack;
  const std::string link = pages.hold();
  Browser ana(pages);
  for (const char* what : {"", "?way=choose", "?way=deny", "?way=enrol"}) {
    const auto page = ana.get(link + what);
    EXPECT_EQ(back_link(page), kBack) << what;
    EXPECT_TRUE(page.says("Back to Countersign</a>")) << what;
  }
  auto page = ana.send(link, ana.get(link));
  EXPECT_EQ(back_link(page), kBack);
  const std::string code = pages.code();
  for (int i = 0; i < 5; ++i) page = ana.check(link, page, other_than(code));
  EXPECT_EQ(page.heading(), "Too many attempts");
  EXPECT_EQ(back_link(page), kBack);
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld);
  page = ana.get(link + "?way=deny");
  page = ana.post(link + "/deny", {{"t", page.field("t")}});
  EXPECT_EQ(page.heading(), "Request declined");
  EXPECT_EQ(back_link(page), kBack);
  pages.fixture().request().contacts.clear();
  pages.fixture().request().identity = "nobody-yet";
  const auto blocked = Browser(pages).get(pages.hold());
  EXPECT_EQ(blocked.heading(), "You can&#39;t confirm this right now");
  EXPECT_EQ(back_link(blocked), kBack);
}

TEST(PagePhone, WithoutAReturnUrlItLeadsToTheBrandsHomeOrIsNotThere) {
  PageHouse pages;
  pages.brands().brands[only_service(pages)] = {"Palco", "", {}, "", "", {}, "https://palco.example/"};
  const std::string link = pages.hold();
  Browser ana(pages);
  EXPECT_EQ(back_link(ana.get(link)), "https://palco.example/");
  const auto gone = ana.get("/verify/x");
  EXPECT_EQ(back_link(gone), "https://palco.example/");
  EXPECT_TRUE(gone.says("Back to Palco</a>"));

  PageHouse nameless;
  const auto page = Browser(nameless).get(nameless.hold());
  EXPECT_EQ(back_link(page), "");
  EXPECT_FALSE(page.says("Back to"));
  EXPECT_EQ(back_link(Browser(nameless).get("/verify/x")), "");
}

TEST(PagePhone, ASuccessThatOffersSomethingWaitsToBeRead) {
  PageHouse pages;
  pages.fixture().request().return_url = kBack;
  const auto done = [&] {
    const std::string link = pages.hold();
    Browser ana(pages);
    const auto page = ana.send(link, ana.get(link));
    return ana.check(link, page, pages.code());
  };
  EXPECT_TRUE(done().says("data-return=\"3\""));
  pages.fixture().wait(minutes(10));
  pages.fixture().policy("any").enrol = {domain::Method::kTotp};
  const auto page = done();
  EXPECT_EQ(page.heading(), "Confirmed");
  EXPECT_TRUE(page.says("way=enrol"));
  EXPECT_FALSE(page.says("data-return"));
  EXPECT_TRUE(page.says(kBack));
}

TEST(PagePhone, ACodeThatIsTooShortStaysAndTravelsInNoAddressOrCookie) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.send(link, ana.get(link));
  const std::string code = pages.code();
  const std::string start = code.substr(0, 5);
  page = ana.check(link, page, start);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.location, "") << "answered with the page itself";
  EXPECT_TRUE(page.says("value=\"" + start + "\""));
  EXPECT_TRUE(page.says("Enter the 6 digits of the code"));
  EXPECT_TRUE(page.says("data-here=\"/verify/"));
  for (const auto& [name, value] : page.headers) EXPECT_EQ(value.find(start), std::string::npos) << name;
  EXPECT_FALSE(ana.get(link).says(start)) << "said once";
  // The same form again: the same page, and no attempt is spent.
  page = ana.check(link, page, start);
  EXPECT_TRUE(page.says("value=\"" + start + "\""));
  EXPECT_EQ(pages.fixture().verification().state.attempts, 0);

  for (const std::string& whole : {other_than(code), code + "1", std::string("1 2 3 4 5 6 7")}) {
    page = ana.check(link, page, whole);
    EXPECT_FALSE(page.says(whole)) << whole;
    EXPECT_FALSE(page.says("value=\"1 2")) << whole;
    EXPECT_EQ(page.location.find(whole), std::string::npos);
  }
  page = ana.check(link, page, "\"><b>");
  EXPECT_TRUE(page.says("value=\"&quot;&gt;&lt;b&gt;\"")) << page.body;
  page = ana.check(link, page, code);
  EXPECT_EQ(page.heading(), "Confirmed");
}

TEST(PagePhone, TheNameOfTheAppStaysWhileItsCodeIsWrong) {
  PageHouse pages;
  pages.fixture().request().contacts.clear();
  auto& policy = pages.fixture().policy("any");
  policy.enrol = {domain::Method::kTotp};
  policy.trust_on_first_use = true;
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.post(link + "/enrol", {{"t", ana.get(link).field("t")}});
  ASSERT_TRUE(page.says("otpauth://totp/"));
  const auto confirm = [&](const char* code, const char* name) {
    return ana.post(link + "/confirm",
                    {{"t", page.field("t")}, {"enrol", page.field("enrol")}, {"code", code}, {"name", name}});
  };
  page = confirm("12", "my phone");
  EXPECT_TRUE(page.says("value=\"my phone\""));
  EXPECT_TRUE(page.says("value=\"12\""));
  page = confirm("000000", "my phone");
  EXPECT_TRUE(page.says("value=\"my phone\""));
  EXPECT_TRUE(page.says("id=\"code-error\""));
  EXPECT_FALSE(page.says("value=\"000000\""));
  ASSERT_TRUE(page.says("otpauth://totp/"));
}

TEST(PagePhone, AnErrorStandsAtItsFieldToo) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.send(link, ana.get(link));
  EXPECT_FALSE(page.says("code-error"));
  EXPECT_TRUE(page.says("aria-describedby=\"code-hint\""));
  page = ana.check(link, page, other_than(pages.code()));
  EXPECT_TRUE(page.says("aria-describedby=\"code-error code-hint\" aria-invalid=\"true\""));
  EXPECT_TRUE(page.says("id=\"code-error\"><span class=\"vh\">Error: </span>That code is incorrect or has expired"));
}

TEST(PagePhone, TheWindowIsCalledByWhatThePageIs) {
  PageHouse pages;
  pages.brands().brands[only_service(pages)] = {"Palco", "", {}, "", "", {}, ""};
  pages.fixture().request().locale = "pt-BR";
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link);
  EXPECT_EQ(title_of(page), "Receba o código – Palco");
  page = ana.send(link, page);
  EXPECT_EQ(title_of(page), "Digite o código – Palco");
  page = ana.check(link, page, other_than(pages.code()));
  EXPECT_EQ(title_of(page), "Erro: Código incorreto ou expirado – Palco");
  EXPECT_EQ(title_of(ana.get(link + "?way=deny")), "Não foi você? – Palco");
  page = ana.check(link, page, pages.code());
  EXPECT_EQ(title_of(page), "Confirmado – Palco");
  EXPECT_EQ(title_of(ana.get(link)), "Este pedido já foi confirmado – Palco");
}

TEST(PagePhone, TheHeadingTakesTheFocusAfterWhatThePersonDidAlone) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto asked = ana.get(link + "?way=deny");
  const auto denied = ana.post(link + "/deny", {{"t", asked.field("t")}});
  EXPECT_TRUE(denied.says("<h1 tabindex=\"-1\" data-focus >Request declined"));
  EXPECT_TRUE(ana.get(link).says("<h1 tabindex=\"-1\">Request declined"));

  const std::string expiring = pages.hold();
  auto page = ana.send(expiring, ana.get(expiring));
  pages.fixture().wait(minutes(30));
  page = ana.check(expiring, page, pages.code());
  EXPECT_TRUE(page.says("<h1 tabindex=\"-1\" data-focus >This confirmation expired"));

  const std::string locking = pages.hold();
  page = ana.send(locking, ana.get(locking));
  for (int i = 0; i < 5; ++i) page = ana.check(locking, page, other_than(pages.code()));
  EXPECT_TRUE(page.says("<h1 tabindex=\"-1\" data-focus >Too many attempts"));
}

TEST(PagePhone, TheChoiceOfALanguageHolds) {
  PageHouse pages;
  pages.fixture().request().locale = "pt-BR";
  const std::string link = pages.hold();
  const auto is_spanish = [](const Browser::Page& page) { return page.says("<html lang=\"es\""); };
  Browser ana(pages);
  EXPECT_FALSE(is_spanish(ana.get(link)));
  EXPECT_TRUE(is_spanish(ana.get(link + "?lang=es")));
  EXPECT_TRUE(is_spanish(ana.get(link))) << "the same link, opened again";
  EXPECT_TRUE(is_spanish(ana.get("/verify/x")));
  EXPECT_TRUE(is_spanish(ana.send(link, ana.get(link))));
  EXPECT_FALSE(is_spanish(ana.get(link + "?lang=en")));
  EXPECT_TRUE(ana.get(link).says("<html lang=\"en\"")) << "the newest choice";
  ana.cookies()["__Host-cs-lang"] = "<b>";
  EXPECT_TRUE(ana.get(link).says("<html lang=\"pt-BR\""));
  // Where cookies are dropped, addresses carry it.
  Browser bia(pages);
  const auto page = bia.get(link + "?lang=es");
  bia.cookies().erase("__Host-cs-lang");
  EXPECT_TRUE(page.says("action=\"" + link + "/send?lang=es\""));
  EXPECT_TRUE(is_spanish(bia.post(link + "/send?lang=es", {{"t", page.field("t")}, {"way", page.field("way")}})));
}

TEST(PagePhone, TheApplicationsWordsAreInItsLanguageAndTheirOwnDirection) {
  PageHouse pages;
  pages.fixture().request().locale = "pt-BR";
  pages.fixture().request().display.payee = "شركة المسرح";
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto foreign = ana.get(link + "?lang=en");
  EXPECT_TRUE(foreign.says("<h1><bdi dir=\"auto\" lang=\"pt-BR\">Nova conta de repasse</bdi></h1>"));
  EXPECT_TRUE(foreign.says("<dd><bdi dir=\"auto\" lang=\"pt-BR\">شركة المسرح</bdi></dd>"));
  EXPECT_TRUE(foreign.says("<dt>To</dt>"));
  const auto own = ana.get(link + "?lang=pt-BR");
  EXPECT_TRUE(own.says("<h1><bdi dir=\"auto\">Nova conta de repasse</bdi></h1>"));
  EXPECT_FALSE(own.says("<bdi dir=\"auto\" lang"));
}

TEST(PagePhone, AnotherWayIsNamedWhereThereIsOne) {
  PageHouse pages;
  Browser ana(pages);
  const std::string alone = one_more_from_her_address(pages, ana);
  auto page = ana.send(alone, ana.get(alone));
  ASSERT_TRUE(page.says("Too many attempts in a short time"));
  EXPECT_FALSE(page.says("another way"));
  pages.fixture().policy("any").email_alone = true;
  pages.fixture().request().contacts = {{Channel::kSms, "+5521998765433"}, {Channel::kEmail, std::string(kEmail)}};
  pages.fixture().request().identity = "a-third";
  const std::string two = pages.hold();
  page = ana.send(two, ana.get(two));
  ASSERT_TRUE(page.says("Too many attempts in a short time"));
  EXPECT_TRUE(page.says("You can also confirm another way."));
}

TEST(PagePhone, InSpanishTheHourHasItsArticle) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto sent = ana.send(link, ana.get(link + "?lang=es"));  // Noon, and ten minutes.
  EXPECT_TRUE(sent.says("V\u00E1lido hasta las\u00A012:10\u00A0p.m.\u00A0UTC.")) << sent.body;
  pages.fixture().wait(std::chrono::hours(1));
  const std::string later = pages.hold();
  EXPECT_TRUE(ana.send(later, ana.get(later)).says("V\u00E1lido hasta la\u00A01:10\u00A0p.m.\u00A0UTC."));
}

// Who has given a new number looks for the code there.
TEST(PagePhone, ANewerNumberThatWaitsIsSpokenOf) {
  PageHouse pages;
  auto& fixture = pages.fixture();
  fixture.hold();
  ASSERT_TRUE(fixture.start());
  ASSERT_TRUE(fixture.check(fixture.code()));
  fixture.wait(std::chrono::hours(25));
  Browser ana(pages);
  EXPECT_FALSE(ana.get(pages.hold()).says("new number"));
  fixture.request().contacts = {{Channel::kSms, "+5521998765432"}};
  fixture.wait(minutes(1));
  static_cast<void>(pages.hold());
  fixture.tell_all();  // From now on the day is known.
  const std::string link = pages.hold();
  auto page = ana.get(link);
  EXPECT_TRUE(page.says("4321.</span>")) << page.body;
  EXPECT_TRUE(page.says("Your new number can be used for requests made on or after Nov 26, 2026"));
  page = ana.send(link, page);
  EXPECT_TRUE(page.says("Until then the code goes to the earlier one."));
}

TEST(PagePhone, WhereItWasSentIsOneWordWithItsFullStop) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link);
  EXPECT_TRUE(page.says("<span class=\"target\">+55 •••••••4321.</span>"));
  page = ana.send(link, page);
  EXPECT_TRUE(page.says("<span class=\"target\">+55 •••••••4321.</span> Valid until"));
}

}  // namespace
}  // namespace countersign::testing
