#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/function_ref.h"
#include "store/key.h"
#include "store/postgres/connection.h"
#include "store/postgres/coverage.h"
#include "store/postgres/fiber.h"
#include "store/postgres/node_keys.h"

namespace countersign::store::postgres {

class SideBySide;

/// Why a unit is left to a later batch, which only happens while other nodes write.
enum class WhyPutOff : std::uint8_t {
  kKeyOfAnother,  ///< Another node has one of its keys.
  kNeedsTurn,     ///< It does what keys do not cover: no other node may write meanwhile.
};

/// One unit among those that run side by side, as its Tx uses it. Every call may pause the unit, and throws
/// StoreFailure once the transaction has failed or is to be rolled back.
class Strand {
 public:
  [[nodiscard]] QueryResult get(const Sql& sql, std::initializer_list<Param> params);
  void put(const Sql& sql, std::initializer_list<Param> params);

  /// Before it begins: it runs alone whatever it promises, because it will want to be alone later.
  void needs_to_be_alone() { beside_ = -1'000'000; }

  void begin_beside() { ++beside_; }
  void end_beside() { --beside_; }
  [[nodiscard]] bool take(std::span<const Key> keys);
  void will_take(Named what, std::string_view account, std::string_view id);
  void alone();
  void latch(const Key& key);
  void unlatch(const Key& key);
  /// Before a statement: waits to be alone, unless the unit may run beside others.
  void may_go_on();
  /// Before it looks at what the units share: that is as good as a statement.
  void touch() { before_statement(); }

  /// The transaction will be rolled back, so that what the unit answers does not matter.
  [[nodiscard]] bool is_over() const;
  /// The unit is not part of this batch any more; nothing that it did counts.
  [[nodiscard]] std::optional<WhyPutOff> put_off() const { return put_off_; }
  /// The unit has ended, and needed no transaction.
  [[nodiscard]] bool did_nothing() const { return !put_off_ && !has_begun(); }
  /// The batch has this key since before the strand's statement that names it.
  void named(std::int64_t number) { named_.push_back(number); }

 private:
  friend class SideBySide;
  enum class State : std::uint8_t { kNew, kRuns, kReady, kAsks, kWaitsForKey, kWaitsToBeAlone, kEnded };

  Strand(SideBySide& all, std::size_t number) : all_(all), number_(number) {}
  void throw_if_over() const;
  void before_statement();
  bool has_node_key(const Key& key);
  [[noreturn]] void leave(WhyPutOff why);
  [[nodiscard]] Coverage* watch() const;
  void pause(State state);
  [[nodiscard]] bool has_begun() const { return first_statement_ != 0; }

  SideBySide& all_;
  std::size_t number_;  ///< In the batch.
  State state_ = State::kNew;
  std::unique_ptr<Fiber> fiber_;
  QueryResult answer_;
  std::uint64_t first_statement_ = 0;  ///< Numbered from 1 in the order in which they are sent; 0: none.
  int beside_ = 0;                     ///< Above zero while it may run beside others.
  std::vector<Key> keys_;
  std::vector<std::int64_t> named_;
  std::optional<WhyPutOff> put_off_;
};

/// Runs the units of a batch in one transaction, each on a fiber of its own: while one waits for an answer the others
/// go on, and the statements that wait travel together, so that a batch costs as many round trips as its longest unit.
///
/// They share one database transaction, which does not isolate them from each other. That is done here: a unit runs
/// beside others only as far as it has promised to (Beside) and waits for the keys that another has, which are given up
/// at a unit's end. So the result is one that the units, one after the other, could have had. Where they wait for each
/// other, which the order of keys precludes but for units that also want to be alone, run() gives up.
///
/// Where other nodes write at the same time (`node_keys`), the batch also has the keys of its units against them until
/// its commit, and nobody is alone: a unit whose key another node has, or that wants to be alone, is put off.
class SideBySide {
 public:
  SideBySide(Connection& connection, FiberPool& fibers, Coverage* coverage, NodeKeys* node_keys = nullptr)
      : connection_(connection), fibers_(fibers), coverage_(coverage), node_keys_(node_keys) {}
  SideBySide(const SideBySide&) = delete;
  SideBySide& operator=(const SideBySide&) = delete;

  enum class Outcome : std::uint8_t {
    kDone,     ///< All have ended.
    kStopped,  ///< `work` answered false.
    kTangled,  ///< They wait for each other.
  };

  /// Calls `work(i, strand)` for every i below `count`, side by side, in this order as long as none waits. It must not
  /// throw, and answers false if the transaction must be rolled back; then, and where the connection fails, every call
  /// on a strand throws until all have ended. Throws StoreFailure if the connection has failed.
  Outcome run(std::size_t count, FunctionRef<bool(std::size_t, Strand&)> work);

  /// Which unit a strand is; nullopt for null, and what is none.
  [[nodiscard]] std::optional<std::size_t> number_of(const void* strand) const;

 private:
  friend class Strand;
  struct Claim {
    Strand* holder = nullptr;
    std::deque<Strand*> waiting;
    std::uint64_t given_up_at = 0;  ///< The last statement before that; 0: never.
  };
  /// A statement whose unit waits for its answer.
  struct Question {
    Strand* by;
    const Sql* sql;
    std::initializer_list<Param> params;  ///< On the stack of the unit, which is paused.
  };

  Outcome advance();
  void begin(Strand& strand);
  void go_on(Strand& strand);
  void after(Strand& strand);
  void exchange();
  void put_off(Strand& strand);
  bool grant_alone();
  void give_up(Strand& strand);
  void give_up(const Key& key);
  void stop();

  Connection& connection_;
  FiberPool& fibers_;
  Coverage* coverage_;   ///< Null: not watched.
  NodeKeys* node_keys_;  ///< Null: no other node writes.
  FunctionRef<bool(std::size_t, Strand&)>* work_ = nullptr;
  std::vector<std::unique_ptr<Strand>> strands_;
  std::deque<Strand*> ready_;
  std::vector<Question> questions_;  ///< To be sent together.
  std::unordered_map<Key, Claim, Key::Hash> claims_;
  std::size_t ended_ = 0;
  std::size_t asking_ = 0;
  std::uint64_t statements_ = 0;
  Strand* alone_ = nullptr;
  bool stopping_ = false;
};

}  // namespace countersign::store::postgres
