#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"
#include "crypto/otp.h"
#include "unit/api/browser.h"

// An authenticator app that is added on the page never weakens what the page is there for.
namespace countersign::testing {
namespace {

using domain::TransactionStatus;
using std::chrono::minutes;
using std::chrono::seconds;

class PageEnrolment : public ::testing::Test {
 protected:
  PageEnrolment() { pages_.house().policy("any").enrol = {domain::Method::kTotp}; }

  /// Begins an enrolment and answers the page with the key.
  static Browser::Page begin(Browser& who, const std::string& link) {
    return who.post(link + "/enrol", {{"t", who.get(link + "?way=enrol").field("t")}});
  }
  std::ptrdiff_t enrolled() {
    return std::ranges::count(pages_.house().all_events(), "factor.enrolled", &store::EventRow::type);
  }
  /// The code of the key on that page, now.
  std::string code_of(const Browser::Page& page) {
    const std::string start = "data-value=\"";
    const auto at = page.body.find(start) + start.size();
    const auto secret = from_base32(page.body.substr(at, page.body.find('"', at) - at));
    CS_CHECK(secret.has_value());
    secret_ = *secret;
    return code();
  }
  /// The code of the key seen last, now.
  std::string code() { return crypto::totp(secret_, crypto::totp_step(pages_.house().now(), {}), {}); }
  static Browser::Page confirm(Browser& who, const std::string& link, const Browser::Page& page,
                               const std::string& code, const std::string& name = "") {
    return who.post(link + "/confirm",
                    {{"t", page.field("t")}, {"enrol", page.field("enrol")}, {"code", code}, {"name", name}});
  }

  PageHouse pages_;
  std::string secret_;
};

TEST_F(PageEnrolment, WhoHasNothingMayAddAnAppButItDoesNotAuthoriseThis) {
  pages_.house().request().contacts.clear();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = ana.get(link);
  EXPECT_EQ(page.heading(), "It cannot be confirmed now");
  page = ana.get(link + "?way=enrol");
  EXPECT_TRUE(page.says("a new app does not authorise it alone"));
  page = begin(ana, link);
  ASSERT_TRUE(page.says("otpauth://totp/"));
  EXPECT_TRUE(ana.get(page.location).says("otpauth://totp/"));  // A reload shows it again.
  pages_.house().wait(seconds(1));
  EXPECT_TRUE(confirm(ana, link, page, "000000").says("was used already"));
  const std::string code = code_of(page);
  page = confirm(ana, link, ana.get(page.location), code, "my phone");
  EXPECT_EQ(page.heading(), "It cannot be confirmed now");
  EXPECT_TRUE(page.says("App activated"));
  EXPECT_TRUE(page.says("added after this request began"));
  pages_.house().wait(seconds(60));
  EXPECT_EQ(pages_.house().status(), TransactionStatus::kHeld);

  const std::string next = pages_.hold();
  page = ana.get(next);
  EXPECT_TRUE(page.says("my phone"));
  EXPECT_TRUE(page.says("name=\"code\""));
}

TEST_F(PageEnrolment, TrustOnFirstUseLetsItAuthorise) {
  pages_.house().request().contacts.clear();
  pages_.house().policy("any").trust_on_first_use = true;
  const std::string link = pages_.hold();
  Browser ana(pages_);
  EXPECT_EQ(ana.get(link).heading(), "Set up the authenticator app");
  auto page = begin(ana, link);
  page = confirm(ana, link, page, code_of(page));
  EXPECT_TRUE(page.says("Now confirm with the next code"));
  EXPECT_EQ(pages_.house().status(), TransactionStatus::kHeld);  // One act: the first code confirmed the app alone.
  EXPECT_FALSE(ana.get(link).says("otpauth"));
  pages_.house().wait(seconds(30));
  page = ana.check(link, page, code());
  EXPECT_EQ(page.heading(), "Confirmed");
}

TEST_F(PageEnrolment, WhoCouldProveHerselfMustDoSoFirst) {
  const std::string link = pages_.hold();  // There is a telephone number.
  Browser thief(pages_);
  const auto page = begin(thief, link);
  EXPECT_TRUE(page.says("An app cannot be added here"));
  EXPECT_EQ(enrolled(), 0);
}

TEST_F(PageEnrolment, AfterAProofOnlyTheBrowserThatProved) {
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = ana.send(link, ana.get(link));
  page = ana.check(link, page, pages_.code());
  ASSERT_EQ(page.heading(), "Confirmed");
  EXPECT_TRUE(page.says("Set up an authenticator app"));

  Browser thief(pages_);
  EXPECT_FALSE(thief.get(link).says("Set up an authenticator app"));
  static_cast<void>(thief.post(link + "/enrol", {{"t", thief.get(link).field("t")}}));
  EXPECT_EQ(enrolled(), 0);

  page = begin(ana, link);
  ASSERT_TRUE(page.says("otpauth://totp/"));
  EXPECT_FALSE(thief.get(page.location).says("otpauth"));  // Nor the key by its address.
  page = confirm(ana, link, page, code_of(page));
  EXPECT_TRUE(page.says("App activated"));
  pages_.house().wait(minutes(16));
  EXPECT_FALSE(ana.get(link).says("Set up an authenticator app"));
}

TEST_F(PageEnrolment, NotWhereThePolicyDoesNotSaySo) {
  pages_.house().policy("any").enrol = {};
  pages_.house().request().contacts.clear();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  EXPECT_FALSE(ana.get(link).says("Set up an authenticator app"));
  static_cast<void>(ana.post(link + "/enrol", {{"t", ana.get(link).field("t")}}));
  EXPECT_EQ(enrolled(), 0);
}

TEST_F(PageEnrolment, AKeyThatWasLeftTooLongIsMadeAnew) {
  pages_.house().request().contacts.clear();
  pages_.house().request().expires_in = minutes(120);
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = begin(ana, link);
  pages_.house().wait(minutes(31));
  page = confirm(ana, link, page, code_of(page));
  EXPECT_TRUE(page.says("The earlier key is void"));
  EXPECT_TRUE(begin(ana, link).says("otpauth://totp/"));
}

TEST_F(PageEnrolment, ASecondKindCompletesWhatAProofBegan) {
  pages_.house().settings().accounts.begin()->second.services.front().policies = {"any", "strict"};
  pages_.house().policy("strict").enrol = {domain::Method::kTotp};
  const std::string link = pages_.hold("strict");
  pages_.house().wait(seconds(1));
  Browser ana(pages_);
  auto page = ana.get(link);
  page = ana.send(link, page);  // A telephone is one kind; two are asked for, and an app can be the other.
  page = ana.check(link, page, pages_.code());
  EXPECT_TRUE(page.says("One more is needed"));
  EXPECT_EQ(page.heading(), "Set up the authenticator app");
  EXPECT_FALSE(page.says("Good from the next time on"));
  EXPECT_EQ(Browser(pages_).get(link).heading(), "It cannot be confirmed now");  // Not where nothing was proved.
  page = begin(ana, link);
  page = confirm(ana, link, page, code_of(page));
  EXPECT_TRUE(page.says("Now confirm with the next code"));
  pages_.house().wait(seconds(30));
  const auto again = code();
  page = ana.check(link, page, again);
  EXPECT_EQ(page.heading(), "Confirmed");
  EXPECT_EQ(pages_.house().status(), TransactionStatus::kVerified);
}

TEST_F(PageEnrolment, WithoutASecondKindInSightThePageSaysSoAtOnce) {
  pages_.house().settings().accounts.begin()->second.services.front().policies = {"any", "strict"};
  const std::string link = pages_.hold("strict");
  const auto page = Browser(pages_).get(link);
  EXPECT_EQ(page.heading(), "It cannot be confirmed now");
  EXPECT_TRUE(page.says("more than one kind of proof"));
}

}  // namespace
}  // namespace countersign::testing
