#pragma once

#include <string>
#include <string_view>

#include "http/response.h"

namespace countersign::http {

/// What the connection adds to a handler's response.
struct ResponseFrame {
  std::string_view date;  ///< IMF-fixdate
  std::string_view request_id;
  bool head_only = false;  ///< The answer to HEAD: Content-Length says what GET's would be, no body follows.
  bool close = false;
};

/// False where a header's name is no token or a value, the content type included, could break out of its line.
[[nodiscard]] bool is_writable(const Response& response);

/// Appends the whole message to `out`: one buffer, one write. `response` is writable.
void append_response(std::string& out, const Response& response, const ResponseFrame& frame);

}  // namespace countersign::http
