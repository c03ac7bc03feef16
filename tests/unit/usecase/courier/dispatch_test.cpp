#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "usecase/courier/post_office.h"

// What was promised goes out, in time, once, whatever others do. Real HTTP, real threads.
namespace countersign::testing {
namespace {

ServerReply hang(const ServerRequest&) { return {.how = ServerReply::How::kHang}; }
ServerReply busy(const ServerRequest&) { return {503}; }
ServerReply take(const ServerRequest&) { return {200}; }

HttpServer::Handler slow(milliseconds latency) {
  return [latency](const ServerRequest&) {
    std::this_thread::sleep_for(latency);
    return ServerReply{200};
  };
}

/// How long after its making each message reached the provider; in order.
std::vector<Duration> hand_overs(const PostOffice& office, const std::map<std::string, WallTime>& made) {
  std::vector<Duration> times;
  for (const auto& [id, arrivals] : office.hook.accepted()) {
    if (made.contains(id)) times.push_back(arrivals.front().at - made.at(id));
  }
  std::ranges::sort(times);
  return times;
}

/// Sends `per_second` codes a second by `office`, each noted in `made`, while time is run with it as a step.
std::function<void(Duration)> offering(PostOffice& office, int per_second, std::map<std::string, WallTime>& made,
                                       std::optional<AccountId> account = {}) {
  return [&office, per_second, &made, account, sent = 0](Duration gone) mutable {
    const auto wanted = static_cast<int>(gone * per_second / seconds(1));
    for (; sent < wanted; ++sent) {
      office.house.caller().account = account.value_or(office.house.account());
      const WallTime at = office.house.now();
      made.emplace(office.send_code().text(), at);
    }
  };
}

TEST(Dispatch, HangingWebhookEndpointsHoldUpNoCode) {
  PostOffice office;
  std::vector<std::unique_ptr<HttpServer>> endpoints;
  for (int i = 0; i < 4; ++i) {
    endpoints.push_back(std::make_unique<HttpServer>(hang));
    office.queue_webhooks(endpoints.back()->url("/hook"), 50);
  }
  office.run_until(
      [&] { return std::ranges::all_of(endpoints, [](const auto& endpoint) { return endpoint->connections() >= 4; }); },
      seconds(20));
  std::map<std::string, WallTime> made;
  office.run(seconds(4), 1, offering(office, 50, made));
  office.run_until([&] { return office.hook.accepted().size() == made.size(); }, seconds(20));
  const auto times = hand_overs(office, made);
  ASSERT_EQ(times.size(), made.size());
  EXPECT_LT(times.at(times.size() / 2), milliseconds(50));
  EXPECT_LT(times.back(), seconds(2));
  RecordProperty("median_us", std::to_string(times.at(times.size() / 2).count()));
  RecordProperty("latest_us", std::to_string(times.back().count()));
  for (const auto& endpoint : endpoints) EXPECT_EQ(endpoint->connections(), 4U) << "of one endpoint";
}

TEST(Dispatch, AHangingEndpointHoldsUpNoOther) {
  PostOffice office;
  HttpServer hanging(hang);
  HttpServer well(take);
  office.queue_webhooks(hanging.url("/hook"), 400);
  office.queue_webhooks(well.url("/hook"), 20);
  office.run_until([&] { return well.exchanges().size() == 20; }, seconds(10));
  EXPECT_EQ(hanging.connections(), 4U);
}

TEST(Dispatch, AnAccountWithLittleDoesNotWaitBehindOneWithMuch) {
  PostOffice office({.codes = {.running_per_lane_max = 2}});
  office.hook.answer_with(slow(milliseconds(50)));  // 40 a second, and 60 come.
  const AccountId second = office.second_account();
  std::map<std::string, WallTime> of_big;
  std::map<std::string, WallTime> of_small;
  auto big = offering(office, 60, of_big);
  auto small = offering(office, 1, of_small, second);
  office.run(seconds(5), 1, [&](Duration gone) {
    big(gone);
    small(gone);
  });
  const std::size_t all = of_big.size() + of_small.size();
  office.run_until([&] { return office.hook.accepted().size() == all; }, seconds(30));
  const auto small_times = hand_overs(office, of_small);
  ASSERT_EQ(small_times.size(), of_small.size());
  EXPECT_GT(hand_overs(office, of_big).at(of_big.size() * 3 / 4), milliseconds(500)) << "there was no queue to wait in";
  EXPECT_LT(small_times.back(), milliseconds(300));
  RecordProperty("small_latest_us", std::to_string(small_times.back().count()));
  RecordProperty("big_latest_us", std::to_string(hand_overs(office, of_big).back().count()));
}

TEST(Dispatch, AProviderHasNoMoreAtATimeThanItsBound) {
  PostOffice office({.codes = {.running_per_lane_max = 3}});
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  office.hook.answer_with([&](const ServerRequest&) {
    most = std::max(most.load(), ++now);
    std::this_thread::sleep_for(milliseconds(20));
    --now;
    return ServerReply{200};
  });
  for (int i = 0; i < 30; ++i) office.send_code();
  office.run_until([&] { return office.hook.accepted().size() == 30; }, seconds(20));
  EXPECT_EQ(most, 3);
}

/// What the provider does for a minute of the house's time, thirty times as fast as the machine's.
void go_through_outage(PostOffice& office, const std::function<void()>& breaks, const std::function<void()>& mends) {
  constexpr int kFaster = 30;
  std::map<std::string, WallTime> made;
  breaks();
  bool mended = false;
  auto offer = offering(office, 4, made);
  office.run(seconds(90), kFaster, [&](Duration gone) {
    if (!mended && gone >= seconds(60)) mends();
    mended = mended || gone >= seconds(60);
    offer(gone);
  });
  office.run(seconds(90), kFaster);
  const auto accepted = office.hook.accepted();
  EXPECT_GE(accepted.size() * 100, made.size() * 98) << accepted.size() << " of " << made.size();
  for (const auto& [id, arrivals] : accepted) EXPECT_EQ(arrivals.size(), 1U);
  std::size_t requests = 0;
  for (const auto& [id, times] : office.hook.requests()) requests += static_cast<std::size_t>(times);
  EXPECT_LT(requests, accepted.size() * 3 / 2) << "the outage was hammered";
  ::testing::Test::RecordProperty("went_out", fmt::format("{} of {}", accepted.size(), made.size()));
}

TEST(Outage, OfAMinuteThatRefusesLosesNothing) {
  PostOffice office;
  go_through_outage(office, [&] { office.hook.answer_with(busy); }, [&] { office.hook.answer_with(take); });
}

TEST(Outage, OfAMinuteThatHangsLosesNextToNothing) {
  PostOffice office({.provider_timeout = milliseconds(333)});  // Ten seconds of the house's time.
  go_through_outage(office, [&] { office.hook.answer_with(hang); }, [&] { office.hook.answer_with(take); });
}

TEST(Outage, OfAMinuteThatAnswers500LosesNextToNothing) {
  PostOffice office;
  go_through_outage(
      office, [&] { office.hook.answer_with([](const ServerRequest&) { return ServerReply{500}; }); },
      [&] { office.hook.answer_with(take); });
}

TEST(Outage, LongerThanACodeLivesSendsNothingAfterItsLife) {
  PostOffice office;
  office.hook.answer_with(busy);
  std::map<std::string, WallTime> made;
  office.run(minutes(6), 120, offering(office, 1, made));  // Some of them live beyond the end of the outage.
  office.run(minutes(6), 120);
  office.hook.answer_with(take);
  office.run(minutes(6), 120);
  const auto accepted = office.hook.accepted();
  EXPECT_GT(accepted.size(), 50U);
  EXPECT_LT(accepted.size(), made.size() - 50);
  for (const auto& [id, arrivals] : accepted) EXPECT_LE(arrivals.front().at + seconds(55), arrivals.front().expires_at);
  auto statuses = office.statuses();
  EXPECT_EQ(statuses["sent"], static_cast<int>(accepted.size()));
  EXPECT_EQ(statuses["failed"], static_cast<int>(made.size() - accepted.size()));
}

TEST(Duplicates, ASlowProviderGetsEachMessageOnce) {
  PostOffice office({.codes = {.running_per_lane_max = 4}});
  office.hook.answer_with(slow(milliseconds(50)));  // Forty times as fast: two seconds a message, four at a time.
  std::map<std::string, WallTime> made;
  office.run(seconds(60), 40, offering(office, 5, made));
  ASSERT_EQ(made.size(), 300U);
  office.run(seconds(200), 40);  // The last ones wait longer than a lease.
  EXPECT_EQ(office.hook.accepted().size(), made.size());
  int requests = 0;
  for (const auto& [id, times] : office.hook.requests()) requests += times;
  EXPECT_EQ(requests, 300);
}

TEST(Duplicates, ARestartSendsNothingAgainThatWasUnderWay) {
  PostOffice office;
  office.hook.answer_with(slow(milliseconds(300)));
  for (int i = 0; i < 10; ++i) office.send_code();
  office.run_until([&] { return office.hook.requests().size() == 10; }, seconds(10));
  office.restart(seconds(10));
  office.run(minutes(3), 120);
  for (const auto& [id, times] : office.hook.requests()) EXPECT_EQ(times, 1);
  EXPECT_EQ(office.statuses(), (std::map<std::string, int>{{"sent", 10}}));
}

TEST(Duplicates, ARestartEndsNothingAgainAtAProvider) {
  PostOffice office;
  office.verifier.latency = milliseconds(300);
  for (int i = 0; i < 10; ++i) office.queue_end(fmt::format("VE{}", i));
  office.house.wait(seconds(61));
  office.run_until([&] { return office.verifier.ended().size() == 10; }, seconds(10));
  office.restart(seconds(10));
  static const store::Sql kLeft{"SELECT count(*) FROM upstream_ends"};
  EXPECT_EQ(office.number(kLeft), 0) << "what is not written down is done again";
}

TEST(Duplicates, ARestartTellsNobodyAgain) {
  PostOffice office;
  office.hook.answer_with(slow(milliseconds(300)));
  office.house.hold();
  const auto subject = office.house.row().state.subject;
  for (int i = 0; i < 3; ++i) office.queue_notice(subject, fmt::format("+551198765002{}", i));
  office.house.wait(seconds(61));
  office.run_until([&] { return office.hook.requests().size() == 3; }, seconds(10));
  office.restart(seconds(10));
  static const store::Sql kSent{"SELECT count(*) FROM notices WHERE status = 'sent'"};
  EXPECT_EQ(office.number(kSent), 3) << "what is not written down is sent again";
}

TEST(Dispatch, NoMoreEndAtAProviderAtATimeThanLeaveRoomForChecks) {
  PostOffice office;
  office.verifier.latency = milliseconds(50);
  for (int i = 0; i < 100; ++i) office.queue_end(fmt::format("VE{}", i));
  office.house.wait(seconds(61));
  office.run_until([&] { return office.verifier.ended().size() == 100; }, seconds(10));
  EXPECT_GT(office.verifier.most(), 1);
  EXPECT_LE(office.verifier.most(), 32);
}

TEST(Duplicates, WhatHasNotBegunAtARestartGoesOutRightAfterIt) {
  PostOffice office({.codes = {.running_per_lane_max = 1}});
  office.hook.answer_with(slow(milliseconds(200)));
  for (int i = 0; i < 10; ++i) office.send_code();
  office.run_until([&] { return !office.hook.requests().empty(); }, seconds(10));
  office.restart(seconds(10));
  EXPECT_LE(office.hook.requests().size(), 2U);
  office.hook.answer_with(take);
  office.run_until([&] { return office.hook.accepted().size() == 10; }, seconds(10));
  for (const auto& [id, times] : office.hook.requests()) EXPECT_EQ(times, 1);
}

}  // namespace
}  // namespace countersign::testing
