#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/executor.h"
#include "base/result.h"
#include "base/trace.h"
#include "store/error.h"
#include "store/tx.h"

namespace countersign::store {

/// One piece of work with its continuation, as engines see it: run (perhaps more than once), perhaps fail, then finish
/// once. An engine calls run and fail on its own thread and finish on `home`.
class Unit {
 public:
  explicit Unit(Executor* home) : home_(home) {}
  virtual ~Unit() = default;
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  /// Does it and keeps the outcome. Whatever is thrown on the way comes out.
  virtual void run(Tx& tx) = 0;
  /// Sets an error instead of an outcome: the unit failed.
  virtual void fail(StoreError error) = 0;
  /// Delivers the outcome or the error to the continuation.
  virtual void finish() = 0;

  /// Where finish runs; null when a caller is blocked in `…_now` and any thread will do.
  [[nodiscard]] Executor* home() const { return home_; }

  /// For an engine that puts units off to a later commit (store/postgres/writer.h).
  struct PutOff {
    int times = 0;            ///< Because another node had one of its keys.
    bool needs_turn = false;  ///< It runs only while no other node writes.
    std::size_t place = 0;    ///< Among those that were handed in together.
  };
  PutOff put_off;

 private:
  Executor* home_;
};

/// What units have in common whatever their body: the trace that they belong to, what is to be told once they are
/// durable, and the error.
class TracedUnit : public Unit {
 public:
  /// `span` names the span of the unit where what hands it in is traced: from then until its outcome is durable. Body
  /// and continuation are parts of the same trace.
  TracedUnit(Executor* home, std::string_view span);

  void run(Tx& tx) final;
  void fail(StoreError error) final { failed_ = std::move(error); }
  void finish() final;

 private:
  /// Runs the body and keeps its outcome.
  virtual void work(Tx& tx) = 0;
  /// Calls the continuation with the error or, without one, the outcome.
  virtual void deliver(std::optional<StoreError> failed) = 0;

  const trace::SpanContext asked_ = trace::current();
  trace::Span span_;
  std::vector<Tx::Tell> tells_;  ///< Of the last run.
  std::optional<StoreError> failed_;
};

/// Only what depends on the types of body and continuation, since it is compiled for each pair.
template <class Body, class Then>
class UnitOf final : public TracedUnit {
 public:
  using Outcome = std::invoke_result_t<const Body&, Tx&>;

  UnitOf(Executor* home, Body body, Then then, std::string_view span)
      : TracedUnit(home, span), body_(std::move(body)), then_(std::move(then)) {}

 private:
  void work(Tx& tx) override { outcome_.emplace(std::as_const(body_)(tx)); }
  void deliver(std::optional<StoreError> failed) override { then_(result(std::move(failed))); }

  Result<Outcome, StoreError> result(std::optional<StoreError> failed) {
    if (failed) return countersign::fail(*std::move(failed));
    CS_CHECK(outcome_.has_value());
    return *std::move(outcome_);
  }

  Body body_;
  Then then_;
  std::optional<Outcome> outcome_;
};

}  // namespace countersign::store
