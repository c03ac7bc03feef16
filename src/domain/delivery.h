#pragma once

#include <optional>

#include "base/time.h"
#include "contact/delivery.h"

namespace countersign::domain {

/// What is known of the delivery of one message.
struct Delivery {
  contact::DeliveryStage stage = contact::DeliveryStage::kAccepted;
  std::optional<contact::DeliveryReason> reason = {};  ///< With kFailed only.
  friend bool operator==(const Delivery&, const Delivery&) = default;
};

/// What a report changes.
enum class ReportEffect : std::uint8_t {
  kAdvanced,  ///< More is known than before: to be stored.
  kNothing,   ///< Repeated, overtaken by a later stage, or contradicted by the arrival.
  kLate,      ///< The code had ended: counted, but nothing is stored, because nobody can act on it.
};
/// `advanced`, `nothing`, `late`.
[[nodiscard]] std::string_view to_text(ReportEffect effect);

struct AfterReport {
  ReportEffect effect = ReportEffect::kNothing;
  Delivery state;
};

/// What is known after `report`. `known`: nullopt for a message that no provider is known to have, which is still
/// waiting or under way: a report may overtake the answer. `code_ends`: end excluded.
///
/// Reports come in any order and repeatedly, so the result depends only on the set of those that came in time: the
/// furthest stage, and of two failures the more telling reason. Pure.
[[nodiscard]] AfterReport after_report(const std::optional<Delivery>& known, const Delivery& report, WallTime code_ends,
                                       WallTime now);

}  // namespace countersign::domain
