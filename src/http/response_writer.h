#pragma once

#include <string>
#include <string_view>

#include "http/response.h"

namespace countersign::http {

/// What the connection adds to a handler's response.
struct ResponseFrame {
  std::string_view date;  ///< IMF-fixdate
  std::string_view request_id;
  bool head_only = false;  ///< The answer to HEAD: Content-Length as for GET, without a body.
  bool close = false;
};

/// False if a header's name is not a token, or if a value, including the content type, could inject a line.
[[nodiscard]] bool is_writable(const Response& response);

/// Appends the whole message to `out`: one buffer, one write. Precondition: is_writable(response).
void append_response(std::string& out, const Response& response, const ResponseFrame& frame);

}  // namespace countersign::http
