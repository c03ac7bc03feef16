#include <gtest/gtest.h>

#include "unit/api/browser.h"
#include "usecase/risk/rule_book.h"

// Forms that are forged, foreign, stale or sent twice do nothing; waits and locks are told, never a bare refusal.
namespace countersign::testing {
namespace {

using domain::TransactionStatus;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Fields = std::vector<std::pair<std::string, std::string>>;

std::string without_digits_of(std::string code) {
  for (char& c : code) c = static_cast<char>('0' + (c - '0' + 5) % 10);
  return code;
}

int attempts(PageHouse& pages) { return pages.fixture().verification().state.attempts; }

TEST(PageForms, OnlyOurOwnTokenCounts) {
  PageHouse pages;
  const std::string other_link = pages.hold();
  Browser other_browser(pages);
  const std::string foreign_browser = other_browser.get(other_link).field("t");
  const std::string link = pages.hold();
  Browser ana(pages);
  const std::string foreign_transaction = ana.get(other_link).field("t");
  const auto page = ana.get(link);
  const std::string stale = page.field("t");
  pages.fixture().request().expires_in = hours(4);
  for (const std::string& bad : {std::string(), std::string("x"), foreign_browser, foreign_transaction,
                                 page.field("t") + "A", std::string(44, 'A')}) {
    const auto answer = ana.post(link + "/deny", {{"t", bad}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld) << bad;
    EXPECT_TRUE(answer.says("Nothing was changed. Try again.")) << bad;
  }
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld);
  // Two of them, no cookie, another content type, another site.
  static_cast<void>(ana.post(link + "/deny", {{"t", page.field("t")}, {"t", page.field("t")}}));
  Browser without_cookies(pages);
  static_cast<void>(without_cookies.post(link + "/deny", {{"t", page.field("t")}}));
  ana.add_header("Sec-Fetch-Site", "cross-site");
  static_cast<void>(ana.post(link + "/deny", {{"t", page.field("t")}}));
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld);
}

TEST(PageForms, AnOldTokenSaysSoAndTheNewOneWorks) {
  PageHouse pages;
  pages.fixture().request().expires_in = hours(4);
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto old = ana.get(link);
  pages.fixture().wait(hours(2));
  auto page = ana.send(link, old);
  EXPECT_TRUE(page.says("This page was open for too long"));
  EXPECT_TRUE(pages.messages().empty());
  page = ana.send(link, page);
  EXPECT_EQ(pages.messages().size(), 1U);
}

// [ADR 51] Neither the page with the code nor a wrong one makes somebody look fast who read the first one.
TEST(PageForms, ReadingBeginsWithTheFirstPageThatThisBrowserWasShown) {
  PageHouse pages;
  Fixture& fixture = pages.fixture();
  fixture.settings().accounts.at(fixture.account()).risk.rules = {{"fast",
                                                                   {risk::Point::kApprove},
                                                                   *risk::Expression::parse("approval_seconds < 3"),
                                                                   risk::Outcome::kRefuse,
                                                                   false,
                                                                   false}};
  usecase::RuleBook rules(fixture.settings());
  fixture.judge_by(rules);
  fixture.request().expires_in = hours(4);
  const std::string read = pages.hold();
  fixture.wait(hours(1));
  Browser ana(pages);
  auto page = ana.get(read);
  fixture.wait(seconds(10));
  page = ana.send(read, page);
  page = ana.check(read, page, without_digits_of(pages.code()));
  EXPECT_EQ(attempts(pages), 1);
  page = ana.check(read, page, pages.code());
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);

  fixture.wait(minutes(10));
  const std::string unread = pages.hold();
  fixture.wait(hours(1));
  Browser thief(pages);
  page = thief.send(unread, thief.get(unread));
  static_cast<void>(thief.check(unread, page, pages.code()));
  EXPECT_EQ(fixture.status(), TransactionStatus::kDenied) << "an hour after it was held, a moment after it was opened";
}

TEST(PageForms, ADoubleClickIsOne) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto first = ana.get(link);
  static_cast<void>(ana.send(link, first));
  pages.fixture().wait(minutes(1));  // Long enough for a second sending to be allowed.
  auto page = ana.send(link, first);
  EXPECT_EQ(pages.messages().size(), 1U);

  const std::string wrong = without_digits_of(pages.code());
  const Fields fields{{"t", page.field("t")}, {"for", page.field("for")}, {"way", page.field("way")}, {"code", wrong}};
  const auto once = ana.post_alone(link + "/check", fields);
  const auto twice = ana.post_alone(link + "/check", fields);
  EXPECT_EQ(attempts(pages), 1);
  EXPECT_EQ(once.location, twice.location);
  EXPECT_EQ(once.header("Set-Cookie"), twice.header("Set-Cookie"));
  // Another code from the same page, after going back, is another attempt.
  page = ana.check(link, page, pages.code());
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kVerified);
}

// What a form led to is kept, so that it can be told again. Nonsense costs no attempt, and any number of it.
TEST(PageForms, OnePageLeavesOnlySoMuchBehind) {
  PageHouse pages;
  pages.fixture().request().expires_in = hours(1);
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.send(link, ana.get(link));
  std::string location;
  for (int i = 0; i < 300; ++i) {
    const Fields fields{{"t", page.field("t")},
                        {"for", page.field("for")},
                        {"way", page.field("way")},
                        {"code", "x" + std::to_string(i)}};
    location = ana.post_alone(link + "/check", fields).location;
  }
  EXPECT_LE(pages.fixture().count("idempotency"), 210);
  EXPECT_EQ(attempts(pages), 0);
  page = ana.get(link);
  EXPECT_TRUE(page.says("Too many attempts in a short time")) << page.body;
  const std::string other = pages.hold();
  Browser bia(pages);
  pages.fixture().wait(minutes(10));
  static_cast<void>(bia.send(other, bia.get(other)));
  EXPECT_EQ(pages.messages().size(), 2U) << "another transaction's page goes on";
}

TEST(PageForms, SendingAgainWaitsAndTheEarlierCodeStillWorks) {
  PageHouse pages;
  const std::string link = pages.hold();
  Browser ana(pages);
  auto page = ana.send(link, ana.get(link));
  const std::string first = pages.code();
  EXPECT_TRUE(page.says("data-resend-at=\"2026-11-22T12:00:30.000Z\""));
  page = ana.send(link, page);
  EXPECT_TRUE(page.says("The code was sent a moment ago"));
  EXPECT_EQ(pages.messages().size(), 1U);
  pages.fixture().wait(seconds(30));
  page = ana.send(link, ana.get(link));
  EXPECT_TRUE(page.says("The earlier code still works."));
  EXPECT_EQ(pages.messages().size(), 2U);
  page = ana.check(link, page, first);
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kVerified);
}

TEST(PageForms, TooManyWrongCodesLockThisWayAndNameTheOthers) {
  PageHouse pages;
  pages.fixture().request().contacts.emplace_back(Channel::kEmail, std::string(kEmail));
  pages.fixture().policy("any").email_alone = true;
  const std::string link = pages.hold();
  Browser ana(pages);
  const auto choice = ana.get(link);
  auto page = ana.send(link, choice);
  const std::string code = pages.code();
  for (int i = 0; i < 5; ++i) page = ana.check(link, page, without_digits_of(code));
  EXPECT_EQ(page.heading(), "Too many attempts");
  EXPECT_TRUE(page.says("Nothing was changed."));
  EXPECT_TRUE(page.says("Try again at 12:01 PM UTC")) << page.body;
  EXPECT_TRUE(page.says("<b><bdi>Email</bdi></b>"));
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld);
  page = ana.send(link, page);  // The other way goes on.
  EXPECT_EQ(pages.messages().back().channel, Channel::kEmail);
  pages.fixture().wait(minutes(1));
  page = ana.get(link + "?way=" + choice.field("way"));
  EXPECT_TRUE(page.says("Too many wrong codes"));  // Void for good: a new one can be asked for.
}

TEST(PageForms, LimitsCountByTheConnectionsAddress) {
  PageHouse pages;
  Browser ana(pages);
  const std::string second = one_more_from_her_address(pages, ana);
  const auto page = ana.send(second, ana.get(second));
  EXPECT_TRUE(page.says("Too many attempts in a short time"));
  EXPECT_EQ(pages.messages().size(), 1U);
  Browser elsewhere(pages);
  elsewhere.peer = "198.51.100.1";
  static_cast<void>(elsewhere.send(second, elsewhere.get(second)));
  EXPECT_EQ(pages.messages().size(), 2U);
}

TEST(PageForms, AnotherPersonsIdsAreNothingHere) {
  PageHouse pages;
  pages.fixture().request().identity = "somebody-else";
  pages.fixture().request().contacts = {{Channel::kSms, "+5521998765432"}};
  const std::string theirs = pages.hold();
  Browser eve(pages);
  const auto their_page = eve.send(theirs, eve.get(theirs));
  pages.fixture().request().identity = kIdentity;
  pages.fixture().request().contacts = {{Channel::kSms, std::string(kPhone)}};
  const std::string mine = pages.hold();
  const auto page = eve.get(mine);
  auto answer = eve.post(mine + "/send", {{"t", page.field("t")}, {"way", their_page.field("way")}});
  EXPECT_TRUE(answer.says("That method isn&#39;t available"));
  answer =
      eve.post(mine + "/check", {{"t", page.field("t")}, {"for", their_page.field("for")}, {"code", pages.code()}});
  EXPECT_TRUE(answer.says("That method isn&#39;t available"));
  EXPECT_EQ(pages.messages().size(), 1U);
  EXPECT_EQ(pages.fixture().status(), TransactionStatus::kHeld);
}

}  // namespace
}  // namespace countersign::testing
