#pragma once

#include <optional>
#include <string_view>

#include "delivery/ports.h"

namespace countersign::usecase {

// In test mode the recipient's address decides what happens to a message; docs/testing.md lists the addresses. The
// phone numbers are of a range that is never assigned, the mailboxes are at example.com (RFC 2606).

struct TestOutcome {
  Result<delivery::Accepted, delivery::ProviderError> answer;
  Duration arrives_after{};                            ///< If accepted: delay until it arrives.
  std::optional<delivery::ProviderError> report = {};  ///< What the provider reports after accepting it.
};
/// `made_at`: when the message was queued.
[[nodiscard]] TestOutcome test_outcome(std::string_view to, WallTime made_at, WallTime now);

/// Whether a code to it is refused as the fraud rules refuse one.
[[nodiscard]] bool is_stopped_by_rules(std::string_view to);

/// Whether its codes are all zeros, of any length.
[[nodiscard]] bool has_fixed_code(std::string_view to);

}  // namespace countersign::usecase
