#pragma once

#include <optional>

#include "usecase/queued_message.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Whether the message, which its provider has accepted, is worth to be looked after: the provider's reports can be
/// relied on, and another provider of its list could send it once more.
[[nodiscard]] bool may_go_again(const Context& context, const QueuedMessage& message);

/// What was found about a message that nobody reported in time.
struct AfterSilence {
  std::optional<AddressId> waiting;  ///< The line of the person who still waits for it; absent: nobody does.
  std::optional<QueuedMessage> again;
  bool delivered = false;  ///< It was reported, to another node.
};

/// No report came in time about `message`, whose text and code this node still has, or one that its channel does not
/// reach the number, where the product chooses the channel: sends it once more by the next provider, as a message of
/// its own with the same code and the same end, and answers it, leased to this node, for the courier after the commit.
/// It is counted in every limit of a send but sends_per_ip before it leaves; the person's own sends are not touched.
/// Nothing is sent, and nothing counted: once a report came, or the code was sent again or is over; to a line that she
/// has not proved before; beyond a limit; a second time for the verification, whoever does not report that second
/// message. [ADR 45, THR-6]
[[nodiscard]] AfterSilence send_unreported(store::Tx& tx, const Context& context, const QueuedMessage& message,
                                           Moment& moment);

}  // namespace countersign::usecase
