// Use cases per second on PostgreSQL behind a network that takes its time: one node, closed loops.
//
//     use_cases_bench [--round-trip-us 1500] [--clients 64] [--seconds 3] [--rounds 3] [--subjects 10000]
//                     [--nodes 1,2,3]
//
// Starts its own server (tests/support/postgres_cluster.h). Every client goes through the calls of a day: hold, start,
// check with the right code, claim, acknowledge; each is one unit, as from the API, with an Idempotency-Key for none.
// Each case runs in every round with units beside each other and one after the other; the table shows medians.
// "us of node" and "us of database" are processor time a unit.
//
// With --nodes: so many nodes, each a store of its own with a road of its own, on one database and one account, each
// with so many clients and people of its own. Each number of nodes runs in every round; all of it in this process.

#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "bench/postgres/processor_time.h"
#include "bench/postgres/slow_road.h"
#include "store/postgres/postgres_store.h"
#include "support/fixture.h"
#include "support/postgres_cluster.h"
#include "support/settings.h"

namespace countersign::bench {
namespace {

using testing::Fixture;
using testing::PostgresCluster;

struct Options {
  int round_trip_us = 0;
  int clients = 64;
  int seconds = 3;
  int rounds = 3;
  int subjects = 10'000;
  std::vector<int> nodes = {};
};

/// Continuations run on the store's thread, which starts the next unit there.
class InPlace final : public Executor {
 public:
  void post(Task task) override { task(); }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) task();
  }
};

double own_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

struct Outcome {
  double per_second = 0;
  double batch = 0;
  double trips_of_batch = 0;
  double trips_of_unit = 0;
  double node_us = 0;
  double database_us = 0;
};

/// One node and its clients.
struct Node {
  store::Store& store;
  const usecase::Context& context;
  std::string people = "organizer";
  std::string phones = "+55119";
};

class Run {
 public:
  Run(Fixture& fixture, Node node, const Options& options, pid_t database)
      : fixture_(fixture), node_(node), options_(options), database_(database) {}

  Outcome go() {
    const auto before = node_.store.stats();
    const double own_before = own_seconds();
    const double database_before = processor_seconds_of(database_);
    const MonotonicTime begin = system_clock().monotonic();
    end_ = begin + std::chrono::seconds(options_.seconds);
    under_way_ = options_.clients;
    for (int client = 0; client < options_.clients; ++client) hold(client);
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return under_way_ == 0; });
    const std::chrono::duration<double> elapsed = system_clock().monotonic() - begin;
    const auto after = node_.store.stats();
    const auto units = static_cast<double>(after.units - before.units);
    const auto commits = static_cast<double>(after.commits - before.commits);
    const auto trips = static_cast<double>(after.round_trips - before.round_trips);
    return {units / elapsed.count(),
            units / commits,
            trips / commits,
            trips / units,
            1e6 * (own_seconds() - own_before) / units,
            1e6 * (processor_seconds_of(database_) - database_before) / units};
  }

 private:
  /// `make(work)` is the unit; `next(answer)` goes on.
  template <class Make, class Next>
  void step(Make make, Next next) {
    if (system_clock().monotonic() >= end_) {
      const std::lock_guard lock(mutex_);
      if (--under_way_ == 0) ended_.notify_all();
      return;
    }
    node_.store.transact(
        home_,
        [this, make = std::move(make)](store::Tx& tx) {
          Moment moment{system_clock().now(), system_random()};
          return make(usecase::Work{tx, node_.context, fixture_.caller(), moment});
        },
        [next = std::move(next)](auto result) mutable {
          if (!result) fmt::print(stderr, "{}\n", result.error().detail);
          CS_CHECK(result.has_value());
          if (!*result) fmt::print(stderr, "{}\n", (*result).error().detail);
          CS_CHECK((*result).has_value());
          next(**std::move(result));
        });
  }

  void hold(int client) {
    usecase::HoldRequest request = fixture_.request();
    const int number = next_++ % options_.subjects;
    request.identity = fmt::format("{}-{}", node_.people, number);
    request.contacts = {{contact::Channel::kSms, fmt::format("{}{:08}", node_.phones, number)}};
    step([request](const usecase::Work& work) { return usecase::hold(work, request); },
         [this, client](const usecase::Held& held) { start(client, held.id); });
  }
  void start(int client, const TransactionId& id) {
    step(
        [id](const usecase::Work& work) { return usecase::start_verification(work, {id, contact::Channel::kSms, {}}); },
        [this, client, id](const usecase::Started& started) {
          check(client, id, std::get<delivery::OutgoingMessage>(started.queued.content).code);
        });
  }
  void check(int client, const TransactionId& id, const SecretString& code) {
    step([id, code](const usecase::Work& work) { return usecase::check(work, {id, code, {}, {}}); },
         [this, client, id](const auto&) { claim(client, id); });
  }
  void claim(int client, const TransactionId& id) {
    step([id](const usecase::Work& work) { return usecase::claim(work, id, "worker"); },
         [this, client, id](const usecase::Claim& claimed) { acknowledge(client, id, claimed.fencing_token); });
  }
  void acknowledge(int client, const TransactionId& id, const std::string& token) {
    step([id, token](const usecase::Work& work) { return usecase::acknowledge(work, id, token); },
         [this, client](Done) { hold(client); });
  }

  Fixture& fixture_;
  const Node node_;
  const Options& options_;
  const pid_t database_;
  InPlace home_;
  MonotonicTime end_;
  static inline std::atomic<int> next_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  int under_way_ = 0;  // Guarded by mutex_.
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

std::unique_ptr<store::Store> open(const std::string& database, const SlowRoad* road, bool side_by_side = true) {
  std::string url = database;
  if (road != nullptr) url = url.substr(0, url.find('?')) + "?host=" + road->folder().string() + "&user=postgres";
  auto store = store::open_postgres({.url = SecretString(url),
                                     .clock = system_clock(),
                                     .random = system_random(),
                                     .log = [](std::string_view line) { fmt::print(stderr, "{}\n", line); },
                                     .reader_connections = 1,
                                     .side_by_side = side_by_side});
  CS_CHECK(store.has_value());
  return *std::move(store);
}

/// Limits that count in all their windows and refuse nothing.
void count_all(Fixture& fixture) {
  constexpr domain::Rate kEnough{1'000'000'000, std::chrono::hours(24)};
  domain::Limits& limits = fixture.limits();
  limits = testing::no_rates();
  limits.sends_per_account = limits.sends_per_country = limits.sends_per_address = limits.checks_per_account = kEnough;
}

void run_nodes(const Options& options) {
  constexpr std::array<int, 9> kAreas{11, 21, 31, 41, 51, 61, 71, 81, 85};  // So that each node has numbers of its own.
  PostgresCluster cluster;
  const std::string database = cluster.new_database();
  struct Machine {
    std::unique_ptr<SlowRoad> road;
    store::EventIds event_ids;
    std::unique_ptr<usecase::Context> context;
    std::unique_ptr<store::Store> store;
  };
  Fixture fixture(open(database, nullptr));
  count_all(fixture);
  std::vector<std::unique_ptr<Machine>> machines;
  for (int i = 0; i < std::ranges::max(options.nodes); ++i) {
    auto& machine = *machines.emplace_back(std::make_unique<Machine>());
    if (options.round_trip_us > 0) {
      machine.road = std::make_unique<SlowRoad>(cluster.folder() / ".s.PGSQL.5432",
                                                std::chrono::microseconds(options.round_trip_us / 2));
    }
    machine.context = std::make_unique<usecase::Context>(
        usecase::Context{fixture.settings(), fixture.context().vault, machine.event_ids});
    machine.store = open(database, machine.road.get());
  }
  struct Case {
    int nodes;
    std::vector<double> per_second = {};
    std::vector<double> database_cores = {};
    std::vector<double> own_cores = {};
  };
  std::vector<Case> cases;
  for (const int nodes : options.nodes) cases.push_back({nodes});
  for (int round = 0; round < options.rounds; ++round) {
    for (auto& each : cases) {
      std::vector<Outcome> outcomes(static_cast<std::size_t>(each.nodes));
      std::vector<std::thread> threads;
      const double own = own_seconds();
      const double of_database = processor_seconds_of(cluster.pid());
      const MonotonicTime begin = system_clock().monotonic();
      for (int i = 0; i < each.nodes; ++i) {
        threads.emplace_back([&, i] {
          auto& machine = *machines[static_cast<std::size_t>(i)];
          const Node node{*machine.store, *machine.context, fmt::format("organizer-{}", i),
                          fmt::format("+55{}9", kAreas.at(static_cast<std::size_t>(i)))};
          outcomes[static_cast<std::size_t>(i)] = Run(fixture, node, options, cluster.pid()).go();
        });
      }
      for (auto& thread : threads) thread.join();
      const std::chrono::duration<double> elapsed = system_clock().monotonic() - begin;
      double sum = 0;
      for (const auto& outcome : outcomes) sum += outcome.per_second;
      each.per_second.push_back(sum);
      each.own_cores.push_back((own_seconds() - own) / elapsed.count());
      each.database_cores.push_back((processor_seconds_of(cluster.pid()) - of_database) / elapsed.count());
    }
  }
  fmt::print("{} clients on each node, round trip {} us\n", options.clients, options.round_trip_us);
  fmt::print("{:<8} {:>8} {:>7} {:>15} {:>18}\n", "nodes", "units/s", "ratio", "cores of nodes", "cores of database");
  const double one = median(cases.front().per_second);
  for (const auto& each : cases) {
    const double per_second = median(each.per_second);
    fmt::print("{:<8} {:>8.0f} {:>7.2f} {:>15.2f} {:>18.2f}\n", each.nodes, per_second, per_second / one,
               median(each.own_cores), median(each.database_cores));
  }
  std::uint64_t put_off = 0;
  std::uint64_t repeated = 0;
  std::uint64_t conflicts = 0;
  for (const auto& machine : machines) {
    const auto stats = machine->store->stats();
    put_off += stats.put_off;
    repeated += stats.repeated_batches;
    conflicts += stats.conflicts;
  }
  fmt::print("units put off {}, batches repeated {}, conflicts {}\n", put_off, repeated, conflicts);
}

void run(const Options& options) {
  if (!options.nodes.empty()) return run_nodes(options);
  PostgresCluster cluster;
  std::optional<SlowRoad> road;
  if (options.round_trip_us > 0)
    road.emplace(cluster.folder() / ".s.PGSQL.5432", std::chrono::microseconds(options.round_trip_us / 2));
  struct Case {
    std::string_view name;
    bool side_by_side;
    std::unique_ptr<Fixture> fixture = {};
    std::vector<Outcome> outcomes = {};
  };
  std::vector<Case> cases;
  cases.push_back({"one after the other", false});
  cases.push_back({"side by side", true});
  for (auto& each : cases) {
    each.fixture = std::make_unique<Fixture>(open(cluster.new_database(), road ? &*road : nullptr, each.side_by_side));
    count_all(*each.fixture);
  }
  for (int round = 0; round < options.rounds; ++round) {
    for (auto& each : cases)
      each.outcomes.push_back(
          Run(*each.fixture, {each.fixture->store(), each.fixture->context()}, options, cluster.pid()).go());
  }
  fmt::print("{} clients, round trip {} us\n", options.clients, options.round_trip_us);
  fmt::print("{:<22} {:>8} {:>7} {:>12} {:>11} {:>11} {:>15}\n", "units", "units/s", "batch", "trips/batch",
             "trips/unit", "us of node", "us of database");
  for (const auto& each : cases) {
    const auto of = [&](double Outcome::* member) {
      std::vector<double> values;
      for (const auto& outcome : each.outcomes) values.push_back(outcome.*member);
      return median(std::move(values));
    };
    fmt::print("{:<22} {:>8.0f} {:>7.1f} {:>12.2f} {:>11.2f} {:>11.0f} {:>15.0f}\n", each.name,
               of(&Outcome::per_second), of(&Outcome::batch), of(&Outcome::trips_of_batch), of(&Outcome::trips_of_unit),
               of(&Outcome::node_us), of(&Outcome::database_us));
  }
}

}  // namespace
}  // namespace countersign::bench

int main(int count, char** arguments) {
  countersign::bench::Options options;
  CLI::App app("Use cases per second on PostgreSQL.");
  app.add_option("--round-trip-us", options.round_trip_us, "added by the network between node and database");
  app.add_option("--clients", options.clients);
  app.add_option("--seconds", options.seconds, "for each case in each round");
  app.add_option("--rounds", options.rounds);
  app.add_option("--subjects", options.subjects);
  app.add_option("--nodes", options.nodes, "how many nodes in each case")->delimiter(',')->check(CLI::Range(1, 9));
  CLI11_PARSE(app, count, arguments);
  countersign::bench::run(options);
}
