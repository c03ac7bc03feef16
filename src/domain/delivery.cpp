#include "domain/delivery.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace countersign::domain {

namespace {

using contact::DeliveryReason;
using contact::DeliveryStage;

/// A failure without a reason has one that says so; no other stage has one.
Delivery with_reason(Delivery delivery) {
  if (delivery.stage != DeliveryStage::kFailed)
    delivery.reason.reset();
  else
    delivery.reason = delivery.reason.value_or(DeliveryReason::kUnknown);
  return delivery;
}

/// The furthest of two, as in a lattice: the order in which they are joined does not matter.
Delivery furthest(const Delivery& a, const Delivery& b) {
  if (a.stage != b.stage) return a.stage < b.stage ? b : a;
  return {a.stage, std::min(a.reason, b.reason)};  // Both are set, or none.
}

}  // namespace

std::string_view to_text(ReportEffect effect) {
  constexpr std::array<std::string_view, 3> kNames{"advanced", "nothing", "late"};
  return kNames.at(static_cast<std::size_t>(effect));
}

AfterReport after_report(const std::optional<Delivery>& known, const Delivery& report, WallTime code_ends,
                         WallTime now) {
  const auto before = known ? std::optional(with_reason(*known)) : std::nullopt;
  if (now >= code_ends) return {ReportEffect::kLate, before.value_or(Delivery{})};
  const auto said = with_reason(report);
  if (!before) return {ReportEffect::kAdvanced, said};
  const auto after = furthest(*before, said);
  return {after == *before ? ReportEffect::kNothing : ReportEffect::kAdvanced, after};
}

}  // namespace countersign::domain
