#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "risk/rule.h"

namespace countersign::risk {

/// What rules would have done to decisions that were recorded with their features. Pure.
class Replay {
 public:
  explicit Replay(std::vector<Rule> rules) : rules_(std::move(rules)) {}

  /// A decision as it was. `person` names whom it was about; empty: nobody knows.
  struct Recorded {
    Point point = Point::kSend;
    Outcome outcome = Outcome::kAllow;
    const Features& features;
    std::string person;
  };
  void add(const Recorded& recorded);

  /// Of some decisions. People are counted once each; established: for more than 30 days when it was decided. Money:
  /// of transactions, by currency; a transaction is decided about up to three times, and counted at its hold.
  struct Totals {
    std::int64_t decisions = 0;
    std::set<std::string> people;
    std::set<std::string> established;
    std::map<std::string, double> money;
  };
  [[nodiscard]] const Totals& all() const { return all_; }
  /// Reviewed or refused by these rules, and not then.
  [[nodiscard]] const Totals& stopped() const { return stopped_; }
  /// Asked for another kind by these rules, and not then.
  [[nodiscard]] const Totals& asked() const { return asked_; }
  /// Reviewed or refused then, and not by these rules.
  [[nodiscard]] const Totals& missed() const { return missed_; }
  /// By rule: what it matched, in shadow or not.
  [[nodiscard]] const std::map<std::string, Totals>& by_rule() const { return by_rule_; }

 private:
  static void count(Totals& totals, const Recorded& recorded);

  std::vector<Rule> rules_;
  Totals all_;
  Totals stopped_;
  Totals asked_;
  Totals missed_;
  std::map<std::string, Totals> by_rule_;
};

}  // namespace countersign::risk
