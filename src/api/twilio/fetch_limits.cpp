#include "api/twilio/fetch_limits.h"

namespace countersign::api::twilio {

namespace {

constexpr std::array kRates{domain::Rate{60, std::chrono::minutes(1)}, domain::Rate{180, std::chrono::hours(1)},
                            domain::Rate{250, std::chrono::hours(24)}};

}  // namespace

std::optional<Duration> FetchLimits::count(const VerificationId& verification, WallTime now) {
  const std::lock_guard lock(mutex_);
  if (windows_.size() >= verifications_max_ && !windows_.contains(verification)) make_room(now);
  Windows next = windows_[verification];
  for (std::size_t i = 0; i < kRates.size(); ++i) {
    const auto counted = domain::count_event(next[i], kRates[i], now);
    if (!counted.allowed) return counted.retry_after;
    next[i] = counted.next;
  }
  windows_[verification] = next;
  return std::nullopt;
}

/// Ids are ordered by creation time, so the oldest verifications come first.
void FetchLimits::make_room(WallTime now) {
  std::erase_if(windows_, [&](const auto& entry) { return now - entry.second.back().start >= kRates.back().per; });
  if (windows_.size() < verifications_max_) return;
  auto end = windows_.begin();
  std::advance(end, static_cast<std::ptrdiff_t>((windows_.size() + 1) / 2));
  windows_.erase(windows_.begin(), end);
}

}  // namespace countersign::api::twilio
