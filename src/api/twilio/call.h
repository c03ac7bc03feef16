#pragma once

#include <functional>
#include <memory>
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

namespace countersign::api::twilio {

using usecase::verify::refuse;
using usecase::verify::Verdict;

/// What the handlers of this API work with. One for the process.
struct Twilio {
  const Api& api;
  const AuthTokens& tokens;
  std::unique_ptr<FetchLimits> fetches = std::make_unique<FetchLimits>();
};

/// A request that was let in. Unknown parameters are passed over, as Twilio does.
struct Call {
  http::Request request;
  usecase::Caller caller;
  http::Form form;
  http::Form query;
};

/// A "yes".
struct Answered {
  int status = 200;
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::function<void()> after{};  ///< Runs when it is durable, before the answer goes out.
};

/// Authenticates by HTTP Basic, with account SID and auth token or with an API key's SID and secret; filters by
/// address; reads the form. Then calls `next`, or answers why not.
[[nodiscard]] http::Handler signed_in(const Twilio& twilio, std::function<void(Call, http::Reply)> next);

/// Inside one database transaction. A refusal undoes what was written, unless it says to keep it.
using Work = std::function<Verdict<Answered>(store::Tx&, const Call&, Moment&)>;
void add_write(http::Router& router, const Twilio& twilio, http::Method method, std::string_view pattern,
               std::string_view name, Work work);
/// On a snapshot.
void add_read(http::Router& router, const Twilio& twilio, std::string_view pattern, std::string_view name, Work work);

/// Runs `work` for a request that is signed in already.
void run_write(const Twilio& twilio, Call call, http::Reply reply, Work work);

[[nodiscard]] http::Response response_of(Answered answered);

/// Sends a response with the request's id, under the name by which clients of this API look for it.
void send_with_id(http::Reply& reply, http::Response response, const std::string& id);

}  // namespace countersign::api::twilio
