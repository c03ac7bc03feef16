#include <gtest/gtest.h>

#include <algorithm>

#include "html/catalogue.h"
#include "unit/api/browser.h"

// What a person sees, state by state, and what a look at a page never does.
namespace countersign::testing {
namespace {

using domain::TransactionStatus;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Everything that a page could change, in one text.
std::string books(Fixture& fixture) {
  std::string all;
  for (const char* table : {"transactions", "messages", "deliveries", "events", "counters", "idempotency"})
    all += std::string(table) + ' ' + std::to_string(fixture.count(table)) + '\n';
  for (const auto& event : fixture.all_events()) all += event.type + '\n';  // Factors, too.
  return all;
}

TEST(Pages, ACodeBySmsFromTheLinkToTheEnd) {
  PageHouse pages;
  pages.fixture().request().return_url = "https://shop.example.com/back";
  pages.fixture().request().locale = "pt-BR";
  const std::string link = pages.hold();
  Browser ana(pages);

  auto page = ana.get(link);
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.heading(), "Nova conta de repasse");
  EXPECT_TRUE(page.says("R$ 12.480,00"));
  EXPECT_TRUE(page.says("Casa do Samba Ltda"));
  EXPECT_TRUE(pages.messages().empty());

  page = ana.send(link, page);
  EXPECT_TRUE(page.says("name=\"code\""));
  EXPECT_TRUE(page.says("4321"));
  EXPECT_FALSE(page.says("987654321"));
  EXPECT_FALSE(page.says(pages.code()));

  page = ana.check(link, page, "");
  EXPECT_TRUE(page.says("O campo está vazio."));
  page = ana.check(link, page, "12");
  EXPECT_TRUE(page.says("Digite os 6 dígitos do código"));
  EXPECT_TRUE(page.says("<title>Erro: "));
  EXPECT_TRUE(page.says("aria-invalid=\"true\""));
  const std::string code = pages.code();
  page = ana.check(link, page, code == "000000" ? "000001" : "000000");
  EXPECT_TRUE(page.says("Código incorreto ou expirado"));
  EXPECT_FALSE(page.says("tentativas"));  // Four are left: not worth a word.
  page = ana.check(link, page, code == "000000" ? "000001" : "000000");
  EXPECT_TRUE(page.says("Restam 3 tentativas."));

  page = ana.check(link, page, code.substr(0, 3) + " " + code.substr(3));
  EXPECT_EQ(page.heading(), "Confirmado");
  EXPECT_TRUE(page.says("https://shop.example.com/back"));
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kVerified);
  EXPECT_EQ(ana.get(link).heading(), "Este pedido já foi confirmado");
  EXPECT_EQ(Browser(pages).get(link).heading(), "Este pedido já foi confirmado");
  EXPECT_EQ(pages.messages().size(), 1U);
}

TEST(Pages, SayWhatAMessageWillNotShowAndShowItThemselves) {
  for (const auto& [locale, sentence] : std::vector<std::pair<std::string, std::string>>{
           {"pt-BR", "A mensagem mostra só o código, não o que ele autoriza: confira os dados nesta página."},
           {"en", "The message shows only the code, not what it approves: check the details on this page."},
           {"es", "El mensaje muestra solo el código, no lo que autoriza: revisa los datos en esta página."}}) {
    PageHouse pages;
    auto& fixture = pages.fixture();
    fixture.request().locale = locale;
    fixture.request().contacts = {{Channel::kWhatsapp, std::string(kPhone)}};
    const std::string link = pages.hold();
    Browser ana(pages);
    EXPECT_FALSE(ana.get(link).says(sentence));
    auto& providers = fixture.settings().accounts.at(fixture.account()).services.front().providers;
    providers.at(Channel::kWhatsapp).code_alone = {Channel::kWhatsapp};
    auto page = ana.get(link);
    EXPECT_TRUE(page.says(sentence));
    EXPECT_TRUE(page.says("Casa do Samba Ltda"));
    page = ana.send(link, page);
    EXPECT_TRUE(page.says("name=\"code\""));
    EXPECT_TRUE(page.says(sentence));
    EXPECT_TRUE(page.says("Casa do Samba Ltda"));
  }
}

TEST(Pages, ManyWaysAreComparedHonestly) {
  PageHouse pages;
  auto& fixture = pages.fixture();
  fixture.request().contacts = {{Channel::kSms, std::string(kPhone)},
                                {Channel::kWhatsapp, std::string(kPhone)},
                                {Channel::kEmail, std::string(kEmail)}};
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(60));
  const std::string link = pages.hold();
  const auto page = Browser(pages).get(link);
  EXPECT_EQ(page.heading(), "How do you want to confirm?");
  const auto at = [&](const char* text) { return page.body.find(text); };
  EXPECT_LT(at("Authenticator app"), at("WhatsApp</bdi>"));
  EXPECT_LT(at("WhatsApp</bdi>"), at("Text message"));
  EXPECT_LT(at("Text message"), at("Email</bdi>"));
  EXPECT_TRUE(page.says("Safe even if your number is stolen."));
  EXPECT_TRUE(page.says("This request also needs a second method."));  // E-mail, by the policy.
  EXPECT_FALSE(page.says("ana.lima@"));
}

TEST(Pages, ACodeOfTheApp) {
  PageHouse pages;
  auto& fixture = pages.fixture();
  fixture.request().contacts.clear();
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(60));
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link);
  ASSERT_TRUE(page.says("name=\"code\""));
  page = ana.check(link, page, "000000");
  EXPECT_TRUE(page.says("already used"));
  page = ana.check(link, page, "000000");
  EXPECT_TRUE(page.says(" open "));  // The hint about the clock is shown unasked.
  page = ana.check(link, page, fixture.totp_code());
  EXPECT_EQ(page.heading(), "Confirmed");
}

TEST(Pages, LookingChangesNothing) {
  PageHouse pages;
  pages.fixture().policy("any").enrol = {domain::Method::kTotp};
  pages.fixture().request().contacts.emplace_back(Channel::kEmail, std::string(kEmail));
  const std::string link = pages.hold();
  Browser ana(pages);
  static_cast<void>(ana.send(link, ana.get(link + "?way=" + ana.get(link).field("way"))));
  const std::string before = books(pages.fixture());
  for (const char* what : {"", "?way=choose", "?way=deny", "?way=enrol", "?way=CT0", "?lang=es", "/state", "/send",
                           "/check", "/deny", "/enrol", "/confirm", "?way=deny&way=choose", "?%zz", "?enrol=YF"}) {
    for (const auto method : {http::Method::kGet, http::Method::kHead}) {
      static_cast<void>(ana.get(link + what, method));
      static_cast<void>(Browser(pages).get(link + what, method));
    }
  }
  EXPECT_EQ(books(pages.fixture()), before);
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld);
}

TEST(Pages, RefusingAsksFirstAndIsFinal) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link + "?way=deny");
  EXPECT_EQ(page.heading(), "Wasn&#39;t you?");
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld);
  page = ana.post(link + "/deny", {{"t", page.field("t")}});
  EXPECT_EQ(page.heading(), "Request declined");
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kDenied);
  EXPECT_FALSE(pages.fixture().has_payload());
  EXPECT_FALSE(ana.get(link).says("name=\"code\""));
}

TEST(Pages, AfterTheEnd) {
  PageHouse pages;
  pages.fixture().request().return_url = "https://shop.example.com/back";
  const std::string canceled = pages.hold();
  ASSERT_EQ(why(pages.fixture().cancel()), kYes);
  const std::string expired = pages.hold();
  Browser ana(pages);
  EXPECT_EQ(ana.get(canceled).heading(), "The request was canceled");
  auto page = ana.send(expired, ana.get(expired));
  pages.fixture().wait(minutes(30));
  const std::string code = pages.code();
  page = ana.check(expired, page, code);  // It expired while it was typed.
  EXPECT_EQ(page.heading(), "This confirmation expired");
  EXPECT_TRUE(page.says("Start again"));
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kExpired);
}

TEST(Pages, AnApplicationsWayBackIsItsOwnWhateverItsAddressLooksLike) {
  PageHouse pages;
  const std::string other = pages.hold();
  pages.fixture().request().return_url = pages.fixture().settings().public_url + other;
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto page = ana.get(link);
  EXPECT_TRUE(page.says("href=\"" + pages.fixture().request().return_url));
  EXPECT_TRUE(page.says("\u2190</span>Back to "));
  EXPECT_FALSE(page.says("\u2190</span>Back to the request"))
      << "that is how an operation leads to what it was begun from";
}

TEST(Pages, ALinkThatIsWrongAnywhereIsNoPage) {
  PageHouse pages;
  const std::string link = pages.hold();
  const std::string other = pages.hold();
  std::string swapped = link.substr(0, link.find('.')) + other.substr(other.find('.'));
  std::string changed = link;
  changed.back() = changed.back() == 'A' ? 'E' : 'A';
  Browser ana(pages);
  std::string body;
  for (const std::string& wrong :
       {swapped, changed, link.substr(0, link.find('.')), link + "A", link.substr(0, 50), std::string("/verify/x"),
        std::string("/verify/a/b/c"), "/verify/TX" + std::string(32, '0') + link.substr(link.find('.'))}) {
    const auto page = ana.get(wrong);
    EXPECT_EQ(page.status, 404) << wrong;
    if (body.empty()) body = page.body;
    EXPECT_EQ(page.body, body) << wrong;  // The same answer, whichever part is wrong.
    EXPECT_EQ(ana.post_alone(wrong + "/deny", {{"t", "x"}}).status == 303, false) << wrong;
  }
  EXPECT_TRUE(body.find("request-1") != std::string::npos);
}

TEST(Pages, EveryPageHasTheHeadersThatKeepItToItself) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  for (const auto& page : {ana.get(link), ana.get("/verify/x"), ana.post_alone(link + "/send", {})}) {
    const std::string csp = page.header("Content-Security-Policy");
    for (const char* part : {"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'",
                             "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"}) {
      EXPECT_NE(csp.find(part), std::string::npos) << part;
    }
    EXPECT_EQ(csp.find("unsafe"), std::string::npos);
    EXPECT_EQ(page.header("Referrer-Policy"), "no-referrer");
    EXPECT_EQ(page.header("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_NE(page.header("Permissions-Policy").find("camera=()"), std::string::npos);
    EXPECT_TRUE(page.header("Strict-Transport-Security").starts_with("max-age=31536000"));
    EXPECT_EQ(page.header("Cache-Control"), "");  // The server adds no-store.
  }
  const auto page = ana.get(link);
  for (const char* inline_code : {" style=", " onclick", "<style", "javascript:", "data:"}) {
    EXPECT_FALSE(page.says(inline_code)) << inline_code;
  }
}

TEST(Pages, TheLanguageIsTheQuerysThenTheTransactionsThenTheBrowsers) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto language = [](const Browser::Page& page) {
    const auto at = page.body.find("<html lang=\"") + 12;
    return page.body.substr(at, page.body.find('"', at) - at);
  };
  EXPECT_EQ(language(ana.get(link)), "en");
  ana.add_header("Accept-Language", "fr, es-MX;q=0.8");
  EXPECT_EQ(language(ana.get(link)), "es");
  EXPECT_EQ(language(ana.get("/verify/x")), "es");
  EXPECT_EQ(language(ana.get(link + "?lang=pt")), "pt-BR");
  ana.cookies().clear();  // It would be remembered.
  EXPECT_EQ(language(ana.get(link + "?lang=xx")), "es");
  pages.fixture().request().locale = "pt-BR";  // The service's is en, so the application chose.
  const std::string brazilian = pages.hold();
  EXPECT_EQ(language(ana.get(brazilian)), "pt-BR");
  const auto english = ana.get(brazilian + "?lang=en");
  EXPECT_EQ(language(english), "en");
  const auto sent = ana.post(brazilian + "/send?lang=en", {{"t", english.field("t")}, {"way", english.field("way")}});
  EXPECT_EQ(language(sent), "en");  // Kept through the form.
  ana.cookies().clear();
  pages.fixture().request().locale = "en";  // Chosen as well, though the service says the same.
  EXPECT_EQ(language(ana.get(pages.hold())), "en");
}

TEST(Pages, NamesFromOutsideAreTextEverywhere) {
  PageHouse pages;
  auto& request = pages.fixture().request();
  const std::string evil = "<script>alert(1)</script>\"'>{{title}}";
  request.display = {evil, std::nullopt, evil, {{"<b>x</b>", evil}}};
  request.identity = evil;
  pages.fixture().policy("any").enrol = {domain::Method::kTotp};
  request.contacts.clear();
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.get(link);
  for (const char* what : {"?way=deny", "?way=choose", "?way=enrol", "?way=%3Cscript%3E", "?lang=%22%3E%3Cscript%3E"}) {
    page = ana.get(link + what);
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body.find("<script>"), std::string::npos) << what;
    EXPECT_EQ(page.body.find("<b>x"), std::string::npos) << what;
  }
  page = ana.post(link + "/enrol", {{"t", ana.get(link + "?way=enrol").field("t")}});
  EXPECT_TRUE(page.says("<svg"));
  EXPECT_EQ(page.body.find("<script>"), std::string::npos);
}

TEST(Pages, TheScriptsPollSeesEveryChange) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  const std::string before = ana.get(link + "/state").body;
  EXPECT_TRUE(before.starts_with("{\"state\":\"held\",\"revision\":\""));
  EXPECT_EQ(ana.get(link + "/state").body, before);
  auto page = ana.send(link, ana.get(link));
  const std::string sent = ana.get(link + "/state").body;
  EXPECT_NE(sent, before);
  page = ana.check(link, page, pages.code());
  EXPECT_TRUE(ana.get(link + "/state").body.starts_with("{\"state\":\"verified\""));
}

TEST(Pages, AServicesBrandIsServedByUs) {
  PageHouse pages;
  const ServiceId service = pages.fixture().settings().accounts.begin()->second.services.front().id;
  pages.brands().brands[service] = {"Palco",  "#aa2255", {"image/png", "\x89PNG"}, "https://palco.example/help",
                                    "0800 1", {}};
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto page = ana.get(link);
  EXPECT_TRUE(page.says("Palco confirmation page at"));
  EXPECT_TRUE(page.says("https://palco.example/help"));
  const auto url_after = [&](std::string_view start) {
    const auto at = page.body.find(start) + start.size();
    return page.body.substr(at, page.body.find('"', at) - at);
  };
  const auto style = ana.get(url_after("href=\"/brand").insert(0, "/brand"));
  EXPECT_EQ(style.status, 200);
  EXPECT_TRUE(style.says("--accent:#aa2255"));
  EXPECT_NE(style.header("Cache-Control").find("immutable"), std::string::npos);
  const auto logo = ana.get(url_after("src=\"/brand").insert(0, "/brand"));
  EXPECT_EQ(logo.status, 200);
  EXPECT_EQ(logo.body, "\x89PNG");
  EXPECT_EQ(ana.get("/brand/" + service.text() + "/style-0.css").status, 404);
}

TEST(Pages, AVerifierJudges) {
  PageHouse pages;
  pages.fixture().request().service = "upstream";
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.send(link, ana.get(link));
  // The provider's name for it is written down by the courier, a moment later.
  for (int i = 0; i < 1000 && !pages.fixture().verification().provider_ref; ++i) static_cast<void>(ana.get(link));
  if (!pages.fixture().verification().provider_ref) {
    const auto v = pages.fixture().verification();
    pages.fixture().in([&](store::Tx& tx, Moment&) {
      store::set_provider_ref(tx, pages.fixture().account(), pages.fixture().current(), v.state.id, "VE1");
      return Done{};
    });
  }
  page = ana.check(link, page, "111111");
  EXPECT_TRUE(page.says("That code is incorrect"));
  page = ana.check(link, page, "424242");
  EXPECT_EQ(page.heading(), "Confirmed");
}

}  // namespace
}  // namespace countersign::testing
