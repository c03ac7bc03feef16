#include "delivery/provider_error.h"

#include <fmt/core.h>

#include "delivery/backoff.h"

namespace countersign::delivery {
namespace {

/// Nothing but time or the operator can repair these: the person is told the same either way.
constexpr PersonNotice kNotTheirs = PersonNotice::kTemporarilyUnavailable;

bool is_ours_to_repair(const HttpError& error) {
  return error.fault == HttpFault::kRefusedAddress || (error.fault == HttpFault::kOther && !error.maybe_sent);
}

Fault fault_of_status(int status) {
  if (status == 429) return Fault::kRateLimited;
  if (status >= 500) return Fault::kUnavailable;
  if (status < 400) return Fault::kMisconfigured;  // A redirect, which is not followed: the URL is not the right one.
  const bool wrong_place = status == 401 || status == 403 || status == 404 || status == 405;
  return wrong_place ? Fault::kMisconfigured : Fault::kRejected;
}

PersonNotice notice_of(Fault fault) {
  if (fault == Fault::kRateLimited) return PersonNotice::kWait;
  return fault == Fault::kRejected ? PersonNotice::kTryAnotherWay : kNotTheirs;
}

}  // namespace

ProviderError provider_error_of(const HttpError& error) {
  return {is_ours_to_repair(error) ? Fault::kMisconfigured : Fault::kUnavailable,
          kNotTheirs,
          "",
          fmt::format("{}: {}", name_of(error.fault), error.detail),
          std::nullopt,
          error.maybe_sent};
}

ProviderError provider_error_of(const HttpAnswer& answer, WallTime now) {
  const Fault fault = fault_of_status(answer.status);
  const auto header = answer.header("retry-after");
  return {fault,
          notice_of(fault),
          "",
          fmt::format("HTTP status {}", answer.status),
          header ? parse_retry_after(*header, now) : std::nullopt,
          answer.status >= 500};
}

ProviderError unreadable_answer(const HttpAnswer& answer) {
  return {Fault::kUnavailable, kNotTheirs, "", fmt::format("HTTP status {} with a body of another form", answer.status),
          std::nullopt,        true};
}

}  // namespace countersign::delivery
