#pragma once

#include <span>
#include <string_view>

#include "delivery/http_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// What one of Twilio's error codes means to us, for Verify and Messaging alike.
struct TwilioError {
  int first;  ///< A range of codes with the same treatment.
  int last;
  int http;  ///< The status of the answer; 0 for a code that appears only in a delivery report or list.
  Fault fault;
  PersonNotice notice;
  std::string_view operator_note;  ///< One sentence: what happened and, if possible, what to do.
};

/// The whole table, ascending, without overlaps.
[[nodiscard]] std::span<const TwilioError> twilio_errors();

/// The row of a code; null if unknown.
[[nodiscard]] const TwilioError* find_twilio_error(int code);

/// Turns an answer outside 2xx into an error: by its Twilio code if the body has a known one, otherwise by its HTTP
/// status. The body need not be Twilio's JSON (it may be a proxy's HTML page).
[[nodiscard]] ProviderError twilio_error_of(const HttpAnswer& answer, WallTime now);

/// The error for a code from a delivery report (`ErrorCode`), without an HTTP answer.
[[nodiscard]] ProviderError twilio_error_of_code(int code);

}  // namespace countersign::delivery
