#pragma once

#include <string>
#include <string_view>

#include "api/json_writer.h"
#include "base/time.h"

namespace countersign::api::twilio {

/// `2026-11-22T14:05:09Z`: seconds, because clients in Python leave every other form a text.
[[nodiscard]] std::string date_text(WallTime time);

/// A text, or null for an empty one.
inline JsonWriter& text_or_null(JsonWriter& json, std::string_view text) {
  return text.empty() ? json.null() : json.text(text);
}

}  // namespace countersign::api::twilio
