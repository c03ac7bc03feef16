#include <fmt/format.h>

#include <algorithm>
#include <latch>
#include <thread>

#include "store/scratch_folder.h"
#include "store/sqlite/sqlite_store.h"
#include "usecase/outbox/courier/post_office.h"

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

/// The same, in the fixture's time.
HttpServer::Handler slow_by(const PostOffice& office, milliseconds latency) {
  return [&office, latency](const ServerRequest&) {
    const WallTime until = office.fixture.now() + latency;
    for (int naps = 0; naps < 60'000 && office.fixture.now() < until; ++naps)
      std::this_thread::sleep_for(milliseconds(1));
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
      office.fixture.caller().account = account.value_or(office.fixture.account());
      const WallTime at = office.fixture.now();
      made.emplace(office.send_code().text(), at);
    }
  };
}

TEST(Dispatch, HangingWebhookEndpointsHoldUpNoCode) {
  PostOffice office;
  const auto began = std::chrono::steady_clock::now();
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
  // A webhook is given up after five seconds: who waits for one waits for longer than these on the slowest machine.
  EXPECT_LT(times.at(times.size() / 2), seconds(1));
  EXPECT_LT(times.back(), seconds(4));
  RecordProperty("median_us", std::to_string(times.at(times.size() / 2).count()));
  RecordProperty("latest_us", std::to_string(times.back().count()));
  // Four at a time, and four more for each time that these were given up.
  const auto rounds = 1 + static_cast<std::size_t>((std::chrono::steady_clock::now() - began) / seconds(5));
  for (const auto& endpoint : endpoints) {
    EXPECT_GE(endpoint->connections(), 4U) << "of one endpoint";
    EXPECT_LE(endpoint->connections(), 4U * rounds) << "of one endpoint";
  }
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
  office.hook.answer_with(slow_by(office, milliseconds(50)));  // 40 a second, and 60 come.
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
  const Duration longest = hand_overs(office, of_big).back();
  EXPECT_GT(longest, milliseconds(500)) << "there was no queue to wait in";
  EXPECT_LT(small_times.back(), longest / 2);
  RecordProperty("small_latest_us", std::to_string(small_times.back().count()));
  RecordProperty("big_latest_us", std::to_string(hand_overs(office, of_big).back().count()));
}

TEST(Dispatch, AProviderHasNoMoreAtATimeThanItsBound) {
  PostOffice office({.codes = {.running_per_lane_max = 3}});
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  office.hook.answer_with([&](const ServerRequest&) {
    most = std::max(most.load(), ++now);
    for (int naps = 0; naps < 5'000 && most < 3; ++naps) std::this_thread::sleep_for(milliseconds(1));
    std::this_thread::sleep_for(milliseconds(20));  // For one too many.
    --now;
    return ServerReply{200};
  });
  for (int i = 0; i < 30; ++i) office.send_code();
  office.run_until([&] { return office.hook.accepted().size() == 30; }, seconds(20));
  EXPECT_EQ(most, 3);
}

/// What became of the codes of an outage.
struct AfterOutage {
  std::size_t made = 0;
  std::size_t went_out = 0;
  std::size_t went_out_twice = 0;
  std::size_t requests = 0;

  [[nodiscard]] bool is_well() const {
    const bool hammered = requests * 2 >= went_out * 3;
    return went_out * 100 >= made * 98 && went_out_twice == 0 && !hammered;
  }
  [[nodiscard]] std::string text() const {
    return fmt::format("{} of {} went out, {} of them twice, by {} requests", went_out, made, went_out_twice, requests);
  }
};

/// The provider does what `breaks` says for a minute of the fixture's time, `faster` times as fast as the machine's.
AfterOutage go_through_outage(PostOffice& office, const std::function<void()>& breaks,
                              const std::function<void()>& mends, int faster = 30) {
  std::map<std::string, WallTime> made;
  breaks();
  bool mended = false;
  auto offer = offering(office, 4, made);
  office.run(seconds(90), faster, [&](Duration gone) {
    if (!mended && gone >= seconds(60)) mends();
    mended = mended || gone >= seconds(60);
    offer(gone);
  });
  office.run(seconds(90), faster);
  AfterOutage result{.made = made.size()};
  for (const auto& [id, arrivals] : office.hook.accepted()) {
    ++result.went_out;
    if (arrivals.size() > 1) ++result.went_out_twice;
  }
  for (const auto& [id, times] : office.hook.requests()) result.requests += static_cast<std::size_t>(times);
  ::testing::Test::RecordProperty("after_outage", result.text());
  return result;
}

TEST(Outage, OfAMinuteThatRefusesLosesNothing) {
  PostOffice office;
  const auto after =
      go_through_outage(office, [&] { office.hook.answer_with(busy); }, [&] { office.hook.answer_with(take); });
  EXPECT_TRUE(after.is_well()) << after.text();
}

TEST(Outage, OfAMinuteThatHangsLosesNextToNothing) {
  // Ten seconds of the fixture's time; of the machine's so much that a busy one answers within it, and if it does not,
  // even more: what is answered too late goes out twice.
  AfterOutage after;
  for (const int faster : {10, 3, 1}) {
    PostOffice office({.provider_timeout = milliseconds(10'000 / faster)});
    after = go_through_outage(
        office, [&] { office.hook.answer_with(hang); }, [&] { office.hook.answer_with(take); }, faster);
    if (after.is_well()) break;
  }
  EXPECT_TRUE(after.is_well()) << after.text();
}

TEST(Outage, OfAMinuteThatAnswers500LosesNextToNothing) {
  PostOffice office;
  const auto after = go_through_outage(
      office, [&] { office.hook.answer_with([](const ServerRequest&) { return ServerReply{500}; }); },
      [&] { office.hook.answer_with(take); });
  EXPECT_TRUE(after.is_well()) << after.text();
}

TEST(Outage, LongerThanACodeLivesSendsNothingAfterItsLife) {
  PostOffice office;
  office.hook.answer_with(busy);
  std::map<std::string, WallTime> made;
  office.run(minutes(6), 120, offering(office, 1, made));  // Some of them live beyond the end of the outage.
  office.run(minutes(6), 120);
  office.hook.answer_with(take);
  office.run(minutes(6),
             40);  // The minute before the end of its life, in which nothing is sent, is a second and a half.
  const auto accepted = office.hook.accepted();
  EXPECT_GT(accepted.size(), 50U);
  EXPECT_LT(accepted.size(), made.size() - 50);
  for (const auto& [id, arrivals] : accepted) EXPECT_LT(arrivals.front().at, arrivals.front().expires_at);
  auto statuses = office.statuses();
  EXPECT_EQ(statuses["sent"], static_cast<int>(accepted.size()));
  EXPECT_EQ(statuses["failed"], static_cast<int>(made.size() - accepted.size()));
}

TEST(Duplicates, ASlowProviderGetsEachMessageOnce) {
  PostOffice office({.codes = {.running_per_lane_max = 4}});
  office.hook.answer_with(slow(milliseconds(100)));  // Twenty times as fast: two seconds a message, four at a time.
  std::map<std::string, WallTime> made;
  office.run(seconds(60), 20, offering(office, 5, made));
  ASSERT_EQ(made.size(), 300U);
  office.run(seconds(200), 20);  // The last ones wait longer than a lease.
  office.run_until([&] { return office.hook.accepted().size() == made.size(); }, seconds(60));
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
  office.fixture.wait(seconds(61));
  office.run_until([&] { return office.verifier.ended().size() == 10; }, seconds(10));
  office.restart(seconds(10));
  static const store::Sql kLeft{"SELECT count(*) FROM upstream_ends"};
  EXPECT_EQ(office.number(kLeft), 0) << "what is not written down is done again";
}

TEST(Duplicates, ARestartTellsNobodyAgain) {
  PostOffice office;
  office.hook.answer_with(slow(milliseconds(300)));
  office.fixture.hold();
  const auto subject = office.fixture.row().state.subject;
  for (int i = 0; i < 3; ++i) office.queue_notice(subject, fmt::format("+551198765002{}", i));
  office.fixture.wait(seconds(61));
  office.run_until([&] { return office.hook.requests().size() == 3; }, seconds(10));
  office.restart(seconds(10));
  static const store::Sql kSent{"SELECT count(*) FROM notices WHERE status = 'sent'"};
  EXPECT_EQ(office.number(kSent), 3) << "what is not written down is sent again";
}

TEST(Dispatch, NoMoreEndAtAProviderAtATimeThanLeaveRoomForChecks) {
  PostOffice office;
  office.verifier.latency = milliseconds(50);
  for (int i = 0; i < 100; ++i) office.queue_end(fmt::format("VE{}", i));
  office.fixture.wait(seconds(61));
  office.run_until([&] { return office.verifier.ended().size() == 100; }, seconds(10));
  EXPECT_GT(office.verifier.most(), 1);
  EXPECT_LE(office.verifier.most(), 32);
}

TEST(Duplicates, WhatHasNotBegunAtARestartGoesOutRightAfterIt) {
  PostOffice office({.codes = {.running_per_lane_max = 1}});
  office.hook.answer_with(slow(milliseconds(1500)));
  for (int i = 0; i < 10; ++i) office.send_code();
  office.run_until([&] { return !office.hook.requests().empty(); }, seconds(10));
  office.restart(seconds(10));
  EXPECT_LE(office.hook.requests().size(), 2U);
  office.hook.answer_with(take);
  office.run_until([&] { return office.hook.accepted().size() == 10; }, seconds(10));
  for (const auto& [id, times] : office.hook.requests()) EXPECT_EQ(times, 1);
}

/// Occupies the store's writer, so that what is queued there can be counted.
class Occupied {
 public:
  explicit Occupied(store::Store& store)
      : thread_([this, &store] {
          const auto done = store.transact_now([this](store::Tx&) {
            begun_.count_down();
            over_.wait();
            return Done{};
          });
          EXPECT_TRUE(done);
        }) {
    begun_.wait();
  }
  ~Occupied() { release(); }
  void release() {
    if (!thread_.joinable()) return;
    over_.count_down();
    thread_.join();
  }

 private:
  std::latch begun_{1};
  std::latch over_{1};
  std::thread thread_;
};

/// A post office whose database has a queue and a thread, and whose courier looks by itself at its start alone.
struct BusyOffice {
  store::ScratchFolder folder;
  PostOffice office{{.database = folder.path() / "countersign.db", .period = std::chrono::hours(1)}};
};

/// Waits, while the fixture's time stands, for what other threads do.
void wait_for(const std::function<bool()>& done) {
  const auto until = std::chrono::steady_clock::now() + minutes(5);
  while (!done() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_TRUE(done());
}

constexpr std::size_t kOfATick = 7;  ///< Units that look for what is due.

TEST(Bundles, WhatEndsWhileTheWriterIsBusyIsOneMoreUnit) {
  BusyOffice busy;
  auto& office = busy.office;
  constexpr std::size_t kMany = 60;
  std::vector<usecase::QueuedMessage> messages;
  for (std::size_t i = 0; i < kMany; ++i) messages.push_back(office.make_code());
  Occupied writer(office.fixture.store());
  const auto before = office.fixture.store().stats().queued;
  for (auto& message : messages) office.courier().deliver(std::move(message));
  wait_for([&] { return office.hook.accepted().size() == kMany; });
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_LE(office.fixture.store().stats().queued - before, 1 + 2 * kOfATick);
  writer.release();
  office.run_until([&] { return office.statuses()["sent"] == static_cast<int>(kMany); }, seconds(10));
}

TEST(Bundles, WebhooksThatEndWhileTheWriterIsBusyAreOneMoreUnit) {
  BusyOffice busy;
  auto& office = busy.office;
  constexpr int kEndpoints = 10;  // An account has 32 at a time.
  constexpr int kAtATime = 3;
  std::latch gate(1);
  std::atomic<int> arrived = 0;
  std::atomic<int> answered = 0;
  HttpServer receiver([&](const ServerRequest&) {
    ++arrived;
    gate.wait();
    ++answered;
    return ServerReply{200};
  });
  for (int i = 0; i < kEndpoints; ++i) office.queue_webhooks(receiver.url("/hook" + std::to_string(i)), kAtATime);
  office.courier().nudge();
  for (int looks = 0; looks < 100 && arrived < kEndpoints * kAtATime; ++looks) office.run(milliseconds(10), 1);
  wait_for([&] { return arrived == kEndpoints * kAtATime; });
  {
    const Occupied writer(office.fixture.store());
    const auto before = office.fixture.store().stats().queued;
    gate.count_down();
    wait_for([&] { return answered == kEndpoints * kAtATime; });
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_LE(office.fixture.store().stats().queued - before, 1 + 2 * kOfATick);
  }
  static const store::Sql kDelivered{"SELECT count(*) FROM deliveries WHERE status = 'delivered'"};
  office.run_until([&] { return office.number(kDelivered) == kEndpoints * kAtATime; }, seconds(10));
}

TEST(Bundles, ManyNudgesAreOneLookAtATime) {
  BusyOffice busy;
  auto& office = busy.office;
  Occupied writer(office.fixture.store());
  const auto before = office.fixture.store().stats().queued;
  for (int i = 0; i < 100; ++i) {
    office.courier().nudge();
    std::this_thread::sleep_for(milliseconds(1));
  }
  EXPECT_LE(office.fixture.store().stats().queued - before, 2 + 2 * kOfATick);
}

// The look is on its way to the database, and the webhook gets there after it.
TEST(Bundles, AWebhookThatComesDueDuringALookIsFoundByTheNext) {
  BusyOffice busy;
  auto& office = busy.office;
  HttpServer receiver(take);
  const auto endpoint = office.fixture.add_endpoint(receiver.url("/hook"));
  ASSERT_EQ(why(endpoint), kYes);
  auto& store = office.fixture.store();
  Occupied writer(store);
  const auto queued = [&, before = store.stats().queued] { return store.stats().queued - before; };
  office.courier().nudge();
  // All that it leads to is in the queue: a look, unless that of the courier's start is on its way still.
  std::this_thread::sleep_for(milliseconds(50));
  const auto ahead = queued();
  std::thread queueing([&] { office.queue_webhooks(endpoint->endpoint.id, 1); });
  wait_for([&] { return queued() > ahead; });
  office.courier().nudge();
  std::this_thread::sleep_for(milliseconds(50));  // The courier has seen that a look is on its way.
  writer.release();
  queueing.join();
  wait_for([&] { return receiver.exchanges().size() == 1; });
}

// The process ends between the answers of the provider and the commit that would have noted them.
TEST(Bundles, ThoseThatACrashLosesAreSentOnceMoreWhenTheirLeaseHasRunOut) {
  BusyOffice busy;
  auto& office = busy.office;
  constexpr std::size_t kMany = 30;
  std::vector<usecase::QueuedMessage> messages;
  for (std::size_t i = 0; i < kMany; ++i) messages.push_back(office.make_code());
  {
    const Occupied writer(office.fixture.store());
    const auto before = office.fixture.store().stats().queued;
    // The result of the first is on its way to the store; those of the others wait for it.
    office.courier().deliver(messages.front());
    wait_for([&] { return office.hook.accepted().size() == 1; });
    wait_for([&] { return office.fixture.store().stats().queued > before; });
    for (std::size_t i = 1; i < kMany; ++i) office.courier().deliver(messages.at(i));
    wait_for([&] { return office.hook.accepted().size() == kMany; });
    office.restart({});
  }
  office.run(minutes(3), 40);  // A lease is a second and a half of the machine's time.
  int again = 0;
  for (const auto& [id, times] : office.hook.requests()) {
    EXPECT_LE(times, 2);
    again += times - 1;
  }
  EXPECT_EQ(again, static_cast<int>(kMany) - 1) << "of the bundle that was lost";
  EXPECT_EQ(office.statuses(), (std::map<std::string, int>{{"sent", static_cast<int>(kMany)}}));
}

}  // namespace
}  // namespace countersign::testing
