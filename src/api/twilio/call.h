#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/twilio/auth_tokens.h"
#include "api/twilio/error.h"
#include "api/twilio/fetch_limits.h"
#include "http/form.h"
#include "http/reply.h"
#include "usecase/verify_api/access_token.h"
#include "usecase/verify_api/device.h"

namespace countersign::api::twilio {

using usecase::verify_api::refuse;
using usecase::verify_api::Verdict;

/// What the handlers of this API need. One per process.
struct Twilio {
  const Api& api;
  const AuthTokens& tokens;
  std::unique_ptr<FetchLimits> fetches = std::make_unique<FetchLimits>();
};

/// Who may call a route beside the account's own applications, signed in as `token`: a phone that has one of the
/// account's access tokens, to register itself, or a registered one (guests.h).
enum class Guests : std::uint8_t { kNone, kNewDevices, kDevices };

/// An authenticated request. Unknown parameters are ignored, as by Twilio.
struct Call {
  http::Request request;
  usecase::Caller caller;
  http::Form form;
  http::Form query;
  std::optional<usecase::verify_api::KnownDevice> device{};     ///< It calls, for itself alone.
  std::optional<usecase::verify_api::AccessClaim> new_phone{};  ///< It calls, to register itself.
  std::optional<usecase::verify_api::SignedAnswer> answer{};    ///< What a device signed: `AuthPayload`.
};

/// A success.
struct Answered {
  int status = 200;
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::function<void()> after{};  ///< Runs after the commit, before the response is sent.
};

/// Authenticates by HTTP Basic, with account SID and auth token or with an API key's SID and secret; filters by
/// address; reads the form. Then calls `next`, or sends the error. `guests`: who else may call; no filter by address
/// applies to them.
[[nodiscard]] http::Handler signed_in(const Twilio& twilio, std::function<void(Call, http::Reply)> next,
                                      Guests guests = Guests::kNone);

/// Runs in one database transaction. A refusal rolls back, unless it says to keep the writes.
using Unit = std::function<Verdict<Answered>(const usecase::Work&, const Call&)>;
void add_write(http::Router& router, const Twilio& twilio, http::Method method, std::string_view pattern,
               std::string_view name, Unit unit, Guests guests = Guests::kNone);
/// Runs on a snapshot.
void add_read(http::Router& router, const Twilio& twilio, std::string_view pattern, std::string_view name, Unit unit,
              Guests guests = Guests::kNone);
/// The handler of add_write(), for a call that is signed in.
void run_write(const Twilio& twilio, Call call, http::Reply reply, const Unit& unit);

/// Rolls back on a refusal, unless it says to keep the writes.
template <class T>
void abandon_if_refused(store::Tx& tx, const Verdict<T>& verdict) {
  if (!verdict && !verdict.error().keep) tx.abandon();
}

[[nodiscard]] http::Response response_of(Answered answered);

/// The error response: the store failed, or the use case refused. Nothing on success. `path` is the request's.
template <class T>
[[nodiscard]] std::optional<http::Response> refusal_of(const Result<Verdict<T>, store::StoreError>& result,
                                                       const std::string& path) {
  if (!result) return error_response(result.error());
  if (!*result) return error_response(result->error(), path);
  return std::nullopt;
}

/// Adds the request's id under the header name that clients of this API expect.
[[nodiscard]] http::Response with_id(http::Response response, const std::string& id);

}  // namespace countersign::api::twilio
