#pragma once

#include <optional>
#include <vector>

#include "risk/record.h"
#include "usecase/work.h"

namespace countersign::usecase {

// Where money or trust moves, a use case gathers what is known, asks whichever rules there are for their matches, and
// calls decide(). [ADR 51]

/// What is decided about. What a use case does not know it leaves out.
struct Deciding {
  risk::Point point = risk::Point::kSend;
  ServiceId service = {};
  std::optional<TransactionId> transaction = {};
  std::optional<SubjectId> subject = {};
  risk::Features features = {};
  std::vector<risk::Match> matches = {};
  risk::Leniency leniency = {};
  risk::Keys keys = {};
};

struct Decided {
  DecisionId id;  ///< As GET /v1/risk/decisions has it.
  risk::Decision decision;

  [[nodiscard]] risk::Outcome outcome() const { return decision.outcome; }
};

/// The hardest of the matches that decide. Has it recorded, also where the unit is then abandoned because it was
/// refused; not where the unit fails or runs again. Counts it for the metrics. Costs no statement: whoever needs the
/// decision to be durable with its own writes, such as a review, stores what it needs of it. In a test account it is
/// recorded by that account's clock.
[[nodiscard]] Decided decide(const Work& work, Deciding deciding);

}  // namespace countersign::usecase
