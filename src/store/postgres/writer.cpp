#include "store/postgres/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "store/attempt.h"

namespace countersign::store::postgres {

namespace {

using Kind = Failure::Kind;

/// A batch that has lost so often is run unit by unit; a unit that has lost so often is given up.
constexpr int kBatchConflictsMax = 4;
constexpr int kUnitConflictsMax = 40;
constexpr Duration kConflictPause = std::chrono::milliseconds(1);
constexpr std::size_t kMarkerSize = 16;
constexpr int kPreparationsMax = 5;
/// How many batches run one unit after the other after one whose units waited for each other: such come in clusters.
constexpr int kSerialBatches = 8;
/// A unit of which another node had a key so often runs while no other node writes.
constexpr int kPutOffMax = 4;
/// How long a batch waits for a row that somebody else has locked, while that has just happened.
constexpr std::string_view kShortWait = "50ms";
constexpr Duration kWaitsShort = std::chrono::seconds(10);
/// What a statement fails by, on purpose, where another node came first.
constexpr std::string_view kOvertaken = "22012";

std::size_t place_of(const std::unique_ptr<Unit>& unit) { return unit->put_off.place; }

void move_in_order(Writer::Units& from, Writer::Units& to) {
  std::ranges::move(from, std::back_inserter(to));
  from.clear();
  std::ranges::sort(to, {}, place_of);
}

}  // namespace

Writer::Writer(Surroundings& surroundings)
    : surroundings_(surroundings),
      session_(surroundings),
      lock_report_(surroundings, session_),
      marker_(surroundings.random.bytes(kMarkerSize)) {}

void Writer::prepare() {
  Connection& connection = session_.get();
  for (int attempts = 1;; ++attempts) {
    try {
      return commit_markers::prepare(connection);
    } catch (const StoreFailure&) {
      // Another node that starts at the same instant makes the same table.
      if (!connection.failure() || attempts == kPreparationsMax) throw;
      connection.recover();
    }
  }
}

void Writer::run_batch(Units& units, FunctionRef<void(Units&)> done) {
  const bool may_share = surroundings_.turns && surroundings_.side_by_side && serial_batches_ == 0;
  run_blocked(done);
  if (units.empty()) return;
  for (std::size_t i = 0; i < units.size(); ++i) units[i]->put_off.place = i;
  Units idle;
  Units alone = may_share ? run_beside_nodes(units, idle, done) : std::exchange(units, {});
  if (alone.empty()) return;
  std::ranges::sort(alone, {}, place_of);
  run(alone, surroundings_.clock.monotonic() + surroundings_.retry_for);
  // Whatever did nothing is answered in its place: after what was handed in before it.
  move_in_order(idle, alone);
  counters_.units += alone.size();
  done(alone);
}

/// Leaves those in `units` that are put off, and returns those that need the turn. `idle` gets those that have ended
/// and did nothing.
Writer::Units Writer::run_beside_nodes(Units& units, Units& idle, FunctionRef<void(Units&)> done) {
  const auto needs_turn = [](const auto& unit) { return unit->put_off.needs_turn; };
  const auto middle = std::ranges::stable_partition(units, std::not_fn(needs_turn)).begin();
  Units alone(std::make_move_iterator(middle), std::make_move_iterator(units.end()));
  units.erase(middle, units.end());
  if (units.empty()) return alone;
  if (!run_shared(units, surroundings_.clock.monotonic() + surroundings_.retry_for)) {
    std::ranges::move(units, std::back_inserter(alone));
    units.clear();
    return alone;
  }
  Units ended;
  Units later;
  for (std::size_t i = 0; i < units.size(); ++i) {
    auto& known = units[i]->put_off;
    if (put_off_[i] == WhyPutOff::kKeyOfAnother) {
      ++counters_.put_off;
      if (++known.times < kPutOffMax) {
        later.push_back(std::move(units[i]));
        continue;
      }
    }
    (put_off_[i] ? alone : did_nothing_[i] ? idle : ended).push_back(std::move(units[i]));
  }
  units = std::move(later);
  if (alone.empty()) move_in_order(idle, ended);
  if (ended.empty()) {
    // Whoever has the keys needs a moment.
    if (alone.empty()) surroundings_.halt.pause(surroundings_.jittered(kConflictPause));
    return alone;
  }
  counters_.units += ended.size();
  done(ended);
  return alone;
}

/// Each again, in a transaction of its own: somebody who is no node had locked a row that it touches. Up to the first
/// that waits in vain, which comes last the next time: what waits for no row waits for one of these at most.
void Writer::run_blocked(FunctionRef<void(Units&)> done) {
  std::optional<Blocked> in_vain;
  for (auto& known : std::exchange(blocked_, {})) {
    const bool over = surroundings_.clock.monotonic() >= known.give_up_at;
    if (in_vain && !over) {
      blocked_.push_back(std::move(known));
      continue;
    }
    Units one;
    one.push_back(std::move(known.unit));
    if (over) {
      fail_all(one, {StoreError::Code::kConflict, "PostgreSQL: a row was locked for too long"});
    } else if (!run_shared(one, known.give_up_at) || (!one.empty() && put_off_.front() == WhyPutOff::kNeedsTurn)) {
      run(one, known.give_up_at);
    } else if (one.empty()) {
      in_vain = std::move(blocked_.back());
      blocked_.pop_back();
    } else if (put_off_.front()) {
      blocked_.push_back({std::move(one.front()), known.give_up_at});
      one.clear();
    }
    if (one.empty()) continue;
    counters_.units += one.size();
    done(one);
  }
  if (in_vain) blocked_.push_back(*std::move(in_vain));
}

/// False if all of them need the turn; else each has its outcome, or is put off. One whose row somebody has locked is
/// taken out, and tried again until `give_up_at`.
bool Writer::run_shared(Units& batch, MonotonicTime give_up_at) {
  Patience patience(surroundings_, away_);
  int conflicts = 0;
  while (true) {
    Tried tried = Tried::kDone;
    blocked_one_.reset();
    waited_for_turn_ = false;
    const auto failure = attempt_shared(batch, tried);
    if (!failure) {
      away_ = false;
      if (tried == Tried::kDone) {
        if (std::ranges::any_of(put_off_, [](const auto& why) { return !why; })) ++counters_.commits;
        return true;
      }
      ++counters_.repeated_batches;
      // What it will meet again, it need not try again.
      if (tried == Tried::kMustBeCareful) careful_batches_ = 1;
      if (tried == Tried::kTangled) serial_batches_ = kSerialBatches;
      return false;
    }
    if (failure->kind != Kind::kLost) {
      ++counters_.conflicts;
      lock_report_.tell(*failure);
      if (doubt_ || waited_for_turn_) {
        // The doubt is about these units alone, so what is in its way must end first; and so must another node's turn.
        if (++conflicts <= kUnitConflictsMax && surroundings_.clock.monotonic() < give_up_at) {
          surroundings_.halt.pause(surroundings_.jittered(kConflictPause * (1 << std::min(conflicts, 7))));
          continue;
        }
        fail_all(batch, failure->error);
        return true;
      }
      if (!blocked_one_) return false;
      waits_short_until_ = surroundings_.clock.monotonic() + kWaitsShort;
      const auto blocked = batch.begin() + static_cast<std::ptrdiff_t>(*blocked_one_);
      blocked_.push_back({std::move(*blocked), give_up_at});
      batch.erase(blocked);
      put_off_.clear();
      if (batch.empty()) return true;
      continue;
    }
    session_.drop();
    if (!patience.wait()) {
      fail_all(batch, failure->error);
      return true;
    }
  }
}

void Writer::run(Batch batch, MonotonicTime conflicts_end) {
  Patience patience(surroundings_, away_);
  const int conflicts_max = batch.size() == 1 ? kUnitConflictsMax : kBatchConflictsMax;
  int conflicts = 0;
  while (true) {
    const auto failure = attempt_batch(batch);
    if (!failure) {
      away_ = false;
      ++counters_.commits;
      return;
    }
    switch (failure->kind) {
      case Kind::kStatement:
        return fail_all(batch, failure->error);
      case Kind::kConflict:
        ++counters_.conflicts;
        lock_report_.tell(*failure);
        if (surroundings_.clock.monotonic() >= conflicts_end) return fail_all(batch, failure->error);
        if (++conflicts <= conflicts_max) {
          surroundings_.halt.pause(surroundings_.jittered(kConflictPause * (1 << std::min(conflicts, 7))));
          break;
        }
        return batch.size() == 1 || doubt_ ? fail_all(batch, failure->error) : run_one_by_one(batch, conflicts_end);
      case Kind::kLost:
        session_.drop();
        if (!patience.wait()) return fail_all(batch, failure->error);
    }
  }
}

void Writer::run_one_by_one(Batch batch, MonotonicTime conflicts_end) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (surroundings_.clock.monotonic() >= conflicts_end) {
      // Their callers have given up by now, and those behind them wait.
      return fail_all(batch.subspan(i), {StoreError::Code::kConflict, "PostgreSQL: too many conflicts for too long"});
    }
    run(batch.subspan(i, 1), conflicts_end);
  }
}

void Writer::fail_all(Batch batch, StoreError error) {
  ++counters_.failed_commits;
  if (doubt_) error = {StoreError::Code::kUnknown, error.detail + "; a commit was under way"};
  doubt_.reset();
  surroundings_.watch.write_failed(error);
  for (const auto& unit : batch) unit->fail(error);
  put_off_.assign(batch.size(), std::nullopt);
  did_nothing_.assign(batch.size(), false);
}

std::optional<Failure> Writer::attempt_batch(Batch batch) {
  try {
    Connection& connection = session_.get();
    const std::uint64_t round_trips_before = connection.round_trips();
    if (took_place_before(connection)) return std::nullopt;
    const bool careful = careful_batches_ > 0;
    if (careful) --careful_batches_;
    auto tried = try_batch(connection, batch, careful ? Tx::Mode::kWriteBehindSavepoint : Tx::Mode::kWrite);
    if (tried == Tried::kTangled) {
      ++counters_.repeated_batches;
      serial_batches_ = kSerialBatches;
      tried = try_batch(connection, batch, Tx::Mode::kWrite);
    }
    if (tried == Tried::kMustBeCareful) {
      ++counters_.repeated_batches;
      // Where units run side by side, a savepoint for each costs more than to run now and then a batch twice.
      careful_batches_ = surroundings_.side_by_side ? 0 : kCarefulBatches;
      CS_CHECK(try_batch(connection, batch, Tx::Mode::kWriteBehindSavepoint) == Tried::kDone);
    }
    counters_.round_trips += connection.round_trips() - round_trips_before;
    return std::nullopt;
  } catch (const StoreFailure& failure) {
    return end_failed(failure.error);
  }
}

std::optional<Failure> Writer::attempt_shared(Batch batch, Tried& tried) {
  try {
    Connection& connection = session_.get();
    const std::uint64_t round_trips_before = connection.round_trips();
    if (took_place_before(connection)) return std::nullopt;
    tried = try_shared(connection, batch);
    counters_.round_trips += connection.round_trips() - round_trips_before;
    return std::nullopt;
  } catch (const StoreFailure& failure) {
    return end_failed(failure.error);
  }
}

Failure Writer::end_failed(const StoreError& error) {
  Connection* const connection = session_.known();
  if (connection == nullptr || !connection->failure()) return {Kind::kLost, error};  // There is no connection yet.
  Failure failure = *connection->failure();
  // It says nothing about what was to run: an operator has canceled the wait, or the table of locks is full.
  if (failure.kind == Kind::kStatement && turn_failed(*connection)) failure.kind = Kind::kConflict;
  try {
    if (failure.kind == Kind::kLost) {
      if (transaction_ && transaction_->in_doubt()) doubt_ = last_number_;
    } else if (transaction_) {
      transaction_->roll_back();
    } else {
      connection->recover();
    }
  } catch (const StoreFailure& lost) {
    return {Kind::kLost, lost.error};
  }
  return failure;
}

/// Whether the commit that was not answered was a commit all the same.
bool Writer::took_place_before(Connection& connection) {
  transaction_.reset();
  if (!doubt_ && fences_known_) return false;
  if (doubt_) ++counters_.doubtful_commits;
  fences_known_ = false;
  const auto last = commit_markers::last_commit(connection, marker_);
  fences_known_ = true;
  fences_ = last.fences;
  return std::exchange(doubt_, std::nullopt) == last.number;
}

Writer::Tried Writer::try_batch(Connection& connection, Batch batch, Tx::Mode mode) {
  const bool careful = mode == Tx::Mode::kWriteBehindSavepoint;
  transaction_.emplace(connection, surroundings_.turns ? Transaction::Kind::kWriteInOurTurn : Transaction::Kind::kWrite,
                       next_mark());
  SharedParts parts;
  if (const Tried tried = run_units(batch, mode, parts); tried != Tried::kDone) {
    transaction_->roll_back();
    // With nobody else to save, a transaction that holds nothing is what was wanted.
    return batch.size() == 1 ? Tried::kDone : tried;
  }
  try {
    write_parts(batch, parts);
    transaction_->commit();
    parts.committed();
  } catch (const StoreFailure&) {
    // A statement that nobody waited for has failed; whose it was will show.
    if (careful || batch.size() == 1 || connection.failure()->kind != Kind::kStatement) throw;
    transaction_->roll_back();
    return Tried::kMustBeCareful;
  }
  return Tried::kDone;
}

/// On behalf of no unit.
void Writer::write_parts(Batch batch, SharedParts& parts) {
  Tx rest(*transaction_, Tx::Mode::kWrite, {&parts, static_cast<UnitNumber>(batch.size())});
  parts.write(rest);
  counters_.statements += rest.statements();
}

Writer::Tried Writer::try_shared(Connection& connection, Batch batch) {
  put_off_.assign(batch.size(), std::nullopt);
  did_nothing_.assign(batch.size(), false);
  transaction_.emplace(connection, Transaction::Kind::kWriteBesideNodes, next_mark());
  if (surroundings_.clock.monotonic() < waits_short_until_) transaction_->wait_for_rows(kShortWait);
  SharedParts parts;
  NodeKeys node_keys(connection);
  SideBySide side_by_side(connection, fibers_, surroundings_.coverage.get(), &node_keys);
  Tried tried = Tried::kMustBeCareful;
  try {
    tried = run_side_by_side(batch, parts, side_by_side);
    if (tried == Tried::kDone) {
      write_parts(batch, parts);
      transaction_->commit();
      parts.committed();
      if (surroundings_.coverage) surroundings_.coverage->committed();
      return Tried::kDone;
    }
  } catch (const StoreFailure&) {
    if (connection.failure()->kind != Kind::kStatement) {
      waited_for_turn_ = connection.failed_for() == &*transaction_;
      if (connection.failure()->at_locked_row) blocked_one_ = side_by_side.number_of(connection.failed_for());
      throw;
    }
    tried = Tried::kMustBeCareful;
  }
  const auto& failure = connection.failure();
  if (failure && failure->error.detail.contains(kOvertaken)) tried = Tried::kOvertaken;
  transaction_->roll_back();
  return tried;
}

Writer::Tried Writer::run_units(Batch batch, Tx::Mode mode, SharedParts& parts) {
  const bool careful = mode == Tx::Mode::kWriteBehindSavepoint;
  if (surroundings_.side_by_side && !careful && batch.size() > 1) {
    if (serial_batches_ == 0) {
      SideBySide side_by_side(transaction_->connection(), fibers_, surroundings_.coverage.get());
      return run_side_by_side(batch, parts, side_by_side);
    }
    --serial_batches_;
  }
  UnitNumber number = 0;
  for (const auto& unit : batch) {
    if (!run_unit(*unit, mode, {&parts, number++})) return Tried::kMustBeCareful;
  }
  return Tried::kDone;
}

Writer::Tried Writer::run_side_by_side(Batch batch, SharedParts& parts, SideBySide& side_by_side) {
  bool left_too_late = false;
  const auto run_one = [&](std::size_t i, Strand& strand) {
    Unit& unit = *batch[i];
    const auto number = static_cast<UnitNumber>(i);
    if (unit.put_off.needs_turn) strand.needs_to_be_alone();
    Tx tx(*transaction_, Tx::Mode::kWrite, {&parts, number}, &strand);
    const auto error = attempt([&] { unit.run(tx); });
    counters_.statements += tx.statements();
    if (strand.is_over()) return true;
    if (strand.put_off()) {
      put_off_[i] = strand.put_off();
      unit.put_off.needs_turn = strand.put_off() == WhyPutOff::kNeedsTurn;
      parts.undo(number);
      left_too_late = tx.written();
      return !left_too_late;
    }
    if (error) {
      surroundings_.watch.write_failed(*error);
      unit.fail(*error);
    }
    if (transaction_->is_beside_nodes()) did_nothing_[i] = strand.did_nothing();
    if (!error && !tx.abandoned()) return true;
    parts.undo(number);
    return !tx.written();
  };
  Connection& connection = transaction_->connection();
  Coverage* const coverage = surroundings_.coverage.get();
  if (coverage != nullptr) coverage->begin_batch();
  try {
    switch (side_by_side.run(batch.size(), run_one)) {
      case SideBySide::Outcome::kDone:
        if (coverage != nullptr) coverage->judge();
        return Tried::kDone;
      case SideBySide::Outcome::kStopped:
        return left_too_late ? Tried::kOvertaken : Tried::kMustBeCareful;
      case SideBySide::Outcome::kTangled:
        return Tried::kTangled;
    }
  } catch (const StoreFailure&) {
    // A statement has failed; whose it was will show.
    if (connection.failure()->kind != Kind::kStatement || turn_failed(connection)) throw;
  }
  return Tried::kMustBeCareful;
}

/// False if only the whole transaction can undo what is to be undone.
bool Writer::run_unit(Unit& unit, Tx::Mode mode, Share share) {
  Connection& connection = transaction_->connection();
  Tx tx(*transaction_, mode, share);
  auto error = attempt([&] {
    unit.run(tx);
    if (!tx.abandoned()) tx.keep_writes();
  });
  counters_.statements += tx.statements();
  if (connection.failure()) {
    error = connection.failure()->error;
    if (connection.failure()->kind != Kind::kStatement || turn_failed(connection)) throw StoreFailure(*error);
  }
  if (error) {
    surroundings_.watch.write_failed(*error);
    unit.fail(*error);
  }
  if (!error && !tx.abandoned()) return true;
  share.parts->undo(share.unit);
  if (tx.has_savepoint()) tx.undo_writes();
  return tx.has_savepoint() || !(tx.written() || connection.failure());
}

}  // namespace countersign::store::postgres
