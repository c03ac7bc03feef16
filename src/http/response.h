#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace countersign::http {

/// A handler's response.
///
/// The server adds Date, Content-Length, X-Content-Type-Options: nosniff, X-Request-Id, and Cache-Control: no-store
/// unless `headers` has a Cache-Control [API-9]; handlers must not set those, Connection or Transfer-Encoding. HEAD
/// gets only the headers. A header name or value that could inject a line turns the whole response into a 500.
struct Response {
  int status = 200;
  std::string content_type{};  ///< Exact, with charset for text; empty if there is no body.
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string code{};  ///< Of a refusal, such as `wrong_code`: for the access record, not sent.
};

/// `Not Found` for 404; empty for a status that has no registered phrase.
[[nodiscard]] std::string_view reason_phrase(int status);

/// A minimal problem+json: type about:blank, title, status and code. [API-1]
[[nodiscard]] Response plain_problem(int status, std::string_view code);

}  // namespace countersign::http
