#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/moment.h"
#include "simulation/faults.h"
#include "store/store.h"
#include "support/fake_time.h"
#include "usecase/work.h"

namespace countersign::simulation {

/// Of a request that one of several nodes runs.
struct AtNode {
  const usecase::Context* context;    ///< The node's; World::context() in the unit.
  std::uint64_t number;               ///< Of the request; its randomness begins there, in every run.
  std::atomic<std::uint64_t>* order;  ///< Counts the ends of units, of all nodes.
  bool marked;                        ///< Leaves a mark (leave_mark_of).
  std::optional<Delay> delay;
};

/// Writes that this request is part of what is committed.
void leave_mark_of(store::Tx& tx, std::uint64_t request, std::uint64_t place);
/// The thread runs units of this node from now on.
void enter(const usecase::Context& context);

/// How a request runs: its inputs, and the mark that shows afterwards which batch reached the disk.
struct Terms {
  store::Store& store;
  Executor& home;
  WallTime now;
  Random& random;
  std::int64_t batch;
  bool marked;
  std::optional<AtNode> at = {};
};

/// Writes the batch number into the database, inside its transaction.
void leave_mark(store::Tx& tx, std::int64_t batch);

/// One request in the server; see World::ask.
class Request {
 public:
  explicit Request(std::string label) : label_(std::move(label)) {}
  virtual ~Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  virtual void submit(const std::shared_ptr<Request>& self, const Terms& terms, std::optional<Breakage> breakage) = 0;
  virtual void see() = 0;   ///< It was committed.
  virtual void tell() = 0;  ///< The answer arrives.
  virtual void lose() = 0;  ///< No answer arrives.

  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] const std::optional<store::StoreError>& error() const { return error_; }
  [[nodiscard]] bool has_run() const { return has_run_; }
  [[nodiscard]] std::int64_t batch() const { return batch_; }

  /// Of one that a node ran: an order of the units as if they had run one after the other, because whoever comes to
  /// what a unit has touched comes after its commit.
  [[nodiscard]] std::uint64_t place() const { return place_; }
  std::size_t node = 0;
  std::uint64_t number = 0;
  bool is_lost = false;  ///< Its answer; the node has ended.

 protected:
  std::optional<store::StoreError> error_;
  bool has_run_ = false;
  std::int64_t batch_ = 0;
  std::uint64_t place_ = 0;

 private:
  std::string label_;
};

template <class Unit, class Seen, class Told>
class RequestOf final : public Request {
 public:
  using Outcome = std::invoke_result_t<const Unit&, store::Tx&, Moment&>;

  RequestOf(std::string label, Unit unit, Seen seen, Told told)
      : Request(std::move(label)), unit_(std::move(unit)), seen_(std::move(seen)), told_(std::move(told)) {}

  void submit(const std::shared_ptr<Request>& self, const Terms& terms, std::optional<Breakage> breakage) override {
    ran_at_ = terms.now;
    batch_ = terms.batch;
    terms.store.transact(
        terms.home,
        [this, self, now = terms.now, &random = terms.random, batch = terms.batch, marked = terms.marked, breakage,
         at = terms.at](store::Tx& tx) {
          if (at) return run_at(*at, tx, now, breakage);
          BreakingTx breaking(tx, breakage);
          Moment moment{now, random};
          outcome_.emplace(unit_(breaking, moment));
          breaking.pass_on_tells();
          has_run_ = true;
          if (marked) leave_mark(tx, batch);
          return Done{};
        },
        [this, self](Result<Done, store::StoreError> done) {
          if (!done) error_ = done.error();
        });
  }
  Done run_at(const AtNode& at, store::Tx& tx, WallTime now, std::optional<Breakage> breakage) {
    enter(*at.context);
    testing::SeededRandom random(at.number);
    Moment moment{now, random};
    BreakingTx breaking(tx, breakage, at.delay);
    outcome_.emplace(unit_(breaking, moment));
    breaking.pass_on_tells();
    has_run_ = true;
    // What it has touched is its own until the commit; so is its place among those that touch the same.
    place_ = ++*at.order;
    if (at.marked) leave_mark_of(tx, at.number, place_);
    return Done{};
  }
  void see() override { seen_(*outcome_, ran_at_); }
  void tell() override { told_(&*outcome_); }
  void lose() override { told_(static_cast<const Outcome*>(nullptr)); }

 private:
  Unit unit_;
  Seen seen_;
  Told told_;
  std::optional<Outcome> outcome_;
  WallTime ran_at_{};
};

}  // namespace countersign::simulation
