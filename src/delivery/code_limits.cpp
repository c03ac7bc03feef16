#include "delivery/code_limits.h"

#include <algorithm>

namespace countersign::delivery {

namespace {

constexpr std::size_t kForChecks = 96;  ///< Connections to one host beyond the messages that it gets at a time.

}  // namespace

CodeLimits code_limits(const std::map<std::string, int>& at_once) {
  CodeLimits limits;
  const std::size_t usual = limits.queue.all.running_per_lane_max;
  const std::size_t waiting_for_each = limits.queue.all.waiting_per_line_max / usual;
  std::size_t most = usual;
  std::size_t more = 0;
  for (const auto& [provider, number] : at_once) {
    const auto places = static_cast<std::size_t>(number);
    limits.queue.lanes[provider] = places;
    most = std::max(most, places);
    more += places > usual ? places - usual : 0;
  }
  limits.queue.all.running_max += more;
  limits.queue.all.running_per_account_max += more;
  limits.queue.all.waiting_per_line_max = std::max(limits.queue.all.waiting_per_line_max, most * waiting_for_each / 2);
  limits.http.concurrent_max = limits.queue.all.running_max;
  limits.http.concurrent_per_host_max = most + kForChecks;
  return limits;
}

}  // namespace countersign::delivery
