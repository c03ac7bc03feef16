#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/id.h"
#include "base/time.h"
#include "contact/channel.h"

namespace countersign::domain {

// By which channels the messages with the codes of one verification went (docs/adr/0046). Pure.

/// A channel's turn at a message with a code. A message that its channel certainly could not carry, and that went on by
/// another, has a turn for each; the last one counts.
struct Sending {
  MessageId message;
  contact::Channel channel = contact::Channel::kSms;
  WallTime sent_at;

  friend bool operator==(const Sending&, const Sending&) = default;
};
/// Oldest first.
using Sendings = std::vector<Sending>;

/// With another turn of the same message, behind its earlier ones: those of later messages stay the last.
[[nodiscard]] Sendings gone_on(Sendings sendings, const Sending& turn);

/// The turns that count: one for each message, oldest first.
[[nodiscard]] Sendings messages_in(std::span<const Sending> sendings);

/// The channels by which messages have gone, or may have, each once, in the order of their first message.
[[nodiscard]] std::vector<contact::Channel> channels_used(std::span<const Sending> sendings);

/// `channels` in their order, but last those that could not carry a message of this verification: sent again, a code is
/// not sent there first.
[[nodiscard]] std::vector<contact::Channel> preferred_after(std::vector<contact::Channel> channels,
                                                            std::span<const Sending> sendings);

/// The channel that could not carry the newest message, which went on by another; nullopt: it went as it was meant to.
[[nodiscard]] std::optional<contact::Channel> sent_instead_of(std::span<const Sending> sendings);

/// The channel of the message before the newest, if that went by another one: its code is valid, too.
[[nodiscard]] std::optional<contact::Channel> sent_before_by(std::span<const Sending> sendings);

}  // namespace countersign::domain
