#include "usecase/verify/test_number.h"

#include <algorithm>
#include <array>
#include <utility>

namespace countersign::usecase::verify {

std::optional<Refusal> test_refusal(std::string_view to) {
  constexpr std::array<std::pair<std::string_view, Fault>, 7> kNumbers{{
      {"+12025550101", Fault::kInvalidParameter},
      {"+12025550102", Fault::kLandline},
      {"+12025550103", Fault::kCountryBlocked},
      {"+12025550104", Fault::kDeliveryBlocked},
      {"+12025550105", Fault::kTooManyForNumber},
      {"+12025550106", Fault::kMaxSendAttempts},
      {"+12025550107", Fault::kTooManyRequests},
  }};
  const auto* const found = std::ranges::find(kNumbers, to, &std::pair<std::string_view, Fault>::first);
  if (found == kNumbers.end()) return std::nullopt;
  Refusal refusal{found->second, found->second == Fault::kInvalidParameter ? "To" : ""};
  if (found->second == Fault::kTooManyRequests || found->second == Fault::kTooManyForNumber)
    refusal.retry_after = std::chrono::minutes(1);
  return refusal;
}

}  // namespace countersign::usecase::verify
