#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace countersign::http {

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7)
[[nodiscard]] std::string to_http_date(WallTime time);

/// The Date header's value, updated once per second. One per thread.
class DateCache {
 public:
  [[nodiscard]] std::string_view at(WallTime now);

 private:
  std::int64_t second_ = -1;
  std::string text_;
};

}  // namespace countersign::http
