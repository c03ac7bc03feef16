#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/twilio/call.h"
#include "base/ip.h"

namespace countersign::api::twilio {

// Phones with Twilio's mobile SDKs call this API themselves, with HTTP Basic and the user `token`. The password is an
// access token, or a JWT that the phone's key signed.

struct Basic {
  std::string user;
  std::string password;
};
inline constexpr std::string_view kGuestUser = "token";

/// Judges the password and calls `next` on behalf of the phone, or sends the error: what is needed is read on a
/// snapshot, and the signature verified on the reply's own thread. Failures count as failed logins of `client`, but not
/// what is refused unread: malformed, or not of now.
void sign_in_guest(const Twilio& twilio, Guests guests, const Basic& basic, const IpAddress& client,
                   http::Request request, http::Reply reply, std::function<void(Call, http::Reply)> next);

/// 401, or 429 with the time to wait. `WWW-Authenticate` is included.
[[nodiscard]] http::Response unauthenticated(std::optional<Duration> retry_after);
/// Reads form and query. Fails with the response.
[[nodiscard]] Result<Call, http::Response> read_call(http::Request request, usecase::Caller caller);

/// For a route where `AuthPayload` may be what a device signed: judges it on the reply's own thread, by the key of the
/// factor or challenge in the path, and runs `unit` with the judgement in Call::answer. Shorter ones are codes of apps.
enum class AnswerOf : std::uint8_t { kFactor, kChallenge };
void add_answered_write(http::Router& router, const Twilio& twilio, std::string_view pattern, std::string_view name,
                        Unit unit, AnswerOf of);

}  // namespace countersign::api::twilio
