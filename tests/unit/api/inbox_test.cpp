#include <gtest/gtest.h>

#include <mutex>

#include "api/inbox/calls.h"
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
  EXPECT_EQ(finding(checks, "Encoding"), "ok: GSM-7");
  EXPECT_EQ(finding(checks, "Length"), "ok: 40 septets of 160");
  EXPECT_EQ(finding(checks, "Segments"), "ok: 1");
  EXPECT_EQ(finding(checks, "Origin-bound line"), "ok: for id.palco.example");
  EXPECT_EQ(finding(checks, "Links"), "ok: none");
  EXPECT_EQ(finding(checks, "Code"), "ok: in the text");
}

TEST(InboxChecks, PointAtWhatIsWrong) {
  const auto checks = check_message(message("Código: https://a.example " + std::string(80, 'x') + "\xE3\x83\x86"));
  EXPECT_EQ(finding(checks, "Encoding"), "look: Unicode (UCS-2): a letter has no likeness in GSM-7");
  EXPECT_EQ(finding(checks, "Length"), "ok: 107 UTF-16 units, 67 in each segment");
  EXPECT_EQ(finding(checks, "Segments"), "look: 2");
  EXPECT_EQ(finding(checks, "Origin-bound line"), "look: none: browsers fill it in on no site");
  EXPECT_EQ(finding(checks, "Links"), "look: 1");
  EXPECT_EQ(finding(checks, "Code"), "look: not in the text");
  EXPECT_EQ(finding(check_message(message("x\n\n@a.example #111111")), "Origin-bound line"), "look: with another code");
}

TEST(InboxSearch, FindsByWordsAndFields) {
  auto m = message("Palco: 482913 is your code");
  m.transaction = TransactionId::parse("TX01a20430ff90f47efd7cca3aefb1b04d");
  m.tags = {"default", "Palco"};
  for (const auto* typed : {"", "  ", "palco", "PALCO code", "to:8765", "code:4829", "channel:SMS", "tx:TX01A2",
                            "channel:sms to:+5511 your", "tag:palco", "tag:Default"})
    EXPECT_TRUE(InboxSearch(typed).matches(m)) << typed;
  for (const auto* typed :
       {"nobody", "to:99", "code:7", "channel:email", "tx:TX02", "palco nobody", "from:palco", "tag:pal", "tag:"})
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

TEST(InboxPage, EscapesWhatApplicationsCallThings) {
  InboxView view;
  view.messages.push_back(message("a"));
  view.messages.push_back(message("b"));
  view.messages.front().tags = {"<img src=x>"};
  view.messages.back().tags = {"\" onclick=\"x"};
  view.timeline = Timeline{{},
                           "<script>t</script>",
                           "held",
                           "proof",
                           {{{}, "call", "<b>w", "\"o", "<i>d", "<u>r", true, "<s>b", "<s>t", "<s>d"}}};
  view.recent = {{{}, "<script>r</script>", "held"}};
  for (const auto* transaction : {"", "TX1"}) {
    view.transaction = transaction;
    const auto page = render_inbox(view);
    for (const auto* markup : {"<img", "<script>t", "<script>r", "<b>w", "<i>d", "<u>r", "<s>", "\" onclick"})
      EXPECT_EQ(page.find(markup), std::string::npos) << markup;
    EXPECT_NE(page.find("&lt;img src=x&gt;"), std::string::npos);
  }
}

TEST(InboxPage, SaysWhatItsOwnTypesAre) {
  InboxView view;
  using enum domain::Purpose;
  view.timeline = Timeline{{}, "$code", "held", "proof", {}, kStandaloneCode};
  view.transaction = "TX1";
  view.recent = {{{}, "$code", "held", kStandaloneCode},        {{}, "$add_source", "held", kAddSource},
                 {{}, "$decide_change", "held", kDecideChange}, {{}, "$change_source", "held", kChangeSource},
                 {{}, "$show_methods", "held", kShowMethods},   {{}, "pay$", "held"}};
  const auto page = render_inbox(view);
  for (const auto* words :
       {"<h2>Verify v2 code</h2>", "<b>Verify v2 code</b>", "<b>Adding an authenticator app</b>",
        "<b>Deciding about a change</b>", "<b>Changing a method</b>", "<b>Link to the methods page</b>", "<b>pay$</b>"})
    EXPECT_NE(page.find(words), std::string::npos) << words;
  EXPECT_EQ(page.find(">$"), std::string::npos);
}

TEST(InboxPage, FiltersByTagWhereThereIsMoreThanOne) {
  InboxView view;
  view.messages.push_back(message("a"));
  view.messages.back().tags = {"default"};
  EXPECT_EQ(render_inbox(view).find("class=\"count\""), std::string::npos);
  view.messages.push_back(message("b"));
  view.messages.back().tags = {"default", "Palco"};
  view.query = "tag:Palco";
  const auto page = render_inbox(view);
  EXPECT_NE(page.find("href=\"/dev/inbox?q=tag%3APalco\" aria-current=\"true\">Palco <span class=\"count\">1<"),
            std::string::npos)
      << page;
  EXPECT_NE(page.find("default <span class=\"count\">2<"), std::string::npos);
}

TEST(InboxPage, SaysThatTheProviderIsDown) {
  InboxView view;
  EXPECT_EQ(render_inbox(view).find("provider is down"), std::string::npos);
  view.outage = delivery::Outage::kHangs;
  const auto page = render_inbox(view);
  EXPECT_NE(page.find("provider is down"), std::string::npos);
  EXPECT_NE(page.find("value=\"hangs\" aria-pressed=\"true\""), std::string::npos);
}

TEST(InboxPage, PreviewsAnEmail) {
  InboxView view;
  view.messages.push_back(message("Palco: 482913"));
  view.messages.back().channel = "email";
  view.messages.back().to = "ana@example.com";
  view.messages.back().subject = "482913 is your code";
  const auto page = render_inbox(view);
  EXPECT_NE(page.find("Preview of the e-mail"), std::string::npos);
  EXPECT_NE(page.find("<dd class=\"subject\">482913 is your code</dd>"), std::string::npos);
  EXPECT_EQ(page.find("class=\"phone\""), std::string::npos);
}

TEST(CallLog, KeepsCallsWithoutLinksAndPolls) {
  CallLog calls(system_clock());
  const auto note = [&](std::string_view route, std::string_view pattern, std::string_view object = "") {
    http::AccessRecord record{};
    record.method = http::Method::kPost;
    record.route = route;
    record.pattern = pattern;
    record.status = 200;
    record.request_id = "r";
    record.object = object;
    return calls.note(record);
  };
  const std::string id = "TX01a20430ff90f47efd7cca3aefb1b04d";
  EXPECT_TRUE(note("check", "/v1/transactions/{id}/checks", id));
  EXPECT_TRUE(note("page_check", "/verify/{link}/check", id));
  EXPECT_FALSE(note("page_state", "/verify/{link}/state", id));
  EXPECT_FALSE(note("inbox_page", "/dev/inbox"));
  EXPECT_FALSE(note("healthz", "/healthz"));
  EXPECT_FALSE(note("(none)", ""));
  const auto all = calls.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].path, "/v1/transactions/" + id + "/checks");
  EXPECT_EQ(all[1].path, "/verify/{link}/check") << "the link opens the page";
  EXPECT_TRUE(all[1].by_person);
}

TEST(CallLog, IsBounded) {
  CallLog calls(system_clock());
  http::AccessRecord record{};
  record.pattern = "/v1/transactions";
  for (std::size_t i = 0; i < CallLog::kKept + 10; ++i) {
    record.status = static_cast<int>(i);
    EXPECT_TRUE(calls.note(record));
  }
  EXPECT_EQ(calls.all().size(), CallLog::kKept);
  EXPECT_EQ(calls.all().front().status, 10);
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
