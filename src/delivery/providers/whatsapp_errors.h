#pragma once

#include <span>
#include <string_view>

#include "delivery/http_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// What one of the WhatsApp Cloud API's error codes means to us, in an answer and in a delivery report alike.
struct WhatsappError {
  int first;  ///< A range of codes with the same treatment.
  int last;
  Fault fault;
  PersonNotice notice;
  bool outage;  ///< The API itself fails, whatever the message.
  std::string_view operator_note;
};

/// The whole table, ascending, without overlaps.
[[nodiscard]] std::span<const WhatsappError> whatsapp_errors();

/// Turns an answer outside 2xx into an error: by `/error/code` if it is known, whatever the HTTP status, title and
/// subcode say; otherwise by its HTTP status. The body need not be Meta's JSON.
[[nodiscard]] ProviderError whatsapp_error_of(const HttpAnswer& answer, WallTime now);

/// The error for a code from a delivery report; any unknown one is a final refusal.
[[nodiscard]] ProviderError whatsapp_error_of_code(std::int64_t code);

}  // namespace countersign::delivery
