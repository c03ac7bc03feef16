#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/response.h"
#include "store/error.h"
#include "usecase/verify_api/refusal.h"

namespace countersign::api::twilio {

using usecase::verify_api::ErrorCode;
using usecase::verify_api::Refusal;

inline constexpr int kMalformed = 20001;  ///< The body is missing or not a form.

/// `{"code", "message", "more_info", "status"}`: every error of this API.
[[nodiscard]] http::Response error_response(int status, int code, std::string_view message);

/// The protocol's number, such as 60200.
[[nodiscard]] int number_of(ErrorCode code);

/// From the table of codes. `path` is the request's, for the message of a 404.
[[nodiscard]] http::Response error_response(const Refusal& refusal, std::string_view path);

/// Server errors: 503 if nothing was changed, 500 for a bug. Never after a message was sent.
[[nodiscard]] http::Response error_response(const store::StoreError& error);

/// Errors below /v2 outside of handlers: unknown paths, wrong methods, and errors of the HTTP server itself
/// (ServerHooks::error_body).
[[nodiscard]] http::Response not_found_response(std::string_view path);
[[nodiscard]] http::Response method_not_allowed_response(std::string allow);
[[nodiscard]] http::Response server_error_response(int status, std::string_view code);
[[nodiscard]] bool is_ours(std::string_view path);

}  // namespace countersign::api::twilio
