// The complete server under load, over HTTP and with every commit synced, beside the same server with a constant
// answer. Everything that is compared is measured alternately in rounds; the result is the median of the rounds'
// ratios. Prints the measurements and writes them as JSON for bench/report.py.

#include <fmt/format.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/check.h"
#include "base/json.h"
#include "bench/postgres/processor_time.h"
#include "bench/postgres/slow_road.h"
#include "bench/server/codes.h"
#include "bench/server/lone_sync.h"
#include "bench/server/road.h"
#include "bench/server/server_process.h"
#include "bench/server/start_up.h"
#include "bench/server/traffic.h"
#include "bench/server/world.h"
#include "support/postgres_cluster.h"

namespace countersign::bench {
namespace {

using std::chrono::milliseconds;

struct Options {
  std::filesystem::path folder = "server-bench-data";
  std::filesystem::path program;
  std::filesystem::path old;
  std::filesystem::path json;
  std::uint32_t rows = 1'000'000;
  int rounds = 5;
  int seconds_percent = 100;
  int round_trip_us = 1500;
  std::vector<std::string> sections = {"load", "alone", "threads", "history", "start", "postgres", "road"};
  std::vector<std::string> kinds = {"hello", "hold", "create", "check", "release"};

  [[nodiscard]] milliseconds share(int ms) const { return milliseconds(ms * seconds_percent / 100); }
  [[nodiscard]] bool has(const std::string& section) const {
    return std::ranges::find(sections, section) != sections.end();
  }
};

double median(std::vector<double> values) {
  CS_CHECK(!values.empty());
  std::ranges::sort(values);
  const auto half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// The rounds of one kind of phase.
class Rounds {
 public:
  void add(const Phase& phase) { phases_.push_back(phase); }
  [[nodiscard]] double of(double Phase::* member) const {
    std::vector<double> values;
    for (const auto& phase : phases_) values.push_back(phase.*member);
    return median(std::move(values));
  }
  /// Median of the ratios between the rounds' rates.
  [[nodiscard]] double to(const Rounds& other) const {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < phases_.size(); ++i)
      ratios.push_back(phases_[i].per_second / other.phases_[i].per_second);
    return median(std::move(ratios));
  }
  [[nodiscard]] double thread_cpu_us(const std::string& thread) const {
    std::vector<double> values;
    for (const auto& phase : phases_) {
      const auto found = phase.thread_cpu_us.find(thread);
      values.push_back(found == phase.thread_cpu_us.end() ? 0 : found->second);
    }
    return median(std::move(values));
  }
  [[nodiscard]] json::object json() const {
    return {{"per_second", of(&Phase::per_second)},
            {"p50_ms", of(&Phase::p50_ms)},
            {"p99_ms", of(&Phase::p99_ms)},
            {"server_cpu_us", of(&Phase::server_cpu_us)},
            {"client_cpu_us", of(&Phase::client_cpu_us)}};
  }

 private:
  std::vector<Phase> phases_;
};

void print_head() {
  fmt::print("{:<22} {:>6} {:>9} {:>8} {:>8} {:>8} {:>10} {:>10}\n", "", "conns", "per s", "p50 ms", "p99 ms", "ratio",
             "server us", "client us");
}

void print_line(std::string_view name, int connections, const Rounds& rounds, double ratio) {
  fmt::print("{:<22} {:>6} {:>9.0f} {:>8.2f} {:>8.2f} {:>8.2f} {:>10.1f} {:>10.1f}\n", name, connections,
             rounds.of(&Phase::per_second), rounds.of(&Phase::p50_ms), rounds.of(&Phase::p99_ms), ratio,
             rounds.of(&Phase::server_cpu_us), rounds.of(&Phase::client_cpu_us));
  std::fflush(stdout);
}

/// A server on its own database, and its client.
struct Site {
  Site(const std::filesystem::path& folder, std::uint32_t rows) : Site(make_config(folder), rows) {}
  Site(main::Config where, std::uint32_t rows) : config(std::move(where)), board(kPhones) {
    const auto& folder = config.data_dir;
    std::filesystem::create_directories(folder);
    const auto begun = std::chrono::steady_clock::now();
    if (rows > 0) in_a_child([&] { fill_database(config, rows); });
    ::sync();  // The filled rows are on disk before measurements begin.
    fill_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    // The child passes the key through a file; nothing else is shared.
    const auto key_file = folder / "key";
    in_a_child([&] { std::ofstream(key_file) << make_database(config); });
    std::string key;
    std::ifstream(key_file) >> key;
    server = std::make_unique<ServerProcess>(config, board);
    traffic = std::make_unique<Traffic>(server->address(), board, key);
  }
  void warm_up(const Options& options) const {
    static_cast<void>(traffic->hello(64, options.share(300)));
    static_cast<void>(traffic->hold(64, options.share(700)));
    static_cast<void>(traffic->pair(64, options.share(2000)));
  }

  static constexpr std::uint32_t kPhones = 8'000'000;
  main::Config config;
  CodeBoard board;
  double fill_seconds = 0;
  std::unique_ptr<ServerProcess> server;
  std::unique_ptr<Traffic> traffic;
};

json::object measure_load(Site& site, const Options& options) {
  json::object out;
  fmt::print("\nVerifications over HTTP, beside a constant answer\n");
  print_head();
  for (const int connections : {64, 256}) {
    Rounds hello;
    Rounds hold;
    Rounds pair;
    Rounds verify;
    Rounds verify_new;
    Rounds release;
    Rounds page;
    for (int round = 0; round < options.rounds; ++round) {
      hello.add(site.traffic->hello(connections, options.share(1000)));
      hold.add(site.traffic->hold(connections, options.share(1200)));
      pair.add(site.traffic->pair(connections, options.share(2500)));
      verify.add(site.traffic->verify_pair(connections, options.share(2500), Traffic::Numbers::kKnown));
      verify_new.add(site.traffic->verify_pair(connections, options.share(2500), Traffic::Numbers::kNew));
      release.add(site.traffic->release(connections, options.share(600)));
      page.add(site.traffic->page(connections, options.share(600)));
    }
    print_line("constant answer", connections, hello, 1);
    print_line("start + check", connections, pair, pair.to(hello));
    print_line("the same by Verify", connections, verify, verify.to(hello));
    fmt::print("{:>40} {:.2f} of the native pair\n", "", verify.to(pair));
    print_line("to a new number", connections, verify_new, verify_new.to(hello));
    fmt::print("{:>40} {:.2f} of the native pair\n", "", verify_new.to(pair));
    print_line("hold", connections, hold, hold.to(hello));
    print_line("claim + acknowledge", connections, release, release.to(hello));
    print_line("hosted page", connections, page, page.to(hello));
    auto with_ratio = [&](const Rounds& rounds) {
      auto object = rounds.json();
      object["ratio"] = rounds.to(hello);
      return object;
    };
    out[std::to_string(connections)] = json::object{{"hello", with_ratio(hello)},
                                                    {"pair", with_ratio(pair)},
                                                    {"verify", with_ratio(verify)},
                                                    {"verify_to_pair", verify.to(pair)},
                                                    {"verify_new", with_ratio(verify_new)},
                                                    {"verify_new_to_pair", verify_new.to(pair)},
                                                    {"hold", with_ratio(hold)},
                                                    {"release", with_ratio(release)},
                                                    {"page", with_ratio(page)}};
  }
  return out;
}

/// One connection, so that nothing shares a commit: how long a request takes beside a bare fdatasync of the same disk.
json::object measure_alone(Site& site, const Options& options) {
  Rounds start;
  Rounds check;
  std::vector<double> sync;
  for (int round = 0; round < options.rounds; ++round) {
    static_cast<void>(site.traffic->hold(64, options.share(300)));
    sync.push_back(lone_sync_ms(options.folder, options.share(500)));
    start.add(site.traffic->create(1, options.share(1000)));
    check.add(site.traffic->check(1, options.share(1000)));
  }
  fmt::print("\nA lone request: median in ms, and what it takes beyond a bare fdatasync ({:.2f} ms)\n", median(sync));
  const auto line = [&](std::string_view name, const Rounds& rounds) {
    fmt::print("{:<22} {:>8.2f} {:>8.2f}\n", name, rounds.of(&Phase::p50_ms), rounds.of(&Phase::p50_ms) - median(sync));
  };
  line("start", start);
  line("check", check);
  std::fflush(stdout);
  return {{"sync_ms", median(sync)}, {"start", start.json()}, {"check", check.json()}};
}

json::object measure_threads(Site& site, const Options& options) {
  constexpr int kConnections = 64;
  const std::map<std::string, std::function<Phase(Traffic&)>> phases{
      {"hello", [&](Traffic& traffic) { return traffic.hello(kConnections, options.share(500)); }},
      {"hold", [&](Traffic& traffic) { return traffic.hold(kConnections, options.share(700)); }},
      {"create", [&](Traffic& traffic) { return traffic.create(kConnections, options.share(1500)); }},
      {"check", [&](Traffic& traffic) { return traffic.check(kConnections, options.share(1500)); }},
      {"release", [&](Traffic& traffic) { return traffic.release(kConnections, options.share(500)); }}};
  std::map<std::string, Rounds> rounds;
  for (int round = 0; round < options.rounds; ++round) {
    for (const auto& kind : options.kinds) rounds[kind].add(phases.at(kind)(*site.traffic));
  }
  const std::vector<std::string> threads{"http", "store-write", "worker", "store-read"};
  fmt::print("\nProcessor time of the server for one request, in us, by thread ({} connections)\n", kConnections);
  fmt::print("{:<10} {:>9} {:>9} {:>9} {:>12} {:>9} {:>11} {:>8}\n", "", "per s", "all", "http", "store-write",
             "worker", "store-read", "client");
  json::object out;
  for (const auto& name : options.kinds) {
    const auto& r = rounds[name];
    auto object = r.json();
    fmt::print("{:<10} {:>9.0f} {:>9.1f}", name, r.of(&Phase::per_second), r.of(&Phase::server_cpu_us));
    for (const auto& thread : threads) {
      object[thread] = r.thread_cpu_us(thread);
      fmt::print(" {:>{}.1f}", r.thread_cpu_us(thread), std::max<std::size_t>(9, thread.size() + 1));
    }
    fmt::print(" {:>8.1f}\n", r.of(&Phase::client_cpu_us));
    out[name] = std::move(object);
  }
  std::fflush(stdout);
  return out;
}

json::object measure_history(Site& empty, const Options& options) {
  const auto folder = options.folder / "history";
  fmt::print("\nFilling a second database with {} verifications ...\n", options.rows);
  std::fflush(stdout);
  Site full(folder, options.rows);
  const auto bytes = std::filesystem::file_size(full.config.store.sqlite_path);
  fmt::print("took {:.0f} s; the database has {:.0f} MB\n", full.fill_seconds, static_cast<double>(bytes) / 1e6);
  full.warm_up(options);
  Rounds empty_pair;
  Rounds full_pair;
  Rounds empty_hold;
  Rounds full_hold;
  for (int round = 0; round < options.rounds; ++round) {
    for (auto* site : {&empty, &full}) {
      (site == &empty ? empty_hold : full_hold).add(site->traffic->hold(64, options.share(1000)));
      (site == &empty ? empty_pair : full_pair).add(site->traffic->pair(64, options.share(2000)));
    }
  }
  print_head();
  print_line("start + check, empty", 64, empty_pair, 1);
  print_line("start + check, full", 64, full_pair, full_pair.to(empty_pair));
  print_line("hold, empty", 64, empty_hold, 1);
  print_line("hold, full", 64, full_hold, full_hold.to(empty_hold));
  CS_CHECK(full.traffic->wrong() == 0);
  return {{"rows", options.rows},
          {"fill_seconds", full.fill_seconds},
          {"bytes", bytes},
          {"empty", empty_pair.json()},
          {"full", full_pair.json()},
          {"ratio", full_pair.to(empty_pair)},
          {"hold_ratio", full_hold.to(empty_hold)}};
}

/// The server on PostgreSQL, over HTTP: on this machine, and with a network on the way.
json::object measure_postgres(const Options& options) {
  testing::PostgresCluster cluster;
  json::object out;
  std::vector<int> round_trips{0};
  if (options.round_trip_us > 0) round_trips.push_back(options.round_trip_us);
  for (const int round_trip : round_trips) {
    SlowRoadProcess road(cluster.folder() / ".s.PGSQL.5432", std::chrono::microseconds(round_trip / 2));
    auto config = make_config(options.folder / fmt::format("postgres-{}", round_trip));
    const std::string url = cluster.new_database();
    config.store.postgres_url =
        SecretString(url.substr(0, url.find('?')) + "?host=" + road.folder().string() + "&user=postgres");
    Site site(std::move(config), 0);
    site.warm_up(options);
    const std::map<std::string, std::function<Phase(Traffic&)>> phases{
        {"constant answer", [&](Traffic& traffic) { return traffic.hello(64, options.share(500)); }},
        {"hold", [&](Traffic& traffic) { return traffic.hold(64, options.share(1200)); }},
        {"start + check", [&](Traffic& traffic) { return traffic.pair(64, options.share(2500)); }},
        {"claim + acknowledge", [&](Traffic& traffic) { return traffic.release(64, options.share(600)); }},
        {"start, alone", [&](Traffic& traffic) { return traffic.create(1, options.share(600)); }},
        {"check, alone", [&](Traffic& traffic) { return traffic.check(1, options.share(600)); }}};
    std::map<std::string, Rounds> rounds;
    std::map<std::string, std::vector<double>> database;
    for (int round = 0; round < options.rounds; ++round) {
      for (const auto& [name, phase] : phases) {
        if (name.ends_with("alone")) static_cast<void>(site.traffic->hold(64, options.share(300)));
        const double before = processor_seconds_of(cluster.pid());
        const auto measured = phase(*site.traffic);
        rounds[name].add(measured);
        database[name].push_back(1e6 * (processor_seconds_of(cluster.pid()) - before) /
                                 static_cast<double>(std::max<std::uint64_t>(1, measured.requests)));
      }
    }
    fmt::print("\nPostgreSQL, over HTTP; its own processor time for a request; round trip {} us\n", round_trip);
    print_head();
    json::object figures;
    for (const auto& [name, measured] : rounds) {
      print_line(name, name.ends_with("alone") ? 1 : 64, measured, measured.to(rounds.at("constant answer")));
      fmt::print("{:>82} {:>8.1f} us of PostgreSQL\n", "", median(database.at(name)));
      auto object = measured.json();
      object["database_us"] = median(database.at(name));
      figures[name] = std::move(object);
    }
    std::fflush(stdout);
    CS_CHECK(site.traffic->wrong() == 0);
    out[std::to_string(round_trip)] = std::move(figures);
  }
  return out;
}

json::object measure_start(const Options& options) {
  const auto started = measure_start_up(options.program, options.folder / "start", 20);
  const double ms = median(started.milliseconds);
  const double worst = *std::ranges::max_element(started.milliseconds);
  fmt::print("\nStart to first answer: median {:.1f} ms, worst {:.1f} ms; resident after it {:.1f} MB\n", ms, worst,
             static_cast<double>(started.resident_kib) / 1024);
  std::fflush(stdout);
  return {{"median_ms", ms}, {"worst_ms", worst}, {"resident_kib", started.resident_kib}};
}

void check_disk(const std::filesystem::path& folder) {
  constexpr auto kTmpfs = 0x01021994;
  struct statfs64 disk{};
  CS_CHECK(::statfs64(folder.c_str(), &disk) == 0);
  if (disk.f_type == kTmpfs) throw std::runtime_error(folder.string() + " is in memory; name a folder on a disk");
}

int run(const Options& options) {
  std::filesystem::remove_all(options.folder);
  std::filesystem::create_directories(options.folder);
  check_disk(options.folder);
  json::object out;
  std::uint64_t wrong = 0;
  if (options.has("start")) out["start"] = measure_start(options);
  if (options.has("load") || options.has("alone") || options.has("threads") || options.has("history")) {
    Site site(options.folder / "empty", 0);
    site.warm_up(options);
    if (options.has("load")) out["load"] = measure_load(site, options);
    if (options.has("alone")) out["alone"] = measure_alone(site, options);
    if (options.has("threads")) out["threads"] = measure_threads(site, options);
    out["resident_kib_after_load"] = site.server->resident_kib();
    fmt::print("\nResident after the load: {:.1f} MB\n", static_cast<double>(site.server->resident_kib()) / 1024);
    if (options.has("history")) out["history"] = measure_history(site, options);
    wrong = site.traffic->wrong();
  }
  if (options.has("postgres")) out["postgres"] = measure_postgres(options);
  // Last, because it starts a thread and the others fork.
  if (options.has("road")) {
    const auto road = measure_road(
        {.folder = options.folder / "road",
         .programs = options.old.empty() ? std::vector{options.program} : std::vector{options.program, options.old},
         .rounds = options.rounds,
         .pairs = static_cast<std::size_t>(options.seconds_percent) * 40});
    out["road"] = road.figures;
    wrong += road.wrong;
  }
  std::filesystem::remove_all(options.folder);
  if (wrong > 0) {
    fmt::print(stderr, "{} answers were wrong: this run is void\n", wrong);
    return 1;
  }
  if (!options.json.empty()) std::ofstream(options.json) << canonical_json(out) << "\n";
  return 0;
}

}  // namespace
}  // namespace countersign::bench

int main(int argc, char** argv) {
  countersign::bench::Options options;
  CLI::App app("The whole server under load");
  app.add_option("--folder", options.folder, "Where databases are made and deleted; on a disk");
  app.add_option("--program", options.program, "The countersign binary, for its start-up and the whole road");
  app.add_option("--old", options.old, "A binary of another version, beside it on the whole road");
  app.add_option("--json", options.json, "File for the results");
  app.add_option("--rows", options.rows, "Stored verifications of the full database");
  app.add_option("--rounds", options.rounds);
  app.add_option("--time", options.seconds_percent, "Per cent of the usual time for each phase");
  app.add_option("--sections", options.sections, "Of load, alone, threads, history, start, postgres, road");
  app.add_option("--round-trip-us", options.round_trip_us, "Between the server and PostgreSQL, in its second part");
  app.add_option("--kinds", options.kinds, "Of the requests in threads: hello, hold, create, check, release");
  CLI11_PARSE(app, argc, argv);
  if (options.program.empty())
    options.program = std::filesystem::path(argv[0]).parent_path().parent_path() / "countersign";
  return countersign::bench::run(options);
}
