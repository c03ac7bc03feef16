#include "delivery/signals/signal.h"

#include <algorithm>
#include <array>

namespace countersign::delivery {

namespace {

constexpr std::array<std::string_view, 9> kFaultNames = {"timeout",    "unavailable", "misconfigured",
                                                         "not_served", "unreadable",  "implausible",
                                                         "paused",     "ceiling",     "no_line"};

/// A carrier's clock may be ahead of ours.
constexpr Duration kClockSkew = std::chrono::minutes(10);

}  // namespace

std::string_view name_of(SignalFault fault) { return kFaultNames.at(static_cast<std::size_t>(fault)); }

bool is_outage(SignalFault fault) {
  // What a line alone can bring about (a 403 of CAMARA, say) must not pause the source for others: somebody would ask
  // about such lines first.
  switch (fault) {
    case SignalFault::kTimeout:
    case SignalFault::kUnavailable:
    case SignalFault::kUnreadable:
      return true;
    default:
      return false;
  }
}

void limit(HttpCall& call, std::chrono::milliseconds within) {
  call.slot_timeout = within / 4;
  call.total_timeout = std::max(within - call.slot_timeout, std::chrono::milliseconds(1));
  call.connect_timeout = call.total_timeout;
}

SignalFault fault_of(const HttpResult& result) {
  if (!result) {
    switch (result.error().fault) {
      case HttpFault::kTimeout:
      case HttpFault::kOverloaded:
        return SignalFault::kTimeout;
      case HttpFault::kTooLarge:
        return SignalFault::kUnreadable;
      case HttpFault::kRefusedAddress:
      case HttpFault::kTls:
        return SignalFault::kMisconfigured;
      default:
        return SignalFault::kUnavailable;
    }
  }
  const int status = result->status;
  if (status >= 200 && status < 300) return SignalFault::kUnreadable;
  if (status == 429 || status >= 500) return SignalFault::kUnavailable;
  if (status >= 300 && status < 400) return SignalFault::kUnavailable;
  if (status == 404 || status == 422) return SignalFault::kNotServed;
  return SignalFault::kMisconfigured;
}

std::optional<SimChange> changed_at(WallTime at, WallTime now) {
  if (at > now + kClockSkew) return std::nullopt;
  const WallTime then = std::min(at, now);
  return SimChange{then, then};
}

}  // namespace countersign::delivery
