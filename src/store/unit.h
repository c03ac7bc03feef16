#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

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

template <class Body, class Then>
class UnitOf final : public Unit {
 public:
  using Outcome = std::invoke_result_t<const Body&, Tx&>;

  /// `span` names the span of the unit where what hands it in is traced: from then until its outcome is durable. Body
  /// and continuation are parts of the same trace.
  UnitOf(Executor* home, Body body, Then then, std::string_view span)
      : Unit(home), body_(std::move(body)), then_(std::move(then)) {
    if (!asked_.is_traced()) return;
    span_ = trace::Span::below_current(trace::Kind::kInternal);
    span_.name(std::string(span));
  }

  void run(Tx& tx) override {
    const trace::Scope scope(asked_);
    result_.emplace(std::as_const(body_)(tx));
    tells_ = tx.take_tells();
  }
  void fail(StoreError error) override { result_.emplace(countersign::fail(std::move(error))); }
  void finish() override {
    CS_CHECK(result_.has_value());
    if (span_.is_recorded()) {
      if (!*result_) span_.fail(name_of(result_->error().code));
      span_.end();
    }
    const trace::Scope scope(asked_);
    if (*result_) {
      for (const auto& [tell, even_abandoned] : tells_) tell();
    }
    then_(std::move(*result_));
  }

 private:
  Body body_;
  Then then_;
  const trace::SpanContext asked_ = trace::current();
  trace::Span span_;
  std::optional<Result<Outcome, StoreError>> result_;
  std::vector<Tx::Tell> tells_;  ///< Of the last run.
};

}  // namespace countersign::store
