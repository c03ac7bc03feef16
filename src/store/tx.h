#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/function_ref.h"
#include "store/key.h"
#include "store/param.h"
#include "store/row.h"
#include "store/shared_parts.h"
#include "store/sql.h"

namespace countersign::store {

class Beside;

/// One transaction, as a unit of work uses it: whatever else runs, it ends as if it had run alone. It lives for one run
/// of the work, on the store's own thread; the work takes it by reference and never keeps it.
///
/// Every call throws StoreFailure when the database fails; the work does not catch it. A violated constraint is such a
/// failure too (kFailed): for an expected race, such as a second use of an idempotency key, write `ON CONFLICT … DO
/// NOTHING` or a condition in WHERE, and check the number of changed rows.
class Tx {
 public:
  /// Runs a statement without result rows. Returns the number of rows inserted, updated or deleted. A bug in
  /// Store::read, which is read-only.
  virtual std::int64_t exec(const Sql& sql, std::initializer_list<Param> params) = 0;

  /// exec() for callers that do not need the number of rows. An engine across a network sends it together with the next
  /// statement, which saves a round trip; a failure then appears at a later call, or at the end of the unit.
  virtual void put(const Sql& sql, std::initializer_list<Param> params) { exec(sql, params); }

  /// Calls `read` with the first row, if any; true if there was one. Ignores further rows.
  virtual bool one(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) = 0;

  /// Calls `read` with each row in turn. `read` may use the transaction, but not the same `sql` again.
  virtual void all(const Sql& sql, std::initializer_list<Param> params, FunctionRef<void(const Row&)> read) = 0;

  /// What the units of this commit share. Where units run beside each other, another may come between two statements of
  /// a part, so it keeps nothing of its own across one that is waited for, but behind a Latch. A unit does not see
  /// there, nor in the tables, what such a part has yet to write, unless the part answers for it.
  [[nodiscard]] virtual Share share() = 0;

  /// Runs several statements without parameters, separated by `;`. For migrations.
  virtual void script(std::string_view statements) = 0;

  /// Space in the engine's file: pages, unused pages, and bytes per page. All zero for an engine that manages its space
  /// itself.
  struct Space {
    std::int64_t pages = 0;
    std::int64_t free = 0;
    std::int64_t page_bytes = 0;
  };
  [[nodiscard]] virtual Space space() { return {}; }
  /// Returns up to `pages` unused pages to the file system, with the next checkpoint; none in a file not created for
  /// it. Its cost grows with the pages it moves. `pages` is above zero.
  virtual void give_back(std::int64_t /*pages*/) {}

  /// Takes keys, in their order, for as long as the unit runs; waits for units that have them. False if what the unit
  /// has read before may be stale, because another had one of them in the meantime: read it again. An engine that runs
  /// units one after the other answers true.
  [[nodiscard]] virtual bool take(std::span<const Key> /*keys*/) { return true; }
  [[nodiscard]] bool take(const Key& key) { return take(std::span(&key, 1)); }
  /// Says which keys the unit will take once the next statement has told it their names: where other nodes write at the
  /// same time, the engine has them before it runs that statement, so that what it reads stands. Without this, take()
  /// answers false there.
  virtual void will_take(Named /*what*/, std::string_view /*account*/, std::string_view /*id*/) {}

  /// Waits until no other unit is under way, and keeps it so until this one ends: for what keys do not cover.
  virtual void alone() {}

  /// Whether other nodes commit at the same time. What a unit reads outside its keys may then be out of date when it
  /// commits, so whatever is judged there is judged again by the statement that writes it.
  [[nodiscard]] virtual bool is_shared() const { return false; }

  /// For Latch.
  virtual void latch(const Key& /*key*/) {}
  virtual void unlatch(const Key& /*key*/) {}
  /// For Beside.
  virtual void begin_beside() {}
  virtual void end_beside() {}

  /// Marks this unit to be rolled back when the work returns. Its outcome is still delivered as a success of the store:
  /// for a refusal after something was written. Other units are not affected.
  virtual void abandon() = 0;
  [[nodiscard]] virtual bool abandoned() const = 0;

  /// For counters, so that they match what happened: `tell` is called once the unit is durable, before its continuation
  /// and on the same thread; never for a run that is repeated, or for a unit that fails. It must be short and not
  /// throw.
  void when_durable(std::function<void()> tell) { tells_.push_back({std::move(tell), false}); }
  /// The same, also if the unit is abandoned: for counting refusals.
  void when_answered(std::function<void()> tell) { tells_.push_back({std::move(tell), true}); }

  struct Tell {
    std::function<void()> tell;
    bool even_abandoned;
  };
  /// For Unit.
  [[nodiscard]] std::vector<Tell> take_tells() {
    if (abandoned()) std::erase_if(tells_, [](const Tell& one) { return !one.even_abandoned; });
    return std::move(tells_);
  }

 protected:
  ~Tx() = default;

 private:
  std::vector<Tell> tells_;
};

/// While one exists, the unit's statements may run among those of other units of the same commit, which share one
/// database transaction: across a network, units wait for their answers together. Without one, a unit runs alone.
///
/// Whoever makes one promises that everything the unit does meanwhile touches only
/// - what it has taken the keys of (before it first reads that, or it reads it again where Tx::take() says so),
/// - what only it knows of, because it has just made it,
/// - what is only added to: events, messages, webhooks,
/// - counters by one statement that judges and counts, and
/// - what no unit with keys writes: accounts, settings, endpoints, keys of the API.
/// For anything else it calls Tx::alone() first. Tests find what is not covered (PostgresOptions::on_uncovered).
class Beside {
 public:
  explicit Beside(Tx& tx) : tx_(tx) { tx_.begin_beside(); }
  ~Beside() { tx_.end_beside(); }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

 private:
  Tx& tx_;
};

/// While one exists, no other unit has one of the same key: for the first use of what the units of a commit share
/// (SharedPart), which a statement reads. Nothing else is taken meanwhile. A part must look again after it has one.
class Latch {
 public:
  Latch(Tx& tx, const Key& key) : tx_(tx), key_(key) { tx_.latch(key_); }
  ~Latch() { tx_.unlatch(key_); }
  Latch(const Latch&) = delete;
  Latch& operator=(const Latch&) = delete;

 private:
  Tx& tx_;
  Key key_;
};

}  // namespace countersign::store
