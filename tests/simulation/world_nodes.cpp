// What World does where several nodes share the database.

#include <algorithm>

#include "simulation/world.h"

namespace countersign::simulation {

namespace {

thread_local const usecase::Context* context_here = nullptr;

}  // namespace

void enter(const usecase::Context& context) { context_here = &context; }

const usecase::Context& World::context() const { return context_here == nullptr ? context_ : *context_here; }

/// All at once, each at some node.
void World::run_on_nodes(const std::vector<std::shared_ptr<Request>>& batch) {
  Nodes& all = *nodes();
  ++batch_;
  if (batch.size() > 1) tally.count("requests at several nodes at once", batch.size());
  const auto victim = faults_ && chance.one_in(15) ? std::optional(chance.below(all.count())) : std::nullopt;
  const bool ends = victim && chance.percent(60);
  const bool late = victim && !ends && chance.one_in(3);
  if (late) {
    tally.count("fault: commit late");
    note(fmt::format("node {}: its commit is late", *victim));
    all.delay_commit(*victim);
  } else if (victim) {
    const bool carried_out = chance.percent(60);
    tally.count(ends ? carried_out ? "fault: node ends between commit and answer" : "fault: node ends before its commit"
                : carried_out ? "fault: answer to a commit lost"
                              : "fault: commit lost");
    note(fmt::format("node {}: {} at its commit, {}", *victim, ends ? "ends" : "is cut off",
                     carried_out ? "which is carried out" : "which is not"));
    if (ends)
      all.end_at_commit(*victim, carried_out);
    else
      all.cut_commit(*victim, carried_out);
  }
  all.begin_polling(account);
  for (const auto& request : batch) {
    clock.advance(Duration(1));
    request->node = chance.below(all.count());
    request->number = ++requests_;
    auto& node = all.at(request->node);
    AtNode at{node.context.get(), request->number, &all.order, victim.has_value(), {}};
    if (chance.one_in(4))
      at.delay = Delay{1 + static_cast<int>(chance.below(8)), std::chrono::microseconds(chance.below(1500))};
    const Terms terms{*node.store, home_, clock.now() + node.skew, random, batch_, false, at};
    request->submit(request, terms, draw_breakage());
  }
  home_.run(batch.size());
  if (ends) all.restart(*victim);
  if (victim) all.forget_cuts();
  all.end_polling();

  std::vector<std::shared_ptr<Request>> done;
  for (const auto& request : batch) {
    if (!request->error()) done.push_back(request);
    request->is_lost = ends && request->node == *victim;
  }
  if (victim) find_doubtful(batch, done);
  std::ranges::sort(done, {}, [](const auto& request) { return request->place(); });
  for (const auto& request : batch) {
    if (!request->error()) continue;
    const auto& error = *request->error();
    require(victim || error.code != store::StoreError::Code::kUnknown, Invariant::kNothingLost, "{}: {}",
            request->label(), error.detail);
    note(fmt::format("{}: refused by node {}, {}", request->label(), request->node, error.detail));
    tally.count("units refused");
  }
  for (const auto& request : done) {
    tally.count("units committed");
    ++commits_;
    note(fmt::format("{} at node {}", request->label(), request->node));
    request->see();
  }
  answers_.insert(answers_.end(), batch.begin(), batch.end());
}

/// What an error was answered to, or nothing, is in the database all the same where it has left its mark there.
void World::find_doubtful(const std::vector<std::shared_ptr<Request>>& batch,
                          std::vector<std::shared_ptr<Request>>& done) {
  const auto marks = nodes()->marks();
  for (const auto& request : batch) {
    const auto mark = marks.find(request->number);
    if (!request->error()) {
      require(mark != marks.end(), Invariant::kNothingLost, "{} was answered, and is not there", request->label());
    } else if (mark != marks.end()) {
      tally.count("commits that survived although they were refused");
      require(request->error()->code == store::StoreError::Code::kUnknown, Invariant::kNothingLost,
              "{} is there although it was refused: {}", request->label(), request->error()->detail);
      done.push_back(request);
    }
    if (mark == marks.end()) continue;
    require(mark->second == request->place(), Invariant::kOnce, "{} ran again after it was committed",
            request->label());
  }
}

/// While it has nothing to do. What waits is passed on to other nodes; answers that it has not given are lost.
void World::crash_node(std::size_t node) {
  tally.count("fault: node restarted");
  note(fmt::format("node {} ends", node));
  for (const auto& request : answers_) request->is_lost = request->is_lost || request->node == node;
  if (on_crash && chance.one_in(nodes()->count())) on_crash();
  nodes()->end_at_commit(node, false);
  nodes()->restart(node);
  clock.advance(chance.up_to(std::chrono::minutes(2)));
}

void World::jump_clock_of_a_node() {
  tally.count("fault: clock of a node set");
  const std::size_t node = chance.below(nodes()->count());
  nodes()->at(node).skew = chance.up_to(kSkewMax);
  note(fmt::format("clock of node {} set", node));
}

}  // namespace countersign::simulation
