#include "domain/obstacle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/number.h"

namespace countersign::domain {

namespace {

using contact::Channel;
using contact::DeliveryReason;
using contact::DeliveryStage;

constexpr std::array<std::string_view, 3> kObstacleKinds{"opted_out", "landline", "bounced"};

bool has_ended(const Obstacle& obstacle, WallTime now) {
  const auto until = believed_until(obstacle);
  return until && now >= *until;
}

/// Of a mailbox. What the operator has to repair, and a server that did not answer, say nothing about it.
bool is_hard_bounce(DeliveryReason reason) {
  using enum DeliveryReason;
  return reason == kInvalidAddress || reason == kUnsupportedAddress || reason == kRejected;
}

std::optional<Obstacles> if_changed(Obstacles before, Obstacles after) {
  return after == before ? std::nullopt : std::optional(std::move(after));
}

/// The text up to the separator; `text` keeps what follows it.
std::string_view cut_at(std::string_view& text, char separator) {
  const auto at = text.find(separator);
  const auto head = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return head;
}

std::optional<Obstacle> parse_obstacle(std::string_view text) {
  const auto channel = contact::parse_channel(cut_at(text, ' '));
  const auto* const kind = std::ranges::find(kObstacleKinds, cut_at(text, ' '));
  const auto since = parse_number<std::int64_t>(text);
  if (!channel || kind == kObstacleKinds.end() || !since) return std::nullopt;
  return Obstacle{*channel, static_cast<ObstacleKind>(kind - kObstacleKinds.begin()), from_micros(*since)};
}

}  // namespace

std::string_view to_text(ObstacleKind kind) { return kObstacleKinds.at(static_cast<std::size_t>(kind)); }

std::optional<WallTime> believed_until(const Obstacle& obstacle) {
  switch (obstacle.kind) {
    case ObstacleKind::kLandline:
      return obstacle.since + kLandlineBelieved;
    case ObstacleKind::kBounced:
      return obstacle.since + kBounceBelieved;
    case ObstacleKind::kOptedOut:
      break;
  }
  return std::nullopt;
}

std::optional<Obstacle> obstacle_to(const Obstacles& known, Channel channel, WallTime now) {
  std::optional<Obstacle> worst;
  for (const auto& one : known) {
    if (one.channel != channel || has_ended(one, now)) continue;
    if (!worst || one.kind < worst->kind) worst = one;
  }
  return worst;
}

bool stops_messages(const Obstacle& obstacle, bool proved_by_channel) {
  if (obstacle.kind == ObstacleKind::kLandline) return !proved_by_channel;
  return obstacle.kind == ObstacleKind::kOptedOut;
}

std::optional<ObstacleKind> obstacle_shown_by(Channel channel, const Delivery& said, bool sure) {
  if (said.stage != DeliveryStage::kFailed || !said.reason) return std::nullopt;
  if (channel == Channel::kEmail)
    return is_hard_bounce(*said.reason) ? std::optional(ObstacleKind::kBounced) : std::nullopt;
  if (*said.reason == DeliveryReason::kOptedOut && sure) return ObstacleKind::kOptedOut;
  if (*said.reason == DeliveryReason::kLandline && channel == Channel::kSms) return ObstacleKind::kLandline;
  return std::nullopt;
}

std::optional<Obstacles> with_obstacle(Obstacles known, const Obstacle& met, WallTime now) {
  if (has_ended(met, now)) return std::nullopt;
  Obstacles after = known;
  const auto same = [&](const Obstacle& one) { return one.channel == met.channel && one.kind == met.kind; };
  if (const auto found = std::ranges::find_if(after, same); found != after.end())
    found->since = std::max(found->since, met.since);
  else
    after.push_back(met);
  std::erase_if(after, [&](const Obstacle& one) { return has_ended(one, now); });
  return if_changed(std::move(known), std::move(after));
}

std::optional<Obstacles> after_arrival(Obstacles known, Channel channel) {
  Obstacles after = known;
  std::erase_if(after,
                [&](const Obstacle& one) { return one.channel == channel && one.kind != ObstacleKind::kOptedOut; });
  return if_changed(std::move(known), std::move(after));
}

std::optional<Obstacles> without_obstacles(Obstacles known, std::optional<Channel> channel) {
  Obstacles after = known;
  std::erase_if(after, [&](const Obstacle& one) { return !channel || one.channel == *channel; });
  return if_changed(std::move(known), std::move(after));
}

std::optional<Obstacles> after_word(Obstacles known, Channel channel, OptWord word, WallTime said_at, WallTime now) {
  const Obstacle said{channel, ObstacleKind::kOptedOut, std::min(said_at, now)};
  if (word == OptWord::kStop) return with_obstacle(std::move(known), said, now);
  const bool older = std::ranges::any_of(known, [&](const Obstacle& one) {
    return one.channel == channel && one.kind == ObstacleKind::kOptedOut && one.since > said.since;
  });
  return older ? std::nullopt : without_obstacles(std::move(known), channel);
}

bool is_opted_out(const Obstacles& known, Channel channel) {
  return std::ranges::any_of(
      known, [&](const Obstacle& one) { return one.channel == channel && one.kind == ObstacleKind::kOptedOut; });
}

std::string to_text(const Obstacles& known) {
  std::string text;
  for (const auto& one : known) {
    text += fmt::format("{}{} {} {}", text.empty() ? "" : ";", contact::to_text(one.channel), to_text(one.kind),
                        to_micros(one.since));
  }
  return text;
}

Obstacles parse_obstacles(std::string_view text) {
  Obstacles known;
  while (!text.empty()) {
    if (const auto one = parse_obstacle(cut_at(text, ';'))) known.push_back(*one);
  }
  return known;
}

}  // namespace countersign::domain
