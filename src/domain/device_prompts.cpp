#include "domain/device_prompts.h"

#include <algorithm>

namespace countersign::domain {

namespace {

bool is_over(const DevicePrompts& prompts, WallTime now) { return now >= prompts.since + kPromptsWithin; }

}  // namespace

std::optional<Duration> wait_to_ask(const DevicePrompts& prompts, WallTime now) {
  if (prompts.quiet_until && now < *prompts.quiet_until) return *prompts.quiet_until - now;
  if (prompts.unanswered < kPromptsUnanswered || is_over(prompts, now)) return std::nullopt;
  return prompts.since + kPromptsWithin - now;
}

DevicePrompts asked(DevicePrompts prompts, WallTime now) {
  if (prompts.unanswered == 0 || is_over(prompts, now)) {
    prompts.unanswered = 0;
    prompts.since = now;
  }
  ++prompts.unanswered;
  return prompts;
}

DevicePrompts approved(DevicePrompts prompts) {
  prompts = {};
  return prompts;
}

DevicePrompts refused(DevicePrompts prompts, WallTime now) {
  prompts.unanswered = std::max<std::int64_t>(prompts.unanswered - 1, 0);
  Duration silence = kFirstSilence;
  for (std::int64_t i = 0; i < prompts.denials && silence < kLongestSilence; ++i) silence *= 2;
  ++prompts.denials;
  prompts.quiet_until = now + std::min(silence, kLongestSilence);
  return prompts;
}

}  // namespace countersign::domain
