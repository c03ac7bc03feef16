#include <gtest/gtest.h>

#include <algorithm>

#include "base/encoding.h"
#include "contact/masking.h"
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
  PageEnrolment() { pages_.fixture().policy("any").enrol = {domain::Method::kTotp}; }

  /// Begins an enrolment and answers the page with the key.
  static Browser::Page begin(Browser& who, const std::string& link) {
    return who.post(link + "/enrol", {{"t", who.get(link + "?way=enrol").field("t")}});
  }
  std::ptrdiff_t enrolled() {
    return std::ranges::count(pages_.fixture().all_events(), "factor.enrolled", &store::EventRow::type);
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
  std::string code() { return crypto::totp(secret_, crypto::totp_step(pages_.fixture().now(), {}), {}); }
  static Browser::Page confirm(Browser& who, const std::string& link, const Browser::Page& page,
                               const std::string& code, const std::string& name = "") {
    return who.post(link + "/confirm",
                    {{"t", page.field("t")}, {"enrol", page.field("enrol")}, {"code", code}, {"name", name}});
  }

  PageHouse pages_;
  std::string secret_;
};

// [STD-6] A hijacked session has the link too.
TEST_F(PageEnrolment, TheLinkAloneBindsNothing) {
  pages_.fixture().request().contacts.clear();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  const auto page = ana.get(link);
  EXPECT_EQ(page.heading(), "You can&#39;t confirm this right now");
  EXPECT_FALSE(page.says("way=enrol"));
  static_cast<void>(ana.post(link + "/enrol", {{"t", ana.get(link + "?way=deny").field("t")}}));
  EXPECT_EQ(enrolled(), 0);
}

TEST_F(PageEnrolment, AKeyIsShownAgainUntilItIsConfirmed) {
  pages_.fixture().request().contacts.clear();
  pages_.fixture().policy("any").trust_on_first_use = true;
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = begin(ana, link);
  ASSERT_TRUE(page.says("otpauth://totp/"));
  EXPECT_TRUE(ana.get(page.location).says("otpauth://totp/"));  // A reload shows it again.
  pages_.fixture().wait(seconds(1));
  EXPECT_TRUE(confirm(ana, link, page, "000000").says("already used"));
  const std::string code = code_of(page);
  page = confirm(ana, link, ana.get(page.location), code, "my phone");
  EXPECT_TRUE(page.says("Now confirm with the next code"));
  EXPECT_TRUE(page.says("my phone"));
}

TEST_F(PageEnrolment, TrustOnFirstUseLetsItAuthorise) {
  pages_.fixture().request().contacts.clear();
  pages_.fixture().policy("any").trust_on_first_use = true;
  const std::string link = pages_.hold();
  Browser ana(pages_);
  EXPECT_EQ(ana.get(link).heading(), "Set up an authenticator app");
  auto page = begin(ana, link);
  page = confirm(ana, link, page, code_of(page));
  EXPECT_TRUE(page.says("Now confirm with the next code"));
  EXPECT_EQ(pages_.fixture().status(), TransactionStatus::kHeld);  // One act: the first code confirmed the app alone.
  EXPECT_FALSE(ana.get(link).says("otpauth"));
  pages_.fixture().wait(seconds(30));
  page = ana.check(link, page, code());
  EXPECT_EQ(page.heading(), "Confirmed");
}

// What stands in the app is what the page says, not what the application calls the person inside.
TEST_F(PageEnrolment, ThePageNamesTheEntryAsTheAppWill) {
  const std::string link = pages_.hold();  // There is a telephone number.
  Browser ana(pages_);
  auto page = begin(ana, link);
  const std::string operation = page.location;
  page = ana.send(operation, page);
  page = ana.check(operation, page, pages_.code());
  page = begin(ana, operation);
  ASSERT_TRUE(page.says("otpauth://totp/"));
  EXPECT_TRUE(page.says(", " + contact::mask_contact(kPhone) + "</p>"));
  EXPECT_FALSE(page.says(pages_.fixture().request().identity));
}

// An operation of its own, with codes of its own: what is proved for the transaction adds nothing. [STD-4]
TEST_F(PageEnrolment, AnAppIsAddedByAnOperationThatNamesIt) {
  const std::string link = pages_.hold();  // There is a telephone number.
  Browser ana(pages_);
  auto page = begin(ana, link);
  const std::string operation = page.location;
  ASSERT_NE(operation.substr(0, operation.find('.')), link.substr(0, link.find('.')));
  EXPECT_TRUE(page.says("New authenticator app"));
  EXPECT_FALSE(page.says("otpauth"));
  EXPECT_TRUE(page.says("\u2190</span>Back to the request"));
  page = ana.send(operation, page);
  EXPECT_NE(pages_.messages().back().body.find("New authenticator app"), std::string::npos);
  page = ana.check(operation, page, pages_.code());
  EXPECT_EQ(page.heading(), "Set up an authenticator app");

  Browser thief(pages_);  // With the link of the operation, but not where it was proved.
  EXPECT_NE(thief.get(operation).heading(), "Set up an authenticator app");
  static_cast<void>(begin(thief, operation));
  EXPECT_EQ(enrolled(), 0);

  page = begin(ana, operation);
  ASSERT_TRUE(page.says("otpauth://totp/"));
  EXPECT_FALSE(thief.get(page.location).says("otpauth"));  // Nor the key by its address.
  page = confirm(ana, operation, page, code_of(page), "my phone");
  EXPECT_TRUE(page.says("App activated"));
  EXPECT_TRUE(page.says(link));  // The way back.
  pages_.fixture().wait(seconds(60));

  page = ana.get(link);  // Held before: not for this one.
  EXPECT_EQ(pages_.fixture().status(), TransactionStatus::kHeld);
  const std::string next = pages_.hold();
  page = ana.get(next + "?way=choose");
  EXPECT_TRUE(page.says("my phone"));
  EXPECT_FALSE(page.says("way=enrol")) << "who has one is not offered another";
}

TEST_F(PageEnrolment, AProofOfTheTransactionAddsNothing) {
  pages_.fixture().policy("any").trust_on_first_use = true;
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = ana.send(link, ana.get(link));
  page = ana.check(link, page, pages_.code());
  ASSERT_EQ(page.heading(), "Confirmed");
  EXPECT_TRUE(page.says("way=enrol"));  // By the operation.
  page = begin(ana, link);
  EXPECT_FALSE(page.says("otpauth"));
  EXPECT_TRUE(page.says("New authenticator app"));
  EXPECT_EQ(enrolled(), 0);
}

// A swapped SIM and the pages alone: prove, add an app of one's own, use it as the second kind.
TEST_F(PageEnrolment, AStolenLineNeverMakesTwoKinds) {
  pages_.fixture().settings().accounts.begin()->second.services.front().policies = {"any", "strict"};
  pages_.fixture().policy("strict").enrol = {domain::Method::kTotp};
  const auto thief_adds = [&](Browser& thief, const std::string& link) {
    auto page = begin(thief, link);
    const std::string operation = page.location;
    page = thief.send(operation, page);
    page = thief.check(operation, page, pages_.code());
    page = begin(thief, operation);
    page = confirm(thief, operation, page, code_of(page), "mine");
    EXPECT_TRUE(page.says("App activated"));
    pages_.fixture().wait(seconds(60));
  };
  Browser thief(pages_);
  const std::string first = pages_.hold("strict");
  thief_adds(thief, first);
  for (const std::string& link : {first, pages_.hold("strict")}) {  // In the middle, and in the next one.
    const auto page = thief.get(link + "?way=choose");
    EXPECT_EQ(page.heading(), "You can&#39;t confirm this right now");
    EXPECT_TRUE(page.says("more kinds of confirmation than you have") || page.says("for requests made on or after"));
  }
}

TEST_F(PageEnrolment, NotWhereThePolicyDoesNotSaySo) {
  pages_.fixture().policy("any").enrol = {};
  pages_.fixture().request().contacts.clear();
  const std::string link = pages_.hold();
  Browser ana(pages_);
  EXPECT_FALSE(ana.get(link).says("way=enrol"));
  static_cast<void>(ana.post(link + "/enrol", {{"t", ana.get(link).field("t")}}));
  EXPECT_EQ(enrolled(), 0);
}

TEST_F(PageEnrolment, AKeyThatWasLeftTooLongIsMadeAnew) {
  pages_.fixture().request().contacts.clear();
  pages_.fixture().policy("any").trust_on_first_use = true;
  pages_.fixture().request().expires_in = minutes(120);
  const std::string link = pages_.hold();
  Browser ana(pages_);
  auto page = begin(ana, link);
  pages_.fixture().wait(minutes(31));
  page = confirm(ana, link, page, code_of(page));
  EXPECT_TRUE(page.says("The earlier key no longer works"));
  EXPECT_TRUE(begin(ana, link).says("otpauth://totp/"));
}

TEST_F(PageEnrolment, WithoutASecondKindInSightThePageSaysSoAtOnce) {
  pages_.fixture().settings().accounts.begin()->second.services.front().policies = {"any", "strict"};
  const std::string link = pages_.hold("strict");
  const auto page = Browser(pages_).get(link);
  EXPECT_EQ(page.heading(), "You can&#39;t confirm this right now");
  EXPECT_TRUE(page.says("more kinds of confirmation than you have"));
}

}  // namespace
}  // namespace countersign::testing
