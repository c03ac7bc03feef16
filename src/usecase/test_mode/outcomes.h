#pragma once

#include <optional>
#include <string_view>

#include "delivery/ports.h"

namespace countersign::usecase {

// What becomes of a message in test mode follows from whom it is for; docs/testing.md lists the addresses. Telephone
// numbers are of a range that is never given to anybody, mailboxes are at example.com (RFC 2606).

struct TestOutcome {
  Result<delivery::Accepted, delivery::ProviderError> answer;
  Duration arrives_after{};                            ///< Where it is accepted: so long on the way.
  std::optional<delivery::ProviderError> report = {};  ///< What the provider reports after it has accepted.
};
/// `made_at`: when the message was queued.
[[nodiscard]] TestOutcome test_outcome(std::string_view to, WallTime made_at, WallTime now);

/// Whose code is all zeros, however many digits it has.
[[nodiscard]] bool has_fixed_code(std::string_view to);

}  // namespace countersign::usecase
