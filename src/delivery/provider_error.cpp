#include "delivery/provider_error.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "delivery/backoff.h"

namespace countersign::delivery {
namespace {

/// Only time or the operator can fix these: the person sees the same text for all of them.
constexpr PersonNotice kNotTheirs = PersonNotice::kTemporarilyUnavailable;

bool is_ours_to_repair(const HttpError& error) {
  return error.fault == HttpFault::kRefusedAddress || (error.fault == HttpFault::kOther && !error.maybe_sent);
}

/// Not a full queue here, nor the shutdown of this server.
bool is_the_providers(const HttpError& error) {
  return !is_ours_to_repair(error) && error.fault != HttpFault::kOverloaded && error.fault != HttpFault::kShutDown;
}

Fault fault_of_status(int status) {
  if (status == 429) return Fault::kRateLimited;
  if (status == 408 || status == 425) return Fault::kUnavailable;  // It did not read the request, or not yet.
  if (status == 501 || status == 505) return Fault::kMisconfigured;
  if (status >= 500) return Fault::kUnavailable;
  if (status < 400) return Fault::kMisconfigured;  // A redirect, which is not followed: the URL is wrong.
  const bool wrong_place =
      status == 401 || status == 402 || status == 403 || status == 404 || status == 405 || status == 407;
  return wrong_place ? Fault::kMisconfigured : Fault::kRejected;
}

/// Whether a server with this status may have carried out the request. 503 and 507 mean that it has not; 500, 502 and
/// 504 leave it open: the error may have come after sending. [RFC 9110, 15.6; RFC 4918, 11.5]
bool may_have_acted(int status) {
  return status >= 500 && status != 501 && status != 503 && status != 505 && status != 507;
}

PersonNotice notice_of(Fault fault) {
  if (fault == Fault::kRateLimited) return PersonNotice::kWait;
  return fault == Fault::kRejected ? PersonNotice::kTryAnotherWay : kNotTheirs;
}

/// What an operator should look at; empty where the status says it.
std::string_view hint_of(int status) {
  if (status >= 300 && status < 400) return ", a redirect, which is not followed: is the URL right?";
  if (status == 401 || status == 403 || status == 407) return ": it refuses the credentials";
  return status == 404 || status == 405 ? ": is the URL right?" : "";
}

/// As it calls the form of its answer, such as `text/html`; of a stranger's text only what such a name may have.
std::string content_type_of(const HttpAnswer& answer) {
  constexpr std::size_t kLongest = 40;
  const auto header = answer.header("content-type").value_or("");
  std::string type(header.substr(0, std::min(header.find(';'), kLongest)));
  std::erase_if(type, [](char c) { return !is_letter_or_digit(c) && !std::string_view("/+.-").contains(c); });
  return type.empty() ? std::string() : " (" + type + ")";
}

}  // namespace

ProviderError provider_error_of(const HttpError& error) {
  return {is_ours_to_repair(error) ? Fault::kMisconfigured : Fault::kUnavailable,
          kNotTheirs,
          "",
          fmt::format("{}: {}", name_of(error.fault), error.detail),
          std::nullopt,
          error.maybe_sent,
          is_the_providers(error)};
}

ProviderError provider_error_of(const HttpAnswer& answer, WallTime now) {
  const Fault fault = fault_of_status(answer.status);
  const auto header = answer.header("retry-after");
  return {fault,
          notice_of(fault),
          "",
          fmt::format("HTTP status {}{}", answer.status, hint_of(answer.status)),
          header ? parse_retry_after(*header, now) : std::nullopt,
          may_have_acted(answer.status),
          answer.status >= 500 && fault == Fault::kUnavailable};
}

ProviderError unreadable_answer(const HttpAnswer& answer) {
  return {Fault::kUnavailable,
          kNotTheirs,
          "",
          fmt::format("HTTP status {} with a body of another form{}", answer.status, content_type_of(answer)),
          std::nullopt,
          true,
          true};
}

ProviderError only_codes() {
  return {Fault::kMisconfigured, PersonNotice::kTryAnotherWay, "",
          "Its template is for codes alone: notices need another provider.", std::nullopt};
}

}  // namespace countersign::delivery
