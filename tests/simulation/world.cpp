#include "simulation/world.h"

#include <future>

#include "simulation/furnish.h"
#include "store/migrations/migrations.h"
#include "support/settings.h"

namespace countersign::simulation {

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

}  // namespace

void leave_mark(store::Tx& tx, std::int64_t batch) {
  static const store::Sql kMark{"UPDATE simulation_mark SET batch = ?1"};
  tx.exec(kMark, {batch});
}

World::World(std::uint64_t seed, std::unique_ptr<Disk> disk)
    : chance(seed),
      random(seed),
      has_tight_budget(seed % 5 == 2),
      disk_(std::move(disk)),
      sealer_(testing::test_keyring()),
      digester_(testing::test_keyring()),
      event_ids_(std::in_place),
      context_{settings, store::Vault(sealer_, digester_), *event_ids_} {
  event_floor_ = clock.now();
  reopen();
  if (disk_->groups()) {
    now_in([](store::Tx& tx, Moment&) {
      tx.script("CREATE TABLE simulation_mark (batch BIGINT NOT NULL); INSERT INTO simulation_mark VALUES (0)");
      return Done{};
    });
  }
  account = furnish(*this);
  begin_process();
  if (nodes() != nullptr) nodes()->set_up(settings, context_.vault);
}

void World::reopen() {
  asked_ = std::make_unique<usecase::AskedLately>();
  context_.passkeys_asked = asked_.get();
  const auto migrated = store::migrate(disk_->store(), store::all_migrations(), clock.now());
  require(migrated.has_value(), Invariant::kNothingLost, "the schema cannot be brought up: {}",
          migrated ? "" : migrated.error().detail);
}

void World::begin_process() {
  fraud_.push_back(std::make_unique<FraudMemory>(settings));
  fraud_.back()->join(context_);
}

std::optional<Breakage> World::draw_breakage() {
  if (!faults_ || !chance.one_in(80)) return std::nullopt;
  using enum store::StoreError::Code;
  return Breakage{1 + static_cast<int>(chance.below(10)), chance.percent(50) ? kFull : kUnavailable};
}

void World::serve() {
  if (waiting_.empty()) return;
  const bool many = nodes() != nullptr || !chance.percent(70);
  const std::size_t most = many ? 1 + chance.below(nodes() != nullptr ? 24 : 12) : 1;
  std::vector<std::shared_ptr<Request>> batch;
  while (!waiting_.empty() && batch.size() < most) {
    // Connections are served in whatever order; mostly the one that came first.
    const std::size_t at = chance.percent(80) ? 0 : chance.below(waiting_.size());
    batch.push_back(waiting_[at]);
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (nodes() != nullptr) return run_on_nodes(batch);
  if (disk_->groups()) {
    if (batch.size() > 1) tally.count("commits of several units");
    return run_batch(std::move(batch));
  }
  for (auto& request : batch) run_batch({std::move(request)});
}

void World::run_batch(std::vector<std::shared_ptr<Request>> batch) {
  bool disturbed = false;
  if (faults_ && disk_->groups() && chance.one_in(60)) {
    disturbed = true;
    const std::size_t kind = chance.below(4);
    tally.count(kind == 0 ? "fault: disk full" : kind == 1 ? "fault: sync fails" : "fault: power lost while writing");
    if (kind == 0) disk_->fill(true);
    if (kind == 1) disk_->break_syncs(true);
    if (kind >= 2) disk_->lose_power_after(1 + static_cast<int>(chance.below(12)));
  }
  ++batch_;
  Terms terms{disk_->store(), home_, clock.now(), random, batch_, disk_->groups()};
  std::vector<std::optional<Breakage>> breakages;
  for (std::size_t i = 0; i < batch.size(); ++i) breakages.push_back(draw_breakage());

  // Held back until all of them wait, so that how they share a commit does not depend on the threads' luck.
  std::promise<void> held;
  std::promise<void> released;
  if (disk_->groups()) {
    terms.store.transact(
        home_,
        [&](store::Tx&) {
          held.set_value();
          released.get_future().wait();
          return Done{};
        },
        [](const Result<Done, store::StoreError>&) {});
    held.get_future().wait();
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    clock.advance(Duration(1));  // No two units at the same instant: then clock and order agree.
    terms.now = clock.now();
    batch[i]->submit(batch[i], terms, breakages[i]);
  }
  if (disk_->groups()) released.set_value();
  home_.run(batch.size() + (disk_->groups() ? 1 : 0));
  if (disk_->groups()) {
    // A checkpoint comes after the answers: the disk's mood is not changed in the middle of one.
    static_cast<void>(disk_->store().transact_now([](store::Tx&) { return Done{}; }));
  }
  settle(batch);
  if (!disk_->has_power()) return crash();
  if (disturbed) {
    disk_->fill(false);
    disk_->break_syncs(false);
    disk_->lose_power_after(-1);
  }
}

void World::settle(const std::vector<std::shared_ptr<Request>>& batch) {
  for (const auto& request : batch) {
    if (!request->error()) continue;
    note(fmt::format("{}: not committed, {}", request->label(), request->error()->detail));
    tally.count(request->error()->code == store::StoreError::Code::kFull ? "fault: unit fails, disk full"
                                                                         : "fault: unit fails, disk unavailable");
    if (request->has_run() && disk_->groups()) doubtful_.push_back(request);
  }
  for (const auto& request : batch) {
    if (request->error()) continue;
    // What was refused before lies behind this commit, and so was never written.
    if (!doubtful_.empty() && doubtful_.front()->batch() < request->batch()) doubtful_.clear();
    tally.count("units committed");
    ++commits_;
    note(request->label());
    request->see();
  }
  answers_.insert(answers_.end(), batch.begin(), batch.end());
}

void World::answer() {
  if (answers_.empty()) return;
  const std::size_t at = chance.percent(70) ? 0 : chance.below(answers_.size());
  const auto request = answers_[at];
  answers_.erase(answers_.begin() + static_cast<std::ptrdiff_t>(at));
  if (request->error() || request->is_lost) return request->lose();
  if (faults_ && chance.one_in(50)) {
    tally.count("fault: answer lost");
    return request->lose();
  }
  request->tell();
}

void World::settle_doubtful() {
  if (doubtful_.empty()) return;
  static const store::Sql kRead{"SELECT batch FROM simulation_mark"};
  const auto reached = look([](store::Tx& tx) {
    std::int64_t batch = -1;
    tx.one(kRead, {}, [&](const store::Row& row) { batch = row.integer(0); });
    return batch;
  });
  for (const auto& request : doubtful_) {
    if (request->batch() != reached) continue;
    tally.count("commits that survived although they were refused");
    note(fmt::format("{}: on the disk all the same", request->label()));
    request->see();
  }
  doubtful_.clear();
}

void World::crash() {
  if (nodes() != nullptr) return crash_node(chance.below(nodes()->count()));
  tally.count(answers_.empty() ? "fault: crash" : "fault: crash, committed but not answered");
  note("crash");
  std::vector<std::shared_ptr<Request>> gone(waiting_.begin(), waiting_.end());
  gone.insert(gone.end(), answers_.begin(), answers_.end());
  waiting_.clear();
  answers_.clear();
  if (on_crash) on_crash();
  disk_->crash(chance);
  clock.advance(chance.up_to(minutes(2)));
  event_ids_.emplace();
  ++processes_;
  event_floor_ = clock.now();
  begin_process();
  reopen();
  settle_doubtful();
  for (const auto& request : gone) request->lose();
}

void World::jump_clock() {
  if (nodes() != nullptr) return jump_clock_of_a_node();
  const bool back = chance.percent(50);
  const Duration by = chance.percent(70) ? chance.up_to(seconds(90)) : chance.up_to(minutes(15));
  tally.count(back ? "fault: clock set back" : "fault: clock set forward");
  clock.jump(back ? -by : by);
  if (back) {
    event_floor_ = std::min(event_floor_, clock.now());
    if (on_clock_set_back) on_clock_set_back();
  }
  note("clock set");
}

}  // namespace countersign::simulation
