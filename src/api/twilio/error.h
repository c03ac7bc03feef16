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
/// Source of the passkeys' (60362, 60366, 60370, 60371, 60375 to 60381, 60383, 60386, 60390 to 60393): Twilio's error
/// dictionary (docs/api/errors), which has each number with the title that the table gives it. Inferred, because the
/// dictionary does not say it: their HTTP statuses (400; 404 where something is not found), and that an identity of
/// the wrong form is 60366 ("Entity"), whose text gives the rule of the form, and not 60367 ("Invalid entity
/// identity").
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
