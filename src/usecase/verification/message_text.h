#pragma once

#include <optional>

#include "delivery/ports.h"
#include "usecase/queued_message.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Minutes for which a code that ends at `valid_until` is still valid: whole, at least one. One second is tolerated,
/// because the text may be written that long after the message was made.
[[nodiscard]] int minutes_left(WallTime valid_until, WallTime now);

/// Writes the missing text of a message from the display of its transaction, for the channel by which it goes now.
/// [SMS-1, SMS-3, SMS-4] Fails if the service is no longer configured or the display cannot be opened.
[[nodiscard]] std::optional<delivery::ProviderError> write_text(const Context& context, QueuedMessage& message,
                                                                WallTime now);

}  // namespace countersign::usecase
