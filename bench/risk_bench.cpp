// What a decision about a code costs: the book's look-ups, the rules, and the count, with tables as full as they get.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "risk/decision.h"
#include "risk/pumping.h"
#include "usecase/risk/book.h"
#include "usecase/risk/ticket.h"

namespace countersign {
namespace {

constexpr std::size_t kPeople = 200'000;

const AccountId kBenchAccount = [] {
  AccountId account;
  account.id.raw.fill(3);
  return account;
}();

usecase::RiskBook::Asked asked_by(std::size_t person) {
  usecase::RiskBook::Asked asked;
  asked.account = kBenchAccount;
  asked.keys.country = "BR";
  asked.keys.prefix = fmt::format("+5511{:05}", 90'000 + person % 30'000);
  asked.keys.range = asked.keys.prefix.substr(0, 8);
  asked.keys.address = fmt::format("a{:015}", person);
  asked.keys.network = fmt::format("n{:015}", person / 64);
  return asked;
}

/// `Proved`: she is not counted.
template <bool Proved>
void decide_one(benchmark::State& state) {
  usecase::RiskBook book;
  WallTime now = from_micros(1'800'000'000'000'000);
  std::vector<usecase::RiskBook::Asked> people;
  for (std::size_t i = 0; i < kPeople; ++i) people.push_back(asked_by(i));
  for (const auto& one : people) book.count(one, VerificationId{}, now)->keep();
  std::size_t next = 0;
  for (auto _ : state) {
    const auto& asked = people[next++ % kPeople];
    const auto figures = book.figures(asked, 100'000'000, now);
    risk::Features features;
    risk::describe(figures, features);
    auto matches = risk::pumping_matches(figures);
    for (auto& match : book.blocked(asked, now)) matches.push_back(std::move(match));
    risk::Leniency leniency;
    leniency.proved_contact = Proved;
    benchmark::DoNotOptimize(risk::decide(risk::Point::kSend, std::move(matches), leniency));
    if constexpr (!Proved) {
      const auto ticket = book.count(asked, VerificationId{}, now);
      ticket->keep();
    }
    now += std::chrono::microseconds(100);
  }
  state.counters["keys"] = static_cast<double>(book.size());
}
BENCHMARK(decide_one<true>)->Name("a decision about somebody known");
BENCHMARK(decide_one<false>)->Name("a decision about somebody new, with its count");

/// What the other thread does once a second.
void take_a_second(benchmark::State& state) {
  usecase::RiskBook book;
  const WallTime now = from_micros(1'800'000'000'000'000);
  for (auto _ : state) {
    for (std::size_t i = 0; i < 100; ++i) book.count(asked_by(i), VerificationId{}, now)->keep();
    benchmark::DoNotOptimize(book.take_unwritten());
  }
}
BENCHMARK(take_a_second)->Name("a second with a hundred new people: count and take");

}  // namespace
}  // namespace countersign

BENCHMARK_MAIN();
