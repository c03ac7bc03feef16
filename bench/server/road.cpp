#include "bench/server/road.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "base/check.h"
#include "bench/server/codes.h"
#include "bench/server/program.h"
#include "bench/server/receiver.h"
#include "bench/server/traffic.h"

namespace countersign::bench {

namespace {

constexpr int kConnections = 64;
constexpr std::uint32_t kPhones = 4'000'000;
constexpr std::size_t kColumns = 9;
constexpr std::array<std::string_view, kColumns> kNames{"pairs/s",  "server us", "http",  "writer", "worker",
                                                        "outbound", "client us", "units", "commits"};
using Row = std::array<double, kColumns>;

/// The settling of webhooks and of the last results: nothing has arrived for this long.
constexpr auto kQuiet = std::chrono::milliseconds(100);
constexpr auto kSettleMost = std::chrono::seconds(20);

/// One program with its carrier, its receiver and its clients.
class RoadSide {
 public:
  RoadSide(const std::filesystem::path& binary, const std::filesystem::path& folder, bool webhooks)
      : board_(kPhones),
        receiver_(board_),
        program_(binary, folder, url("codes")),
        traffic_(program_.address(), board_, program_.api_key()) {
    if (webhooks) program_.subscribe(url("webhooks"));
  }

  /// `pairs` pairs; figures of one pair.
  Row measure(std::size_t pairs) {
    const auto before = program_.written();
    const auto webhooks_before = receiver_.webhooks();
    const auto phase = traffic_.road(kConnections, pairs, [this] { settle(); });
    const auto after = program_.written();
    const auto checks = static_cast<double>(std::max<std::uint64_t>(1, phase.checks));
    const auto requests = static_cast<double>(phase.requests);
    CS_CHECK(phase.checks > pairs / 2);
    webhooks_ = static_cast<double>(receiver_.webhooks() - webhooks_before) / checks;
    const auto of = [&](const std::string& thread) {
      const auto found = phase.thread_cpu_us.find(thread);
      return found == phase.thread_cpu_us.end() ? 0 : found->second * requests / checks;
    };
    return {phase.per_second * checks / requests,
            phase.server_cpu_us * requests / checks,
            of("http"),
            of("store-write"),
            of("worker"),
            of("outbound"),
            phase.client_cpu_us * requests / checks,
            static_cast<double>(after.units - before.units) / checks,
            static_cast<double>(after.commits - before.commits) / checks};
  }

  [[nodiscard]] std::uint64_t wrong() const { return traffic_.wrong(); }
  [[nodiscard]] double webhooks() const { return webhooks_; }  ///< Of a pair in the last phase.

 private:
  [[nodiscard]] std::string url(std::string_view path) const {
    return fmt::format("http://127.0.0.1:{}/{}", receiver_.port(), path);
  }
  void settle() const {
    const auto begun = std::chrono::steady_clock::now();
    for (std::uint64_t seen = 0; std::chrono::steady_clock::now() - begun < kSettleMost;) {
      const auto now = receiver_.codes() + receiver_.webhooks();
      if (now == seen) return;
      seen = now;
      std::this_thread::sleep_for(kQuiet);
    }
  }

  CodeBoard board_;
  Receiver receiver_;
  Program program_;
  Traffic traffic_;
  double webhooks_ = 0;
};

double middle(std::vector<double> values) {
  std::ranges::sort(values);
  const auto half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// Column by column, the median of the rounds.
template <class Each>
Row medians(int rounds, Each each) {
  Row row{};
  for (std::size_t column = 0; column < kColumns; ++column) {
    std::vector<double> values;
    for (int round = 0; round < rounds; ++round) values.push_back(each(static_cast<std::size_t>(round), column));
    row.at(column) = middle(std::move(values));
  }
  return row;
}

json::object print_row(std::string_view name, const Row& row) {
  json::object out;
  fmt::print("{:<26}", name);
  for (std::size_t i = 0; i < kColumns; ++i) {
    fmt::print(" {:>9.{}f}", row.at(i), i == 0 ? 0 : row.at(i) < 10 ? 2 : 1);
    out[kNames.at(i)] = row.at(i);
  }
  fmt::print("\n");
  std::fflush(stdout);
  return out;
}

json::object measure_with(const RoadOptions& options, bool webhooks, std::uint64_t& wrong) {
  constexpr std::array<std::string_view, 2> kWhich{"new", "old"};
  std::vector<std::unique_ptr<RoadSide>> sides;
  for (const auto& program : options.programs) {
    const auto folder = options.folder / fmt::format("{}-{}", kWhich.at(sides.size()), webhooks);
    sides.push_back(std::make_unique<RoadSide>(program, folder, webhooks));
    static_cast<void>(sides.back()->measure(options.pairs / 2));  // To warm up.
  }
  std::vector<std::vector<Row>> rows(sides.size());
  for (int round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < sides.size(); ++i) rows[i].push_back(sides[i]->measure(options.pairs));
  }
  json::object out;
  const auto what = webhooks ? fmt::format(", {:.1f} webhooks", sides.front()->webhooks()) : std::string();
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const auto name = fmt::format("{}{}", sides.size() == 1 ? "pair" : kWhich.at(i), what);
    out[kWhich.at(i)] =
        print_row(name, medians(options.rounds, [&](auto round, auto column) { return rows[i][round].at(column); }));
    wrong += sides[i]->wrong();
  }
  if (sides.size() == 2) {
    out["ratio"] = print_row("new / old", medians(options.rounds, [&](auto round, auto column) {
                               return rows[0][round].at(column) / rows[1][round].at(column);
                             }));
  }
  return out;
}

}  // namespace

RoadFigures measure_road(const RoadOptions& options) {
  fmt::print(
      "\nA start, its code by HTTP to a carrier, and the check of it: us of processor time a pair, by thread ({} "
      "connections)\n{:<26}",
      kConnections, "");
  for (const auto& name : kNames) fmt::print(" {:>9}", name);
  fmt::print("\n");
  RoadFigures out;
  out.figures["codes"] = measure_with(options, false, out.wrong);
  out.figures["codes_and_webhooks"] = measure_with(options, true, out.wrong);
  return out;
}

}  // namespace countersign::bench
