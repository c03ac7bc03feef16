#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "store/shared_parts.h"
#include "usecase/risk/book.h"

namespace countersign::usecase {

class RiskBook::Ticket {
 public:
  Ticket(RiskBook& book, Asked asked, WallTime at) : book_(book), asked_(std::move(asked)), at_(at) {}
  ~Ticket() { take_back(); }
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  /// Its unit stands. Also after take_back(), where a commit that nobody answered turns out to be one.
  void keep();
  /// Its unit is undone. Nothing after keep().
  void take_back();

 private:
  friend class RiskBook;
  enum class State : std::uint8_t { kOpen, kKept, kTakenBack };

  RiskBook& book_;
  const Asked asked_;
  const WallTime at_;
  // Guarded by the book's mutex:
  std::vector<risk::Cell> cells_;
  State state_ = State::kOpen;
};

/// The codes that the units of one commit have counted.
class CountedSends final : public store::SharedPart {
 public:
  CountedSends() = default;
  ~CountedSends() override {
    for (const auto& one : counted_) one.ticket->take_back();
  }
  CountedSends(const CountedSends&) = delete;
  CountedSends& operator=(const CountedSends&) = delete;

  void add(store::UnitNumber unit, std::shared_ptr<RiskBook::Ticket> ticket) {
    counted_.push_back({unit, std::move(ticket)});
  }
  void undo(store::UnitNumber unit) override {
    for (const auto& one : counted_) {
      if (one.unit == unit) one.ticket->take_back();
    }
    std::erase_if(counted_, [unit](const Counted& one) { return one.unit == unit; });
  }
  void write(store::Tx& /*tx*/) override {}
  void committed() override {
    for (const auto& one : counted_) one.ticket->keep();
  }

 private:
  struct Counted {
    store::UnitNumber unit;
    std::shared_ptr<RiskBook::Ticket> ticket;
  };
  std::vector<Counted> counted_;
};

}  // namespace countersign::usecase
