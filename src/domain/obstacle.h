#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "contact/channel.h"
#include "domain/delivery.h"
#include "domain/opt_words.h"

namespace countersign::domain {

/// Why messages by a channel do not reach an address, as its holder or a provider said.
enum class ObstacleKind : std::uint8_t {
  kOptedOut,  ///< Its holder wants no messages: none is sent until she, or the operator, says otherwise.
  kLandline,  ///< It gets no text messages: none is sent to people who have not proved it by text message before.
  kBounced,   ///< Its last e-mail came back. E-mails go on; other contacts come first.
};
/// `opted_out`, `landline`, `bounced`: the names in the API, the store and the audit log.
[[nodiscard]] std::string_view to_text(ObstacleKind kind);

struct Obstacle {
  contact::Channel channel = contact::Channel::kSms;
  ObstacleKind kind = ObstacleKind::kOptedOut;
  WallTime since;  ///< When the message was made that did not arrive, or when the holder said it.
  friend bool operator==(const Obstacle&, const Obstacle&) = default;
};
/// Of one address. One at most of each channel and kind, in the order in which they were noted.
using Obstacles = std::vector<Obstacle>;

// How long one is believed; an opt-out for good. A landline is often only a carrier that could not be reached, so it
// may cost one message a day.
inline constexpr Duration kLandlineBelieved = std::chrono::hours(24);
inline constexpr Duration kBounceBelieved = std::chrono::days(30);

/// The end of it, excluded; nullopt: it has none.
[[nodiscard]] std::optional<WallTime> believed_until(const Obstacle& obstacle);
/// The one that matters most for messages by that channel at `now`; nullopt: nothing is known to be in the way.
[[nodiscard]] std::optional<Obstacle> obstacle_to(const Obstacles& known, contact::Channel channel, WallTime now);
/// Whether a message must not leave. `proved_by_channel`: the recipient has proved the address by this channel: then it
/// is no landline, whatever was said of it. Nobody's report changes what a proof of the address counts for.
[[nodiscard]] bool stops_messages(const Obstacle& obstacle, bool proved_by_channel);

/// What the outcome of a message says about its address; nullopt: nothing, or that it was reached. `sure`: the provider
/// said it, in its answer to us or with its signature; otherwise nobody can be opted out.
[[nodiscard]] std::optional<ObstacleKind> obstacle_shown_by(contact::Channel channel, const Delivery& said, bool sure);

// Each answers what is known afterwards; nullopt: nothing changes. Pure.

/// A message of `made_at` met it. What has ended by `now` is forgotten.
[[nodiscard]] std::optional<Obstacles> with_obstacle(Obstacles known, const Obstacle& met, WallTime now);
/// A message by the channel arrived, or its code was typed: what was thought to be in the way is not. An opt-out stays.
[[nodiscard]] std::optional<Obstacles> after_arrival(Obstacles known, contact::Channel channel);
/// The holder, or the operator, wants messages by the channel again; nullopt as channel: by all.
[[nodiscard]] std::optional<Obstacles> without_obstacles(Obstacles known, std::optional<contact::Channel> channel);

/// What the holder wrote at `said_at`. STOP opts the channel out; START lifts that, and whatever else was in the way of
/// the channel: whoever writes it has a telephone that gets messages. A START from before the last STOP changes
/// nothing: networks repeat and reorder. An earlier STOP that comes later opts out, so that a mistake costs a message
/// and not a promise. `said_at` after `now` counts as now.
[[nodiscard]] std::optional<Obstacles> after_word(Obstacles known, contact::Channel channel, OptWord word,
                                                  WallTime said_at, WallTime now);
/// Whether the channel is opted out of.
[[nodiscard]] bool is_opted_out(const Obstacles& known, contact::Channel channel);

/// The form in the store; empty for none. What cannot be read is left out: it was written by a newer program.
///
/// obstacles := obstacle (";" obstacle)*
/// obstacle  := channel " " kind " " since    since: microseconds since 1970
[[nodiscard]] std::string to_text(const Obstacles& known);
[[nodiscard]] Obstacles parse_obstacles(std::string_view text);

}  // namespace countersign::domain
