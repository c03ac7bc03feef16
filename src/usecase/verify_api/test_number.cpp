#include "usecase/verify_api/test_number.h"

#include <algorithm>
#include <array>
#include <utility>

namespace countersign::usecase::verify_api {

std::optional<Refusal> test_refusal(std::string_view to) {
  constexpr std::array<std::pair<std::string_view, ErrorCode>, 7> kNumbers{{
      {"+12025550101", ErrorCode::kInvalidParameter},
      {"+12025550102", ErrorCode::kLandline},
      {"+12025550103", ErrorCode::kCountryBlocked},
      {"+12025550104", ErrorCode::kDeliveryBlocked},
      {"+12025550105", ErrorCode::kTooManyForNumber},
      {"+12025550106", ErrorCode::kMaxSendAttempts},
      {"+12025550107", ErrorCode::kTooManyRequests},
  }};
  const auto* const found = std::ranges::find(kNumbers, to, &std::pair<std::string_view, ErrorCode>::first);
  if (found == kNumbers.end()) return std::nullopt;
  Refusal refusal{found->second, found->second == ErrorCode::kInvalidParameter ? "To" : ""};
  if (found->second == ErrorCode::kTooManyRequests || found->second == ErrorCode::kTooManyForNumber)
    refusal.retry_after = std::chrono::minutes(1);
  return refusal;
}

}  // namespace countersign::usecase::verify_api
