#pragma once

#include <string>
#include <string_view>

#include "http/response.h"
#include "store/error.h"
#include "usecase/problem.h"

namespace countersign::api {

/// Every "no" of the native API, as RFC 9457 `application/problem+json` with a stable `code`. The table of codes is
/// here and nowhere else; docs/errors.md lists it for people. [API-1]
[[nodiscard]] http::Response problem_response(const usecase::Problem& problem);

/// Problems that no use case knows of: authentication, media types, routes, broken machinery.
[[nodiscard]] http::Response problem_response(int status, std::string_view code, std::string_view detail = "");

/// 503 with Retry-After for what passes, 500 for bugs. What the database said goes to the log, not here.
[[nodiscard]] http::Response problem_response(const store::StoreError& error);

/// The public code of a problem: `wrong_code`, `rate_limited`, …
[[nodiscard]] std::string_view code_text(usecase::Code code);

}  // namespace countersign::api
