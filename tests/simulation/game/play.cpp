#include "simulation/game/play.h"

#include <algorithm>
#include <iostream>

#include "simulation/game/adversary.h"
#include "simulation/game/operator.h"
#include "simulation/game/people.h"

namespace countersign::simulation::game {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t kPersons = 4;

Duration a_while(Chance& chance) {
  const std::size_t which = chance.below(1000);
  if (which < 600) return seconds(chance.below(10));
  if (which < 900) return seconds(10 + chance.below(120));
  if (which < 970) return minutes(2 + chance.below(40));
  if (which < 990) return hours(1 + chance.below(30));
  if (which < 997) return hours(24 + chance.below(80));
  return hours(24 * (4 + chance.below(40)));
}

/// What was noted since the line `told`; answers the newest.
std::string show_new(const Trace& trace, const std::string& told) {
  const auto& last = trace.last();
  auto from = std::ranges::find(last, told);
  from = from == last.end() ? last.begin() : std::next(from);
  for (; from != last.end(); ++from) std::cout << *from << '\n';
  return last.empty() ? told : last.back();
}

}  // namespace

PlayResult play(const PlayOptions& options) {
  Table table(options.seed);
  for (std::size_t i = 0; i < kPersons; ++i) {
    const auto service = i % 2 == 0 ? kOwnService : kUpstreamService;
    table.persons.push_back({fmt::format("person-{}", i), std::string(service)});
  }
  People people(table);
  Adversary adversary(table);
  Operator runs(table);
  PlayResult result;
  std::string told;
  for (; result.steps < options.steps; ++result.steps) {
    table.trace.begin_step(result.steps + 1);
    try {
      table.wait(a_while(table.chance));
      if (table.chance.one_in(25))
        runs.act();
      else if (table.chance.percent(35))
        people.act();
      else
        adversary.act();
      if (table.chance.one_in(40)) table.work();
      if (options.tell) told = show_new(table.trace, told);
    } catch (const Broken& broken) {
      table.tally.count(fmt::format("BROKEN: {}", broken.story));
      Finding finding{broken.invariant, broken.story, broken.text, options.seed, result.steps + 1, table.trace.last()};
      for (const auto& person : table.persons) {
        if (!broken.text.contains(person.identity)) continue;
        for (const auto& line : table.referee.notes(person.identity, table.now()))
          finding.last.push_back("noted: " + line);
        for (const auto& line : table.product.says_of({person.identity, person.service}))
          finding.last.push_back("the product: " + line);
      }
      result.findings.try_emplace(broken.story, std::move(finding));
      if (!options.go_on) break;
    }
  }
  result.digest = table.trace.digest();
  result.tally = table.tally;
  return result;
}

}  // namespace countersign::simulation::game
