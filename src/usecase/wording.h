#pragma once

#include <optional>

#include "delivery/ports.h"
#include "usecase/context.h"
#include "usecase/outgoing.h"

namespace countersign::usecase {

/// For how many minutes more, in whole ones and at least one, a code is good that ends at `valid_until`. A second
/// counts as nothing: so long may a message take from its making to its wording.
[[nodiscard]] int minutes_left(WallTime valid_until, WallTime now);

/// Writes the text that a message still lacks, from the display of its transaction. [SMS-1, SMS-3, SMS-4]
/// Answers why it cannot be written: the service is no longer configured, or the display cannot be opened.
[[nodiscard]] std::optional<delivery::ProviderError> write_text(const Context& context, QueuedMessage& message,
                                                                WallTime now);

}  // namespace countersign::usecase
