#include <gtest/gtest.h>

#include <mutex>

#include "api/inbox/checks.h"
#include "api/inbox/feed.h"
#include "api/inbox/page.h"
#include "api/inbox/search.h"
#include "api/page_headers.h"

namespace countersign::api {
namespace {

usecase::InboxMessage message(std::string body, std::string code = "482913") {
  usecase::InboxMessage m{};
  m.channel = "sms";
  m.to = "+5511987654321";
  m.body = std::move(body);
  m.code = SecretString(std::move(code));
  m.status = "sent";
  return m;
}

std::string finding(const std::vector<MessageCheck>& checks, std::string_view label) {
  for (const auto& check : checks) {
    if (check.label == label) return (check.good ? "ok: " : "look: ") + check.finding;
  }
  return "";
}

TEST(InboxChecks, SeeWhatATextMessageCosts) {
  const auto checks = check_message(message("Palco: 482913\n\n@id.palco.example #482913"));
  EXPECT_EQ(finding(checks, "Alphabet"), "ok: GSM-7");
  EXPECT_EQ(finding(checks, "Length"), "ok: 40 septets of 160");
  EXPECT_EQ(finding(checks, "Segments"), "ok: 1");
  EXPECT_EQ(finding(checks, "Origin-bound line"), "ok: for id.palco.example");
  EXPECT_EQ(finding(checks, "Links"), "ok: none");
  EXPECT_EQ(finding(checks, "Code"), "ok: in the text");
}

TEST(InboxChecks, PointAtWhatIsWrong) {
  const auto checks = check_message(message("Código: https://a.example " + std::string(80, 'x') + "\xE3\x83\x86"));
  EXPECT_EQ(finding(checks, "Alphabet"), "look: UCS-2: a character outside GSM-7");
  EXPECT_EQ(finding(checks, "Segments"), "look: 2");
  EXPECT_EQ(finding(checks, "Origin-bound line"), "look: none: browsers fill it in on no site");
  EXPECT_EQ(finding(checks, "Links"), "look: 1");
  EXPECT_EQ(finding(checks, "Code"), "look: not in the text");
  EXPECT_EQ(finding(check_message(message("x\n\n@a.example #111111")), "Origin-bound line"), "look: with another code");
}

TEST(InboxSearch, FindsByWordsAndFields) {
  auto m = message("Palco: 482913 is your code");
  m.transaction = TransactionId::parse("TX01a20430ff90f47efd7cca3aefb1b04d");
  for (const auto* typed : {"", "  ", "palco", "PALCO code", "to:8765", "code:4829", "channel:SMS", "tx:TX01A2",
                            "channel:sms to:+5511 your"})
    EXPECT_TRUE(InboxSearch(typed).matches(m)) << typed;
  for (const auto* typed : {"nobody", "to:99", "code:7", "channel:email", "tx:TX02", "palco nobody", "from:palco"})
    EXPECT_FALSE(InboxSearch(typed).matches(m)) << typed;
}

TEST(InboxPage, EscapesWhatPeopleSend) {
  InboxView view;
  view.messages.push_back(message("<script>alert(1)</script> \"482913\""));
  view.query = "\"><b>";
  EXPECT_EQ(render_inbox(view).find("<b>\""), std::string::npos);
  view.query = "";
  const auto page = render_inbox(view);
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
}

TEST(InboxPage, IsCompleteWithoutItsScript) {
  InboxView view;
  view.sample = "curl somewhere";
  EXPECT_NE(render_inbox(view).find("curl somewhere"), std::string::npos);
  view.messages.push_back(message("Palco: 482913"));
  const auto page = render_inbox(view);
  EXPECT_EQ(page.find("curl somewhere"), std::string::npos);
  for (const auto* part :
       {"+5511987654321", "482913", "Segments", "value=\"opted_out\"", "Nothing leaves this machine"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  view.query = "nobody";
  EXPECT_NE(render_inbox(view).find("No matches"), std::string::npos);
}

TEST(InboxPage, OffersReportsUntilThereIsOne) {
  const auto offers = [](std::string status) {
    InboxView view;
    view.messages.push_back(message("Palco: 482913"));
    view.messages.front().status = std::move(status);
    return render_inbox(view).find("value=\"opted_out\"") != std::string::npos;
  };
  EXPECT_TRUE(offers("queued"));
  EXPECT_TRUE(offers("sent"));
  EXPECT_FALSE(offers("delivered"));
  EXPECT_FALSE(offers("failed"));
  EXPECT_FALSE(offers(""));
}

TEST(DeveloperPage, IsForThisSiteAlone) {
  for (const auto& [name, value] : developer_page("").headers) {
    if (name != "Content-Security-Policy") continue;
    for (const auto* part : {"default-src 'none'", "frame-ancestors 'none'", "trusted-types 'none'", "base-uri 'none'"})
      EXPECT_NE(value.find(part), std::string::npos) << part;
    EXPECT_EQ(value.find("unsafe"), std::string::npos);
    return;
  }
  FAIL() << "no policy";
}

TEST(DeveloperPage, KnowsPagesOfOtherSites) {
  const auto foreign = [](std::vector<std::pair<std::string, std::string>> headers) {
    http::Request request;
    for (const auto& [name, value] : headers) request.add_header(name, value);
    return is_from_another_site(request);
  };
  EXPECT_FALSE(foreign({}));
  EXPECT_FALSE(foreign({{"sec-fetch-site", "same-origin"}}));
  EXPECT_TRUE(foreign({{"sec-fetch-site", "cross-site"}}));
  EXPECT_TRUE(foreign({{"sec-fetch-site", "same-site"}}));
  EXPECT_FALSE(foreign({{"host", "localhost:8080"}, {"origin", "http://localhost:8080"}}));
  EXPECT_TRUE(foreign({{"host", "localhost:8080"}, {"origin", "http://localhost:9090"}}));
  EXPECT_TRUE(foreign({{"host", "localhost:8080"}, {"origin", "null"}}));
}

/// Collects what a waiting browser would get. Answers may come from the feed's own thread.
struct Sink : http::ReplySink {
  std::mutex mutex;
  std::vector<std::string> got;
  void answer(std::uint64_t, http::Response response) override {
    const std::lock_guard lock(mutex);
    got.push_back(response.body);
  }
  void abandon(std::uint64_t) override { answer(0, {500, {}, "abandoned", {}}); }
  Executor& executor() override { std::abort(); }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex);
    return got;
  }
};

class FeedTest : public ::testing::Test {
 protected:
  http::Reply reply() { return {sink_, 1}; }
  std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();
  Feed feed_{system_clock()};
};

TEST_F(FeedTest, AnswersWhenThereIsNews) {
  const auto seen = feed_.revision();
  feed_.wait(seen, reply());
  EXPECT_TRUE(sink_->all().empty());
  feed_.announce();
  ASSERT_EQ(sink_->all().size(), 1U);
  EXPECT_NE(sink_->all()[0].find("id: " + std::to_string(seen + 1) + "\n"), std::string::npos) << sink_->all()[0];
  EXPECT_EQ(feed_.revision(), seen + 1);
}

TEST_F(FeedTest, AnswersAtOnceWhoHasMissedSome) {
  const auto seen = feed_.revision();
  feed_.announce();
  feed_.wait(seen, reply());
  EXPECT_EQ(sink_->all().size(), 1U);
}

TEST_F(FeedTest, LetsEverybodyGoWhenItStops) {
  feed_.wait(feed_.revision(), reply());
  feed_.stop();
  EXPECT_EQ(sink_->all().size(), 1U);
  feed_.wait(feed_.revision(), reply());
  EXPECT_EQ(sink_->all().size(), 2U);
}

TEST_F(FeedTest, KeepsOnlySoManyWaiting) {
  for (int i = 0; i < 70; ++i) feed_.wait(feed_.revision(), reply());
  EXPECT_EQ(sink_->all().size(), 6U);
}

}  // namespace
}  // namespace countersign::api
