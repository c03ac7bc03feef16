#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/response.h"
#include "store/error.h"
#include "usecase/problem.h"

namespace countersign::api {

/// The refusals of the native API, as RFC 9457 `application/problem+json` with a stable `code`. The only table of codes
/// is here; docs/errors.md documents it. [API-1]
[[nodiscard]] http::Response problem_response(const usecase::Problem& problem);

/// For problems outside of use cases: authentication, media types, routes, server errors.
[[nodiscard]] http::Response problem_response(int status, std::string_view code, std::string_view detail = "");

/// 503 with Retry-After for a temporary failure, 500 for a bug. The database's message goes to the log, not into the
/// response.
[[nodiscard]] http::Response problem_response(const store::StoreError& error);

/// The error response: the store failed, or the use case refused. Nothing on success.
template <class T>
[[nodiscard]] std::optional<http::Response> refusal_of(const Result<usecase::Answer<T>, store::StoreError>& result) {
  if (!result) return problem_response(result.error());
  if (!*result) return problem_response(result->error());
  return std::nullopt;
}

/// The public code of a problem: `wrong_code`, `rate_limited`, …
[[nodiscard]] std::string_view code_text(usecase::Code code);

}  // namespace countersign::api
