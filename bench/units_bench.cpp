// What the use cases of a day cost the store's writer: use cases, repositories and SQLite on a file, without HTTP.
//
//     units_bench [--people 400] [--together 16] [--days 2] [--count hold,start,check,claim,acknowledge]
//
// Prints processor time in µs, statements and bytes of the log for each operation. On the first day everybody is new,
// on the others known. For instructions run it under callgrind: what is to be counted runs inside `counted_part`, so
//
//     valgrind --tool=callgrind --collect-atstart=no --toggle-collect='countersign::bench::counted_part*'
//              units_bench --people 64 --days 1 --count start
//
// and its total divided by the people is that of one operation.

#include <fmt/format.h>
#include <time.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/function_ref.h"
#include "store/sqlite/sqlite_store.h"
#include "support/fixture.h"
#include "support/settings.h"

namespace countersign::bench {

/// By its name callgrind finds what is to be counted.
void counted_part(FunctionRef<void()> part);
[[gnu::noinline]] void counted_part(FunctionRef<void()> part) { part(); }

namespace {

using testing::Fixture;

struct Options {
  std::size_t people = 400;
  std::size_t together = 16;
  int days = 2;
  std::vector<std::string> count = {"hold", "start", "check", "claim", "acknowledge"};
};

double thread_seconds() {
  timespec time{};
  CS_CHECK(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

class Day {
 public:
  Day(Fixture& fixture, store::Store& store, const std::filesystem::path& log, const Options& options)
      : fixture_(fixture), store_(store), log_(log), options_(options) {}

  void go(int number) {
    const auto each = [&](const char* what, const auto& use_case) { run(number, what, use_case); };
    std::vector<TransactionId> held(options_.people);
    std::vector<std::string> codes(options_.people);
    std::vector<std::string> tokens(options_.people);
    each("hold", [&](const usecase::Work& work, std::size_t i) {
      usecase::HoldRequest request = fixture_.request();
      request.identity = fmt::format("organizer-{}", i);
      request.contacts = {{contact::Channel::kSms, fmt::format("+55119{:08}", 40'000'000 + i * 7919 % 10'000'000)}};
      held[i] = usecase::hold(work, request).value().id;
    });
    each("start", [&](const usecase::Work& work, std::size_t i) {
      const auto started = usecase::start_verification(work, {held[i], contact::Channel::kSms, {}}).value();
      codes[i] = std::get<delivery::OutgoingMessage>(started.queued.content).code.expose();
    });
    each("check", [&](const usecase::Work& work, std::size_t i) {
      CS_CHECK(usecase::check(work, {held[i], SecretString(codes[i]), {}, {}}).has_value());
    });
    each("claim", [&](const usecase::Work& work, std::size_t i) {
      tokens[i] = usecase::claim(work, held[i], "worker").value().fencing_token;
    });
    each("acknowledge", [&](const usecase::Work& work, std::size_t i) {
      CS_CHECK(usecase::acknowledge(work, held[i], tokens[i]).has_value());
    });
    fixture_.wait(std::chrono::hours(1));
  }

 private:
  template <class UseCase>
  void run(int number, const char* what, const UseCase& use_case) {
    const bool counted = std::ranges::find(options_.count, what) != options_.count.end();
    double seconds = 0;
    const auto log_before = std::filesystem::file_size(log_);
    const auto statements_before = store_.stats().statements;
    for (std::size_t first = 0; first < options_.people; first += options_.together) {
      fixture_.in([&](store::Tx& tx, Moment& moment) {
        const auto all = [&] {
          for (std::size_t i = first; i < std::min(first + options_.together, options_.people); ++i) {
            usecase::Caller caller = fixture_.caller();
            caller.end_user = IpAddress::parse(fmt::format("10.{}.{}.{}", i * 31 % 256, i * 37 % 256, i % 256));
            use_case({tx, fixture_.context(), caller, moment}, i);
          }
        };
        const double begin = thread_seconds();
        if (counted) {
          counted_part(all);
        } else {
          all();
        }
        seconds += thread_seconds() - begin;
        return Done{};
      });
      fixture_.wait(std::chrono::milliseconds(1));
    }
    const auto people = static_cast<double>(options_.people);
    if (counted)
      fmt::print("day {} {:<12} {:6.1f} us {:5.2f} statements {:8.0f} bytes\n", number, what, 1e6 * seconds / people,
                 static_cast<double>(store_.stats().statements - statements_before) / people,
                 static_cast<double>(std::filesystem::file_size(log_) - log_before) / people);
  }

  Fixture& fixture_;
  store::Store& store_;
  const std::filesystem::path log_;
  const Options& options_;
};

void measure(const Options& options) {
  std::string folder = (std::filesystem::temp_directory_path() / "countersign-units-XXXXXX").string();
  CS_CHECK(::mkdtemp(folder.data()) != nullptr);
  const auto file = std::filesystem::path(folder) / "store.db";
  {
    auto opened = store::open_sqlite(
        {.file = file, .checkpoint_pages = 1'000'000, .idle_checkpoint_after = std::chrono::hours(1)});
    CS_CHECK(opened.has_value());
    store::Store& store = **opened;
    Fixture fixture(*std::move(opened));
    constexpr domain::Rate kEnough{1'000'000'000, std::chrono::hours(24)};
    fixture.limits().sends_per_account = fixture.limits().sends_per_country = fixture.limits().checks_per_account =
        kEnough;
    fixture.wait(std::chrono::hours(1));
    Day day(fixture, store, file.string() + "-wal", options);
    for (int number = 1; number <= options.days; ++number) day.go(number);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  countersign::bench::Options options;
  CLI::App app("What the use cases of a day cost the store's writer.");
  app.add_option("--people", options.people, "how many");
  app.add_option("--together", options.together, "in one commit");
  app.add_option("--days", options.days, "on the first everybody is new");
  app.add_option("--count", options.count, "operations")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  countersign::bench::measure(options);
}
