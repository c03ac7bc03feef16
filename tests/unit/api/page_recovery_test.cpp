#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/ascii.h"
#include "support/settings.h"
#include "unit/api/browser.h"
#include "usecase/subject/recovery.h"

// Recovery codes on the hosted pages: used, made, kept. [BKP-1, BKP-3]
namespace countersign::testing {
namespace {

using domain::Method;
using domain::TransactionStatus;

class PageRecovery : public ::testing::Test {
 protected:
  PageRecovery() {
    fixture().limits() = no_rates();
    for (const char* policy : {"any", "strict"}) {
      fixture().policy(policy).any_of.add(Method::kRecoveryCode);
      fixture().policy(policy).enrol = {Method::kRecoveryCode};
    }
  }
  Fixture& fixture() { return pages_.fixture(); }

  /// A set that the application gave, and that counts.
  std::vector<std::string> given() {
    pages_.hold();
    const auto codes = fixture().in([&](store::Tx& tx, Moment& moment) {
      const usecase::Work work{tx, fixture().context(), fixture().caller(), moment};
      const auto made = usecase::make_recovery_codes(work, {fixture().request().identity, ""});
      EXPECT_TRUE(made);
      EXPECT_TRUE(usecase::confirm_factor(work, fixture().request().identity, made->id, std::nullopt));
      std::vector<std::string> shown;
      for (const auto& code : made->codes) shown.push_back(code.expose());
      return shown;
    });
    fixture().wait(std::chrono::seconds(1));  // It is bound after what is held at that instant.
    return codes;
  }
  /// The page that asks for a recovery code.
  Browser::Page asked(Browser& who, const std::string& link) {
    const auto choice = who.get(link + "?way=choose");
    const auto at = choice.body.find("way=YF");
    return at == std::string::npos ? choice : who.get(link + "?" + choice.body.substr(at, 38));
  }
  static std::vector<std::string> codes_on(const Browser::Page& page) {
    std::vector<std::string> codes;
    for (std::size_t at = 0; (at = page.body.find("<li>", at)) != std::string::npos; at += 4) {
      const auto code = page.body.substr(at + 4, 17);
      if (code.size() == 17 && code[5] == '-' && code[11] == '-') codes.push_back(code);
    }
    return codes;
  }
  /// The page of the approved operation, in that browser.
  std::string approved_operation(Browser& who) {
    const std::string link = pages_.hold();
    auto page = who.get(link + "?way=codes");
    EXPECT_EQ(page.heading(), "Make recovery codes");
    page = who.post(link + "/enrol", {{"t", page.field("t")}, {"what", "codes"}});
    EXPECT_TRUE(page.says("New recovery codes"));
    const std::string operation = page.location;
    page = who.send(operation, page);
    page = who.check(operation, page, pages_.code());
    EXPECT_EQ(page.heading(), "Make recovery codes");
    return operation.substr(0, operation.find('?'));
  }

  PageHouse pages_;
};

TEST_F(PageRecovery, ACodeCompletesBesideAnotherKindAndThePageSaysWhatIsLeft) {
  const auto codes = given();
  const std::string link = pages_.hold("strict");
  Browser ana(pages_);
  auto page = asked(ana, link);
  EXPECT_TRUE(page.says("<label for=\"code\">Recovery code</label>"));
  EXPECT_TRUE(page.says("10 recovery codes left"));
  EXPECT_TRUE(page.says("autocomplete=\"off\""));
  page = ana.check(link, page, lower_case(codes[0]));
  EXPECT_TRUE(page.says("First confirmation received"));
  EXPECT_TRUE(page.says("9 recovery codes left"));
  EXPECT_EQ(page.header("Cache-Control"), "");  // The server adds no-store to what names none.
  EXPECT_FALSE(page.says("Recovery code</bdi>")) << "the kind is proved";
  page = ana.send(link, page);
  page = ana.check(link, page, pages_.code());
  EXPECT_EQ(page.heading(), "Confirmed");
  EXPECT_TRUE(page.says("9 recovery codes left"));
}

TEST_F(PageRecovery, AWrongCodeIsSaidAndAnIncompleteOneStays) {
  const auto codes = given();
  const std::string link = pages_.hold("strict");
  Browser ana(pages_);
  auto page = ana.check(link, asked(ana, link), "00000-00000-ZZZZZ");
  EXPECT_TRUE(page.says("That code is incorrect or already used"));
  EXPECT_FALSE(page.says("ZZZZZ")) << "a page does not repeat a code";
  page = ana.check(link, asked(ana, link), "7K3QM-XA");
  EXPECT_TRUE(page.says("Enter the whole recovery code"));
  EXPECT_TRUE(page.says("value=\"7K3QM-XA\""));
  page = ana.check(link, asked(ana, link), " ");
  EXPECT_TRUE(page.says("The field is empty"));
  page = ana.check(link, asked(ana, link), codes[0]);
  EXPECT_TRUE(page.says("First confirmation received"));
  page = ana.check(link, page, codes[0]);
  EXPECT_EQ(fixture().status(), TransactionStatus::kHeld);
}

TEST_F(PageRecovery, NewCodesAreShownInTheBrowserThatApprovedThemUntilTheyAreKept) {
  Browser ana(pages_);
  const std::string operation = approved_operation(ana);
  auto page = ana.post(operation + "/enrol", {{"t", ana.get(operation).field("t")}, {"what", "codes"}});
  EXPECT_EQ(page.heading(), "Save these codes now");
  const auto codes = codes_on(page);
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 10U);
  EXPECT_EQ(codes_on(ana.get(page.location)), codes) << "a reload shows them again";
  Browser thief(pages_);
  EXPECT_TRUE(codes_on(thief.get(page.location)).empty());
  EXPECT_TRUE(codes_on(thief.get(operation)).empty());

  // Nothing of them is in an address or a cookie.
  for (const auto& code : codes) {
    EXPECT_EQ(page.location.find(code), std::string::npos);
    for (const auto& [name, value] : ana.cookies()) EXPECT_EQ(value.find(code.substr(0, 5)), std::string::npos);
  }

  const auto file = ana.post_alone(operation + "/codes", {{"t", page.field("t")}, {"enrol", page.field("enrol")}});
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.header("Content-Disposition"), "attachment; filename=\"recovery-codes.txt\"");
  for (const auto& code : codes) EXPECT_TRUE(file.says(code + "\r\n"));
  const auto stolen = thief.post_alone(operation + "/codes", {{"t", page.field("t")}, {"enrol", page.field("enrol")}});
  EXPECT_EQ(stolen.status, 303);
  EXPECT_FALSE(stolen.says(codes[0]));

  const auto again = ana.get(operation + "/codes");  // As a browser does that takes up a download again.
  EXPECT_EQ(again.status, 303);
  EXPECT_EQ(again.location, operation);

  const std::string shown_at = page.location;
  page = ana.post(operation + "/confirm", {{"t", page.field("t")}, {"enrol", page.field("enrol")}});
  EXPECT_EQ(page.heading(), "Recovery codes activated");
  EXPECT_TRUE(codes_on(ana.get(shown_at)).empty()) << "they are not shown again";
  const auto late = ana.post_alone(operation + "/codes", {{"t", page.field("t")}, {"enrol", ""}});
  EXPECT_FALSE(late.says(codes[0]));
}

TEST_F(PageRecovery, TheOfferIsMadeToWhoHasNoneOrFewAndLeadsToAnOperation) {
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = ana.send(link, ana.get(link));
  page = ana.check(link, page, pages_.code());
  EXPECT_EQ(page.heading(), "Confirmed");
  EXPECT_TRUE(page.says("way=codes"));
  const auto codes = given();
  const std::string next = pages_.hold();
  page = ana.send(next, ana.get(next));
  page = ana.check(next, page, pages_.code());
  EXPECT_EQ(page.heading(), "Confirmed");
  EXPECT_FALSE(page.says("way=codes")) << "ten are enough";
}

TEST_F(PageRecovery, WhereThePolicyDoesNotNameThemNothingIsOffered) {
  const auto codes = given();
  fixture().policy("any").enrol = {};
  fixture().policy("any").any_of = {Method::kSms, Method::kTotp};
  const std::string link = pages_.hold();
  Browser ana(pages_);
  EXPECT_FALSE(ana.get(link + "?way=choose").says("Recovery code"));
  EXPECT_NE(ana.get(link + "?way=codes").heading(), "Make recovery codes");
  static_cast<void>(ana.post(link + "/enrol", {{"t", ana.get(link + "?way=deny").field("t")}, {"what", "codes"}}));
  EXPECT_EQ(std::ranges::count(fixture().all_events(), "factor.enrolled", &store::EventRow::type), 1);
}

}  // namespace
}  // namespace countersign::testing
