// Looking for what is due in test accounts shares the line of live readers.
#include "usecase/test_mode/worker.h"

#include <thread>

#include "test_mode/twin.h"

namespace countersign::testing {
namespace {

TEST(TestWorker, LooksATenthOfASecondApartHoweverOftenItIsNudged) {
  Twin twin;
  delivery::HttpClient http{{}, system_clock()};
  delivery::WebhookSender webhooks(http, system_clock());
  const auto reads = [&] { return twin.fixture.store().stats().reads; };
  const std::uint64_t before = reads();
  const auto began = std::chrono::steady_clock::now();
  usecase::TestWorker worker({twin.fixture.store(), twin.fixture.context(), system_clock(), twin.fixture.random()},
                             webhooks, [](std::string_view what) { ADD_FAILURE() << what; });
  for (int i = 0; i < 500 || (reads() - before < 3 && i < 100'000); ++i) {
    worker.nudge();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  worker.stop();
  const auto tenths = (std::chrono::steady_clock::now() - began) / std::chrono::milliseconds(100);
  EXPECT_GE(reads() - before, 3U);
  EXPECT_LE(reads() - before, static_cast<std::uint64_t>(tenths) + 2);
  twin.fixture.store().stop();
}

}  // namespace
}  // namespace countersign::testing
