#include "base/check.h"
#include "risk/rule.h"

namespace countersign::risk {

namespace {

struct Written {
  std::string_view name;
  Points points;
  std::string_view when;
  Outcome outcome;
};

constexpr Points kTransactions{Point::kHold, Point::kApprove, Point::kClaim};

// Whoever asks for something in another's name can raise what is counted of her; so it is held against her only where
// the device or the network is new to her too. [STD-20]
constexpr Written kRules[] = {
    // A change of sources, and soon after it somebody on a device that she never used.
    {"changed_and_new_device", kTransactions, "established_days > 7 && contacts_changed_hours < 72 && new_device",
     Outcome::kAnotherKind},
    {"many_people_on_device", kTransactions, "device_subjects_day > 5 && new_device", Outcome::kAnotherKind},
    // Mobile carriers share addresses: shown, and nothing more.
    {"many_people_at_address", kTransactions, "address_subjects_day > 50 && new_network", Outcome::kNote},
    {"many_addresses", kTransactions, "subject_addresses_day > 10", Outcome::kNote},
    // People who had this payout before her; who comes later with hers changes nothing for her.
    {"shared_payout", {Point::kHold}, "payout_subjects >= 3", Outcome::kReview},
    {"two_with_one_payout", {Point::kHold}, "payout_subjects >= 1", Outcome::kNote},
    {"prompts_and_new_device", kTransactions, "(prompts_hour > 5 || denials_day >= 2) && (new_device || new_network)",
     Outcome::kAnotherKind},
    {"recovery_failed", kTransactions, "recovery_failures_day >= 3 && (new_device || new_network)",
     Outcome::kAnotherKind},
    {"faster_than_reading", {Point::kApprove}, "approval_seconds < 2", Outcome::kNote},
    {"many_holds", {Point::kHold}, "holds_day > 20", Outcome::kNote},
    // A quarter of the answers are wrong after a change to an eSIM: never more than a question.
    {"sim_swapped", {Point::kHold, Point::kApprove}, "sim_swap_hours < 72", Outcome::kAnotherKind},
};

}  // namespace

const std::vector<Rule>& built_in_rules() {
  static const std::vector<Rule> kAll = [] {
    std::vector<Rule> rules;
    for (const auto& written : kRules) {
      auto when = Expression::parse(written.when);
      CS_CHECK(when.has_value());
      rules.push_back({std::string(written.name), written.points, *std::move(when), written.outcome, false, true});
    }
    return rules;
  }();
  return kAll;
}

}  // namespace countersign::risk
