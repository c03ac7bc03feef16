#include "delivery/ports.h"

#include <array>

namespace countersign::delivery {

std::string_view name_of(Fault fault) {
  constexpr std::array<std::string_view, 11> kNames = {
      "invalid_address", "opted_out",   "landline", "unsupported_address", "blocked",           "rate_limited",
      "misconfigured",   "unavailable", "rejected", "not_found",           "attempts_exhausted"};
  return kNames.at(static_cast<std::size_t>(fault));
}

contact::DeliveryReason reason_of(Fault fault) {
  using enum contact::DeliveryReason;
  switch (fault) {
    case Fault::kInvalidAddress:
      return kInvalidAddress;
    case Fault::kOptedOut:
      return kOptedOut;
    case Fault::kLandline:
      return kLandline;
    case Fault::kUnsupportedAddress:
      return kUnsupportedAddress;
    case Fault::kBlocked:
      return kBlocked;
    case Fault::kMisconfigured:
      return kMisconfigured;
    case Fault::kRateLimited:
    case Fault::kUnavailable:
      return kUnavailable;
    case Fault::kRejected:
    case Fault::kNotFound:
    case Fault::kAttemptsExhausted:
      return kRejected;
  }
  return kUnknown;
}

std::string_view name_of(PersonNotice notice) {
  constexpr std::array<std::string_view, 6> kNames = {
      "try_another_way", "number_not_supported", "too_many_attempts", "wait", "temporarily_unavailable", "code_over"};
  return kNames.at(static_cast<std::size_t>(notice));
}

bool is_about_provider(const ProviderError& error) {
  switch (error.fault) {
    case Fault::kRateLimited:
    case Fault::kMisconfigured:
    case Fault::kUnavailable:
    case Fault::kNotFound:  // Nothing of the message can be missing at a provider that sends our text: its account is.
      return true;
    case Fault::kInvalidAddress:
    case Fault::kOptedOut:
    case Fault::kLandline:
    case Fault::kUnsupportedAddress:
    case Fault::kBlocked:
    case Fault::kRejected:
    case Fault::kAttemptsExhausted:
      break;
  }
  return error.beyond_reach;
}

bool is_about_channel(contact::DeliveryReason reason, Channel channel) {
  using enum contact::DeliveryReason;
  return reason == kUnsupportedAddress || (reason == kBlocked && channel == Channel::kWhatsapp);
}

bool is_retryable(const ProviderError& error) {
  return error.fault == Fault::kUnavailable || error.fault == Fault::kRateLimited;
}

}  // namespace countersign::delivery
