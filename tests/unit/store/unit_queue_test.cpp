#include "store/unit_queue.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace countersign::store {
namespace {

class NumberedUnit final : public Unit {
 public:
  explicit NumberedUnit(int number) : Unit(nullptr), number_(number) {}
  void run(Tx&) override {}
  void fail(StoreError) override {}
  void finish() override {}
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

std::optional<StoreError::Code> push(UnitQueue& queue, int number) {
  std::unique_ptr<Unit> unit = std::make_unique<NumberedUnit>(number);
  const auto code = queue.push(unit);
  EXPECT_EQ(unit != nullptr, code.has_value());  // A refused unit stays with the caller.
  return code;
}

std::vector<int> numbers(const std::vector<std::unique_ptr<Unit>>& units) {
  std::vector<int> result;
  for (const auto& unit : units) result.push_back(static_cast<const NumberedUnit&>(*unit).number());
  return result;
}

using Units = std::vector<std::unique_ptr<Unit>>;

TEST(UnitQueue, KeepsTheOrderAndTheBound) {
  UnitQueue queue(3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(push(queue, i), std::nullopt);
  EXPECT_EQ(push(queue, 3), StoreError::Code::kOverloaded);
  Units out;
  EXPECT_EQ(queue.take({.units_max = 2}, out), UnitQueue::Taken::kUnits);
  EXPECT_EQ(numbers(out), (std::vector{0, 1}));
  EXPECT_EQ(push(queue, 4), std::nullopt);
  EXPECT_EQ(queue.take({.units_max = 2}, out), UnitQueue::Taken::kUnits);
  EXPECT_EQ(numbers(out), (std::vector{2, 4}));
}

TEST(UnitQueue, ClosedGivesWhatIsLeftAndThenEnds) {
  UnitQueue queue(3);
  EXPECT_EQ(push(queue, 1), std::nullopt);
  queue.close();
  EXPECT_EQ(push(queue, 2), StoreError::Code::kShutDown);
  Units out;
  EXPECT_EQ(queue.take({.units_max = 9}, out), UnitQueue::Taken::kUnits);
  EXPECT_EQ(queue.take({.units_max = 9}, out), UnitQueue::Taken::kClosed);
  EXPECT_TRUE(out.empty());
}

TEST(UnitQueue, IdleWhenNothingComes) {
  UnitQueue queue(3);
  Units out;
  EXPECT_EQ(queue.take({.units_max = 9, .idle = Duration(1000)}, out), UnitQueue::Taken::kIdle);
}

TEST(UnitQueue, AccumulatesWhatIsWanted) {
  UnitQueue queue(100);
  EXPECT_EQ(push(queue, 0), std::nullopt);
  std::thread pusher([&] {
    for (int i = 1; i < 5; ++i) EXPECT_EQ(push(queue, i), std::nullopt);
  });
  Units out;
  // An hour: ends because the five have come, or by the test's time-out.
  EXPECT_EQ(queue.take({.units_max = 9, .units_wanted = 5, .accumulate = std::chrono::hours(1)}, out),
            UnitQueue::Taken::kUnits);
  pusher.join();
  EXPECT_EQ(numbers(out), (std::vector{0, 1, 2, 3, 4}));
}

TEST(UnitQueue, AccumulatingEndsWithItsTimeOrWhenClosed) {
  UnitQueue queue(100);
  EXPECT_EQ(push(queue, 0), std::nullopt);
  Units out;
  EXPECT_EQ(queue.take({.units_max = 9, .units_wanted = 5, .accumulate = Duration(1000)}, out),
            UnitQueue::Taken::kUnits);
  EXPECT_EQ(numbers(out), std::vector{0});
  EXPECT_EQ(push(queue, 1), std::nullopt);
  queue.close();
  EXPECT_EQ(queue.take({.units_max = 9, .units_wanted = 5, .accumulate = std::chrono::hours(1)}, out),
            UnitQueue::Taken::kUnits);
}

TEST(UnitQueue, EveryTakerIsWokenWhileThereIsWork) {
  UnitQueue queue(1000);
  std::atomic<int> taken{0};
  std::vector<std::thread> takers;
  for (int i = 0; i < 3; ++i) {
    takers.emplace_back([&] {
      Units out;
      while (queue.take({.units_max = 1}, out) == UnitQueue::Taken::kUnits) taken += static_cast<int>(out.size());
    });
  }
  for (int i = 0; i < 500; ++i) EXPECT_EQ(push(queue, i), std::nullopt);
  while (taken < 500) std::this_thread::yield();
  queue.close();
  for (auto& taker : takers) taker.join();
  EXPECT_EQ(taken, 500);
}

}  // namespace
}  // namespace countersign::store
