// Durable operations per second of the embedded store, beside what the disk can sync.
//
//     store_bench [rounds] [seconds for each case] [folder]
//
// One operation is the database work of a verification: upsert a row of about 300 bytes under a time-ordered id, upsert
// a counter, insert an audit row. Clients are closed loops on one thread, like an I/O thread: each sends its next
// operation when the last is answered, after the thread has spent as much time on it as HTTP would. All cases run in
// every round, so that ratios compare the same moment; the table shows medians over the rounds. "cpu us" is the
// processor time of the store's threads per operation.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/id.h"
#include "store/migration.h"
#include "store/sqlite/sqlite_store.h"

namespace countersign::store {
namespace {

constexpr std::array kSchema{Migration{1, "bench", R"(
  CREATE TABLE item (id {{blob}} PRIMARY KEY, state {{bigint}} NOT NULL, body {{blob}} NOT NULL) {{without_rowid}};
  CREATE TABLE tally (subject {{bigint}} PRIMARY KEY, value {{bigint}} NOT NULL) {{table}};
  CREATE TABLE audit (id {{blob}} PRIMARY KEY, item {{blob}} NOT NULL, kind {{bigint}} NOT NULL) {{without_rowid}};
)"}};

struct Operation {
  Id item;
  Id audit;
  std::int64_t subject;
};

Done operate(Tx& tx, const Operation& operation) {
  static const Sql kItem{
      "INSERT INTO item (id, state, body) VALUES (?1, ?2, ?3)"
      " ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body"};
  static const Sql kTally{
      "INSERT INTO tally (subject, value) VALUES (?1, 1) ON CONFLICT (subject) DO UPDATE SET value = value + 1"};
  static const Sql kAudit{"INSERT INTO audit (id, item, kind) VALUES (?1, ?2, ?3)"};
  static const std::string kBody(280, 'b');
  tx.exec(kItem, {operation.item, 1, Blob{kBody}});
  tx.exec(kTally, {operation.subject});
  tx.exec(kAudit, {operation.audit, operation.item, 7});
  return {};
}

/// The clients' side: tasks wait here for the thread that runs all clients.
class ClientThread final : public Executor {
 public:
  void post(Task task) override {
    std::vector<Task> one;
    one.push_back(std::move(task));
    post_all(std::move(one));
  }
  void post_all(std::vector<Task> tasks) override {
    {
      const std::lock_guard lock(mutex_);
      for (auto& task : tasks) arrived_.push_back(std::move(task));
    }
    changed_.notify_one();
  }
  void run_some() {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !arrived_.empty(); });
      running_.swap(arrived_);
    }
    for (auto& task : running_) task();
    running_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Task> arrived_;
  std::vector<Task> running_;
};

struct Outcome {
  double per_second = 0;
  double p50_us = 0;
  double p99_us = 0;
  double batch = 1;
  double cpu_us = 0;
};

Outcome summarise(std::vector<double>& latencies_us, double seconds) {
  std::ranges::sort(latencies_us);
  const auto at = [&](double part) {
    return latencies_us[static_cast<std::size_t>(part * static_cast<double>(latencies_us.size() - 1))];
  };
  return {.per_second = static_cast<double>(latencies_us.size()) / seconds, .p50_us = at(0.5), .p99_us = at(0.99)};
}

double microseconds(Duration duration) { return static_cast<double>(duration.count()); }

double cpu_us(int whose) {
  rusage usage{};
  CS_CHECK(::getrusage(whose, &usage) == 0);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// Uses as much processor time as reading a request and writing its answer.
void spend(Duration duration) {
  const auto end = system_clock().monotonic() + duration;
  while (system_clock().monotonic() < end) {
  }
}

class Load {
 public:
  Load(Store& store, std::size_t clients, Duration http, Duration duration)
      : store_(store), clients_(clients), http_(http), end_(system_clock().monotonic() + duration) {}

  Outcome run() {
    const auto begun = system_clock().monotonic();
    const auto before = store_.stats();
    const auto cpu_before = cpu_us(RUSAGE_SELF) - cpu_us(RUSAGE_THREAD);
    for (std::size_t i = 0; i < clients_; ++i) send();
    while (under_way_ > 0) home_.run_some();
    const auto seconds = microseconds(system_clock().monotonic() - begun) / 1e6;
    const auto after = store_.stats();
    auto outcome = summarise(latencies_us_, seconds);
    outcome.batch =
        static_cast<double>(after.units - before.units) / static_cast<double>(after.commits - before.commits);
    outcome.cpu_us =
        (cpu_us(RUSAGE_SELF) - cpu_us(RUSAGE_THREAD) - cpu_before) / static_cast<double>(latencies_us_.size());
    return outcome;
  }

 private:
  void send() {
    const auto sent = system_clock().monotonic();
    if (sent >= end_) return;
    spend(http_);
    Moment moment{system_clock().now(), system_random()};
    const Operation operation{Id::make(moment), Id::make(moment), system_random().below(1000)};
    ++under_way_;
    store_.transact(
        home_, [operation](Tx& tx) { return operate(tx, operation); },
        [this, sent](const Result<Done, StoreError>& result) {
          CS_CHECK(result);
          --under_way_;
          latencies_us_.push_back(microseconds(system_clock().monotonic() - sent));
          send();
        });
  }

  Store& store_;
  std::size_t clients_;
  Duration http_;
  MonotonicTime end_;
  ClientThread home_;
  std::size_t under_way_ = 0;
  std::vector<double> latencies_us_;
};

Outcome measure_store(const std::filesystem::path& folder, std::size_t clients, Duration http, SqliteOptions options,
                      Duration duration) {
  options.file = folder / "store.db";
  auto store = open_sqlite(std::move(options));
  CS_CHECK(store);
  CS_CHECK(migrate(**store, kSchema, system_clock().now()));
  Load(**store, clients, http, duration / 4).run();  // Warm-up, with some history.
  return Load(**store, clients, http, duration).run();
}

/// What the disk does: 4 KiB over existing data, then fdatasync.
Outcome measure_sync(const std::filesystem::path& folder, Duration duration) {
  constexpr off_t kBlocks = 1024;
  const std::string block(4096, 'x');
  const int file = ::open((folder / "sync").c_str(), O_RDWR | O_CREAT, 0600);
  CS_CHECK(file >= 0);
  const auto write = [&](off_t number) {
    CS_CHECK(::pwrite(file, block.data(), block.size(), number % kBlocks * 4096) == 4096);
  };
  for (off_t i = 0; i < kBlocks; ++i) write(i);
  CS_CHECK(::fsync(file) == 0);
  std::vector<double> latencies_us;
  const auto begun = system_clock().monotonic();
  auto last = begun;
  for (off_t i = 0; last < begun + duration; ++i) {
    write(i);
    CS_CHECK(::fdatasync(file) == 0);
    const auto now = system_clock().monotonic();
    latencies_us.push_back(microseconds(now - last));
    last = now;
  }
  ::close(file);
  return summarise(latencies_us, microseconds(last - begun) / 1e6);
}

struct Case {
  std::string name;
  std::size_t clients;  ///< 0: only the disk.
  Duration http = Duration::zero();
  SqliteOptions options = {};
  std::vector<Outcome> outcomes = {};
  std::vector<double> to_disk = {};
  std::vector<double> to_single = {};
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

double median_of(const Case& each, double Outcome::* member) {
  std::vector<double> values;
  for (const auto& outcome : each.outcomes) values.push_back(outcome.*member);
  return median(std::move(values));
}

void run(int rounds, Duration duration, const std::filesystem::path& base) {
  std::vector<Case> cases{
      {"fdatasync of 4 KiB", 0},
      {"one transaction per operation", 64, Duration::zero(), {.batch_max = 1}},
  };
  for (const std::size_t clients : {1U, 64U, 256U}) cases.push_back({"group commit", clients});
  // An I/O thread that spends 20 us on each request submits the operations one by one, so that batches are smaller than
  // the number of clients. This is where waiting for more operations could help.
  for (const int wait_us : {0, 200, 500}) {
    for (const std::size_t clients : {1U, 16U, 64U, 256U}) {
      cases.push_back({fmt::format("behind HTTP, waiting up to {} us", wait_us),
                       clients,
                       Duration(20),
                       {.accumulate_max = Duration(wait_us)}});
    }
  }
  for (int round = 0; round < rounds; ++round) {
    for (auto& each : cases) {
      const auto folder = base / "store-bench-data";
      std::filesystem::remove_all(folder);
      std::filesystem::create_directories(folder);
      each.outcomes.push_back(each.clients == 0
                                  ? measure_sync(folder, duration)
                                  : measure_store(folder, each.clients, each.http, each.options, duration));
      each.to_disk.push_back(each.outcomes.back().per_second / cases[0].outcomes.back().per_second);
      const auto& single = cases[1].outcomes;
      each.to_single.push_back(single.size() > static_cast<std::size_t>(round)
                                   ? each.outcomes.back().per_second / single.back().per_second
                                   : 0);
      std::filesystem::remove_all(folder);
    }
  }
  fmt::print("{:<34} {:>7} {:>9} {:>9} {:>9} {:>7} {:>7} {:>8} {:>8}\n", "case", "clients", "ops/s", "p50 us", "p99 us",
             "batch", "cpu us", "x sync", "x single");
  for (const auto& each : cases) {
    fmt::print("{:<34} {:>7} {:>9.0f} {:>9.0f} {:>9.0f} {:>7.1f} {:>7.1f} {:>8.2f} {:>8.2f}\n", each.name, each.clients,
               median_of(each, &Outcome::per_second), median_of(each, &Outcome::p50_us),
               median_of(each, &Outcome::p99_us), median_of(each, &Outcome::batch), median_of(each, &Outcome::cpu_us),
               median(each.to_disk), median(each.to_single));
  }
}

}  // namespace
}  // namespace countersign::store

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 7;
  const double seconds = count > 2 ? std::atof(arguments[2]) : 1;
  const std::filesystem::path folder = count > 3 ? arguments[3] : ".";
  countersign::store::run(rounds, countersign::Duration(static_cast<std::int64_t>(seconds * 1e6)), folder);
}
