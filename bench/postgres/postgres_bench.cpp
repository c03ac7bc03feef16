// Durable operations per second of several nodes on one PostgreSQL, beside pgbench with the same statements.
//
//     postgres_bench [rounds] [seconds for each case] [round trip in microseconds]
//
// Starts its own server (tests/support/postgres_cluster.h). A pair is the database work of a verification, reduced:
// create (count for the subject and for the account, insert the verification, its message and an audit event) and check
// (read the verification, update it, insert an event). Each is one unit, or for pgbench one transaction. The account's
// counter is one row that every operation updates, as in a real account.
//
// Clients are closed loops; each starts its next unit when the last is answered. All cases run in every round, so that
// ratios compare the same moment; the table shows medians over the rounds. "trips" are round trips to the database per
// operation.

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/check.h"
#include "bench/postgres/slow_road.h"
#include "store/migration.h"
#include "store/postgres/postgres_store.h"
#include "support/postgres_cluster.h"

namespace countersign::store {
namespace {

using testing::PostgresCluster;

constexpr int kClients = 64;
constexpr std::int64_t kSubjects = 10'000;

constexpr std::array kSchema{Migration{1, "bench", R"(
  CREATE TABLE tally (name {{bigint}} PRIMARY KEY, value {{bigint}} NOT NULL) {{table}};
  CREATE TABLE verification (id {{bigint}} PRIMARY KEY, status TEXT NOT NULL, attempts {{bigint}} NOT NULL,
                             body TEXT NOT NULL) {{table}};
  CREATE TABLE message (id {{bigint}} PRIMARY KEY, body TEXT NOT NULL) {{table}};
  CREATE TABLE event (id {{bigint}} PRIMARY KEY, type TEXT NOT NULL, body TEXT NOT NULL) {{table}};
  INSERT INTO tally (name, value) SELECT n, 0 FROM generate_series(0, 10000) AS n;
)"}};

/// Account 0 comes last: its row has the most contention.
Done create(Tx& tx, std::int64_t id, std::int64_t subject) {
  static const Sql kTally{"UPDATE tally SET value = value + 1 WHERE name = ?1"};
  static const Sql kVerification{
      "INSERT INTO verification (id, status, attempts, body) VALUES (?1, 'pending', 0, repeat('b', 200))"};
  static const Sql kMessage{"INSERT INTO message (id, body) VALUES (?1, repeat('b', 200))"};
  static const Sql kEvent{"INSERT INTO event (id, type, body) VALUES (?1, 'created', repeat('b', 100))"};
  tx.put(kVerification, {id});
  tx.put(kMessage, {id});
  tx.put(kEvent, {2 * id});
  // The unit needs to know whether the window has room.
  CS_CHECK(tx.exec(kTally, {subject}) == 1);
  CS_CHECK(tx.exec(kTally, {0}) == 1);
  return {};
}

Done check(Tx& tx, std::int64_t id) {
  static const Sql kFind{"SELECT status, attempts FROM verification WHERE id = ?1"};
  static const Sql kSave{"UPDATE verification SET status = 'approved', attempts = attempts + 1 WHERE id = ?1"};
  static const Sql kEvent{"INSERT INTO event (id, type, body) VALUES (?1, 'checked', repeat('b', 100))"};
  CS_CHECK(tx.one(kFind, {id}, [](const Row&) {}));
  tx.put(kSave, {id});
  tx.put(kEvent, {2 * id + 1});
  return {};
}

/// The same statements for pgbench. `n` lives as long as its client, and `first` separates runs.
constexpr std::string_view kScript = R"(\set n :n + 1
\set id :first + :client_id * 10000000 + :n
\set subject random(1, 10000)
\set created 2 * :id
\set checked 2 * :id + 1
BEGIN{};
INSERT INTO verification (id, status, attempts, body) VALUES (:id, 'pending', 0, repeat('b', 200));
INSERT INTO message (id, body) VALUES (:id, repeat('b', 200));
INSERT INTO event (id, type, body) VALUES (:created, 'created', repeat('b', 100));
UPDATE tally SET value = value + 1 WHERE name = :subject;
UPDATE tally SET value = value + 1 WHERE name = 0;
COMMIT;
BEGIN{};
SELECT status, attempts FROM verification WHERE id = :id;
UPDATE verification SET status = 'approved', attempts = attempts + 1 WHERE id = :id;
INSERT INTO event (id, type, body) VALUES (:checked, 'checked', repeat('b', 100));
COMMIT;
)";

struct Outcome {
  double operations_per_second = 0;
  double round_trips = 0;  ///< Per operation.
  double batch = 0;        ///< Units per commit.
  double conflicts = 0;    ///< Per thousand operations.
};

/// Continuations run on the store's thread, which starts the next unit there.
class InPlace final : public Executor {
 public:
  void post(Task task) override { task(); }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) task();
  }
};

/// Every number is used once during the database's life.
std::atomic<std::int64_t> next_first{1};
constexpr std::int64_t kRunSize = 1'000'000'000;

class Run {
 public:
  Run(std::vector<Store*> nodes, Duration length)
      : nodes_(std::move(nodes)), first_(kRunSize * next_first++), begin_(system_clock().monotonic()) {
    end_ = begin_ + length;
    under_way_ = kClients;
    for (int client = 0; client < kClients; ++client) start(client, 0);
  }

  Outcome wait() {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return under_way_ == 0; });
    const std::chrono::duration<double> elapsed = system_clock().monotonic() - begin_;
    return {.operations_per_second = static_cast<double>(done_) / elapsed.count()};
  }
  [[nodiscard]] double done() const { return static_cast<double>(done_); }

 private:
  void start(int client, std::int64_t n) {
    Store& node = *nodes_[static_cast<std::size_t>(client) % nodes_.size()];
    const std::int64_t id = first_ + client * 10'000'000 + n / 2;
    const auto next = [this, client, n](const Result<Done, StoreError>& result) { answered(client, n, result); };
    if (n % 2 == 0) {
      node.transact(home_, [id](Tx& tx) { return create(tx, id, 1 + id * 7919 % kSubjects); }, next);
    } else {
      node.transact(home_, [id](Tx& tx) { return check(tx, id); }, next);
    }
  }
  void answered(int client, std::int64_t n, const Result<Done, StoreError>& result) {
    if (!result) std::cerr << result.error().detail << '\n';
    CS_CHECK(result.has_value());
    ++done_;
    if (system_clock().monotonic() < end_) return start(client, n + 1);
    const std::lock_guard lock(mutex_);
    if (--under_way_ == 0) ended_.notify_all();
  }

  std::vector<Store*> nodes_;
  std::int64_t first_;
  MonotonicTime begin_;
  MonotonicTime end_;
  InPlace home_;
  std::atomic<std::int64_t> done_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  int under_way_ = 0;  // Guarded by mutex_.
};

class Bench {
 public:
  Bench(Duration length, Duration round_trip) : length_(length), url_(cluster_.new_database()) {
    if (round_trip > Duration::zero()) {
      road_.emplace(cluster_.folder() / ".s.PGSQL.5432", round_trip / 2);
      url_ = url_.substr(0, url_.find('?')) + "?host=" + road_->folder().string() + "&user=postgres";
    }
    const auto store = open(true);
    const auto migrated = migrate(*store, kSchema, WallTime{});
    CS_CHECK(migrated.has_value());
  }

  Outcome nodes(int count, bool turns) {
    std::vector<std::unique_ptr<Store>> stores;
    std::vector<Store*> borrowed;
    for (int i = 0; i < count; ++i) borrowed.push_back(stores.emplace_back(open(turns)).get());
    Run run(borrowed, length_);
    Outcome outcome = run.wait();
    StoreStats sum;
    for (const auto& store : stores) {
      const auto stats = store->stats();
      sum.units += stats.units;
      sum.commits += stats.commits;
      sum.conflicts += stats.conflicts;
      sum.round_trips += stats.round_trips;
    }
    outcome.round_trips = static_cast<double>(sum.round_trips) / run.done();
    outcome.batch = static_cast<double>(sum.units) / static_cast<double>(std::max<std::uint64_t>(sum.commits, 1));
    outcome.conflicts = 1000.0 * static_cast<double>(sum.conflicts) / run.done();
    return outcome;
  }

  Outcome pgbench(int clients, std::string_view isolation) const {
    const auto folder = std::filesystem::temp_directory_path() / "countersign-pgbench.sql";
    std::ofstream(folder) << fmt::format(fmt::runtime(kScript), isolation, isolation);
    const std::string command = fmt::format(
        "pgbench --no-vacuum --protocol=prepared --client={} --jobs=1 --time={} --max-tries=1000 --define=n=0 "
        "--define=first={} --file={} '{}' 2>/dev/null",
        clients, std::chrono::duration_cast<std::chrono::seconds>(length_).count(), kRunSize * next_first++,
        folder.string(), url_);
    const std::unique_ptr<FILE, int (*)(FILE*)> output(::popen(command.c_str(), "r"), ::pclose);
    CS_CHECK(output != nullptr);
    std::string text;
    std::array<char, 4096> buffer{};
    while (::fgets(buffer.data(), buffer.size(), output.get()) != nullptr) text += buffer.data();
    const auto at = text.find("tps = ");
    if (at == std::string::npos) return {};
    return {.operations_per_second = 2 * std::stod(text.substr(at + 6)), .round_trips = 6};
  }

 private:
  [[nodiscard]] std::unique_ptr<Store> open(bool turns) const {
    auto store = open_postgres({.url = SecretString(url_),
                                .clock = system_clock(),
                                .random = system_random(),
                                .log = [](std::string_view line) { std::cerr << line << '\n'; },
                                .reader_connections = 1,
                                .turns = turns});
    if (!store) std::cerr << store.error().detail << '\n';
    CS_CHECK(store.has_value());
    return std::move(store).value();
  }

  PostgresCluster cluster_;  // Its own, with synced commits.
  std::optional<bench::SlowRoad> road_;
  Duration length_;
  std::string url_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void run(int rounds, Duration length, Duration round_trip) {
  Bench bench(length, round_trip);
  struct Case {
    std::string_view name;
    Outcome (*run)(Bench&);
  };
  constexpr std::array kCases{
      Case{"pgbench, 64 clients", [](Bench& b) { return b.pgbench(kClients, ""); }},
      Case{"pgbench, 16 clients", [](Bench& b) { return b.pgbench(16, ""); }},
      Case{"pgbench, serializable, 16 clients",
           [](Bench& b) { return b.pgbench(16, " ISOLATION LEVEL SERIALIZABLE"); }},
      Case{"1 node", [](Bench& b) { return b.nodes(1, true); }},
      Case{"2 nodes", [](Bench& b) { return b.nodes(2, true); }},
      Case{"3 nodes", [](Bench& b) { return b.nodes(3, true); }},
      Case{"3 nodes without turns", [](Bench& b) { return b.nodes(3, false); }},
  };
  std::map<std::string_view, std::vector<Outcome>> outcomes;
  for (int round = 0; round < rounds; ++round) {
    for (const auto& each : kCases) outcomes[each.name].push_back(each.run(bench));
  }
  fmt::print("{:<34} {:>9} {:>12} {:>7} {:>7} {:>14}\n", "case", "ops/s", "of pgbench", "trips", "batch",
             "conflicts/1000");
  const auto& baseline = outcomes[kCases.front().name];
  for (const auto& each : kCases) {
    const auto column = [&](auto value) {
      std::vector<double> values;
      for (std::size_t i = 0; i < outcomes[each.name].size(); ++i) values.push_back(value(outcomes[each.name][i], i));
      return median(values);
    };
    fmt::print("{:<34} {:>9.0f} {:>12.2f} {:>7.2f} {:>7.1f} {:>14.2f}\n", each.name,
               column([](const Outcome& o, std::size_t) { return o.operations_per_second; }),
               column([&](const Outcome& o, std::size_t i) {
                 return o.operations_per_second / std::max(1.0, baseline[i].operations_per_second);
               }),
               column([](const Outcome& o, std::size_t) { return o.round_trips; }),
               column([](const Outcome& o, std::size_t) { return o.batch; }),
               column([](const Outcome& o, std::size_t) { return o.conflicts; }));
  }
}

}  // namespace
}  // namespace countersign::store

int main(int count, char** arguments) {
  const int rounds = count > 1 ? std::atoi(arguments[1]) : 3;
  const int seconds = count > 2 ? std::atoi(arguments[2]) : 3;
  const int round_trip = count > 3 ? std::atoi(arguments[3]) : 0;
  countersign::store::run(rounds, std::chrono::seconds(seconds), std::chrono::microseconds(round_trip));
}
