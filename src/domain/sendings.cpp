#include "domain/sendings.h"

#include <algorithm>

namespace countersign::domain {

namespace {

/// Whether another channel took the message over.
bool was_left(std::span<const Sending> sendings, std::size_t i) {
  return std::ranges::any_of(sendings.subspan(i + 1),
                             [&](const Sending& later) { return later.message == sendings[i].message; });
}

}  // namespace

Sendings gone_on(Sendings sendings, const Sending& turn) {
  const auto last =
      std::find_if(sendings.rbegin(), sendings.rend(), [&](const Sending& one) { return one.message == turn.message; });
  sendings.insert(last == sendings.rend() ? sendings.end() : last.base(), turn);
  return sendings;
}

Sendings messages_in(std::span<const Sending> sendings) {
  Sendings messages;
  for (std::size_t i = 0; i < sendings.size(); ++i) {
    if (!was_left(sendings, i)) messages.push_back(sendings[i]);
  }
  return messages;
}

std::vector<contact::Channel> channels_used(std::span<const Sending> sendings) {
  std::vector<contact::Channel> used;
  for (const auto& message : messages_in(sendings)) {
    if (std::ranges::find(used, message.channel) == used.end()) used.push_back(message.channel);
  }
  return used;
}

std::vector<contact::Channel> preferred_after(std::vector<contact::Channel> channels,
                                              std::span<const Sending> sendings) {
  std::ranges::stable_partition(channels, [&](contact::Channel channel) {
    for (std::size_t i = 0; i < sendings.size(); ++i) {
      if (sendings[i].channel == channel && was_left(sendings, i)) return false;
    }
    return true;
  });
  return channels;
}

std::optional<contact::Channel> sent_instead_of(std::span<const Sending> sendings) {
  if (sendings.empty()) return std::nullopt;
  const auto& newest = sendings.back();
  const auto first = std::ranges::find(sendings, newest.message, &Sending::message);
  return first->channel == newest.channel ? std::nullopt : std::optional(first->channel);
}

std::optional<contact::Channel> sent_before_by(std::span<const Sending> sendings) {
  const auto messages = messages_in(sendings);
  if (messages.size() < 2) return std::nullopt;
  const auto before = messages[messages.size() - 2].channel;
  return before == messages.back().channel ? std::nullopt : std::optional(before);
}

}  // namespace countersign::domain
