#pragma once

#include <span>
#include <string_view>

#include "delivery/http_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// What one of Twilio's error codes means to us, for Verify and Messaging alike.
struct TwilioError {
  int first;  ///< A run of codes that are treated alike.
  int last;
  int http;  ///< The status it comes with; 0 for one that comes only in a delivery report or list, never as an answer.
  Fault fault;
  PersonNotice notice;
  std::string_view operator_note;  ///< One sentence: what happened and, where there is something to do, what.
};

/// The whole table, ascending, without overlaps.
[[nodiscard]] std::span<const TwilioError> twilio_errors();

/// The row of a code; null for one that we do not know.
[[nodiscard]] const TwilioError* find_twilio_error(int code);

/// Turns an answer outside 2xx into an error: by its Twilio code if the body has one that we know, else by its HTTP
/// status. A body that is not Twilio's JSON (a proxy's HTML page) is no obstacle.
[[nodiscard]] ProviderError twilio_error_of(const HttpAnswer& answer, WallTime now);

/// The error of a code from a delivery report (`ErrorCode`), where there is no HTTP answer.
[[nodiscard]] ProviderError twilio_error_of_code(int code);

}  // namespace countersign::delivery
