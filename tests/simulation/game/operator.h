#pragma once

#include "simulation/game/table.h"

namespace countersign::simulation::game {

/// Who runs the fraud engine: decides reviews, now and then wrongly or late, opens places, stops spending and starts it
/// again, and has the server restarted.
class Operator {
 public:
  explicit Operator(Table& table) : table_(table) {}

  void act();
  /// She called, and it is hers: by as many of them as it takes. False if their words change nothing.
  static bool allow(Table& table, Deal& deal);

 private:
  void decide();

  Table& table_;
};

}  // namespace countersign::simulation::game
