#pragma once

#include <optional>
#include <string>

#include "api/v1/call.h"
#include "usecase/events.h"

namespace countersign::api::v1 {

// Query parameters of several lists. Each failure is `invalid_field` with the parameter's name.

/// `since` (inclusive) and `until` (exclusive), each RFC 3339.
[[nodiscard]] usecase::Answer<store::TimeRange> read_time_range(const http::Request& request);

/// A type of event or transaction: 1 to 64 letters, digits, dots, hyphens or underscores. Empty if absent.
[[nodiscard]] usecase::Answer<std::string> read_type(const http::Request& request);

/// `true` or `false`.
[[nodiscard]] usecase::Answer<std::optional<bool>> read_flag(const http::Request& request, std::string_view name);

/// `?transaction=TX…`.
[[nodiscard]] usecase::Answer<std::optional<TransactionId>> read_transaction_filter(const http::Request& request);

}  // namespace countersign::api::v1
