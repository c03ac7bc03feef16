#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <optional>

#include "store/sqlite/sqlite_store.h"
#include "support/fixture.h"

// What the use cases that a server runs all day write to the log of SQLite, which is synced with each commit: pages, so
// that a row in a place of its own is 4 KB. docs/performance.md names these numbers.
namespace countersign::testing {
namespace {

class LogBytes : public ::testing::Test {
 protected:
  static constexpr int kPeople = 64;

  LogBytes() : file_(std::filesystem::temp_directory_path() / fmt::format("countersign-log-{}", ::getpid())) {
    std::filesystem::create_directory(file_);
    file_ /= "store.db";
    // Whatever is written stays in the log.
    auto opened = store::open_sqlite({.file = file_, .checkpoint_pages = 1'000'000, .idle_checkpoint_after = hours(1)});
    if (!opened) throw std::runtime_error(opened.error().detail);
    fixture_.emplace(*std::move(opened));
  }
  ~LogBytes() override {
    fixture_.reset();
    std::filesystem::remove_all(file_.parent_path());
  }

  /// Bytes of the log for each person, with so many of them in a commit.
  double each(int together, const std::function<void(const usecase::Work&, std::size_t)>& use_case) {
    const auto before = log_size();
    for (std::size_t first = 0; first < kPeople; first += static_cast<std::size_t>(together)) {
      fixture_->in([&](store::Tx& tx, Moment& moment) {
        for (std::size_t i = first; i < first + static_cast<std::size_t>(together); ++i) {
          usecase::Caller caller = fixture_->caller();
          caller.end_user = IpAddress::parse(fmt::format("10.0.{}.{}", i * 37 % 256, i));
          use_case({tx, fixture_->context(), caller, moment}, i);
        }
        return Done{};
      });
      fixture_->wait(std::chrono::milliseconds(1));
    }
    return static_cast<double>(log_size() - before) / kPeople;
  }

  /// The day of kPeople who have not been seen before.
  struct Day {
    double hold = 0;
    double start = 0;
    double check = 0;
    double claim = 0;
    double acknowledge = 0;
  };
  Day day_of(int together) {
    std::vector<TransactionId> held(kPeople);
    std::vector<std::string> codes(kPeople);
    std::vector<std::string> tokens(kPeople);
    Day day;
    day.hold = each(together, [&](const usecase::Work& work, std::size_t i) {
      usecase::HoldRequest request = fixture_->request();
      request.identity = fmt::format("organizer-{}-{}", together, i);
      request.contacts = {{Channel::kSms, fmt::format("+55119{:04}{:04}", 8000 + together, 1000 + i)}};
      held[i] = usecase::hold(work, request).value().id;
    });
    day.start = each(together, [&](const usecase::Work& work, std::size_t i) {
      const auto started = usecase::start_verification(work, {held[i], Channel::kSms, {}});
      ASSERT_EQ(why(started), kYes);
      codes[i] = std::get<delivery::OutgoingMessage>(started->queued.content).code.expose();
    });
    day.check = each(together, [&](const usecase::Work& work, std::size_t i) {
      ASSERT_EQ(why(usecase::check(work, {held[i], SecretString(codes[i]), {}, {}})), kYes);
    });
    day.claim = each(together, [&](const usecase::Work& work, std::size_t i) {
      tokens[i] = usecase::claim(work, held[i], "worker").value().fencing_token;
    });
    day.acknowledge = each(together, [&](const usecase::Work& work, std::size_t i) {
      ASSERT_EQ(why(usecase::acknowledge(work, held[i], tokens[i])), kYes);
    });
    return day;
  }

 private:
  [[nodiscard]] std::uintmax_t log_size() const { return std::filesystem::file_size(file_.string() + "-wal"); }

  std::filesystem::path file_;
  std::optional<Fixture> fixture_;
};

/// With room for another version of SQLite. One page more is a tenth.
void expect_bytes(const char* what, double bytes, double measured) {
  EXPECT_LT(bytes, measured * 1.02) << what;
  EXPECT_GT(bytes, measured * 0.95) << what << " writes less: put it into docs/performance.md";
}

TEST_F(LogBytes, OfOneInACommit) {
  const Day day = day_of(1);
  expect_bytes("hold", day.hold, 73'001);
  expect_bytes("start", day.start, 36'758);
  expect_bytes("check", day.check, 26'394);
  expect_bytes("claim", day.claim, 18'991);
  expect_bytes("acknowledge", day.acknowledge, 23'754);
}

TEST_F(LogBytes, OfSixteenInACommit) {
  const Day day = day_of(16);
  expect_bytes("hold", day.hold, 8'433);
  expect_bytes("start", day.start, 5'150);
  expect_bytes("check", day.check, 5'086);
  expect_bytes("claim", day.claim, 2'897);
  expect_bytes("acknowledge", day.acknowledge, 3'863);
}

}  // namespace
}  // namespace countersign::testing
