#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/moment.h"
#include "simulation/faults.h"
#include "store/store.h"

namespace countersign::simulation {

/// How a request runs: its inputs, and the mark that shows afterwards which batch reached the disk.
struct Terms {
  store::Store& store;
  Executor& home;
  WallTime now;
  Random& random;
  std::int64_t batch;
  bool marked;
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

 protected:
  std::optional<store::StoreError> error_;
  bool has_run_ = false;
  std::int64_t batch_ = 0;

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
        [this, self, now = terms.now, &random = terms.random, batch = terms.batch, marked = terms.marked,
         breakage](store::Tx& tx) {
          BreakingTx breaking(tx, breakage);
          Moment moment{now, random};
          outcome_.emplace(unit_(breaking, moment));
          has_run_ = true;
          if (marked) leave_mark(tx, batch);
          return Done{};
        },
        [this, self](Result<Done, store::StoreError> done) {
          if (!done) error_ = done.error();
        });
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
