#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/response.h"
#include "store/error.h"
#include "usecase/verify/refusal.h"

namespace countersign::api::twilio {

using usecase::verify::Fault;
using usecase::verify::Refusal;

inline constexpr int kMalformed = 20001;  ///< A request that is no form, or none at all.

/// `{"code", "message", "more_info", "status"}`: every "no" of this API.
[[nodiscard]] http::Response error_response(int status, int code, std::string_view message);

/// By the table of codes. `path` is the request's, for the sentence of a 404.
[[nodiscard]] http::Response error_response(const Refusal& refusal, std::string_view path);

/// Broken machinery: 503 where nothing was changed, 500 for a bug. Never after a message went out.
[[nodiscard]] http::Response error_response(const store::StoreError& error);

/// Answers below /v2 that no handler gives: unknown paths and wrong methods, and what the HTTP server itself refuses or
/// breaks (ServerHooks::error_body).
[[nodiscard]] http::Response not_found_response(std::string_view path);
[[nodiscard]] http::Response method_not_allowed_response(std::string allow);
[[nodiscard]] http::Response server_error_response(int status, std::string_view code);
[[nodiscard]] bool is_ours(std::string_view path);

}  // namespace countersign::api::twilio
