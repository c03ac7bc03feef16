#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "api/problem.h"
#include "http/reply.h"
#include "usecase/idempotency.h"

namespace countersign::api::v1 {

/// An authenticated request: the caller, and the body as JSON if the route has one.
struct Call {
  http::Request request;
  usecase::Caller caller;
  json::object body;
  bool beside = false;  ///< As usecase::IdempotencyKey::beside.
};

/// kEmpty: no body, or an object without members. kOptional: no body, or an object.
enum class Body { kNone, kEmpty, kOptional, kRequired };

/// Authenticates, filters by address, and reads the body; then calls `next`, or sends the error. `parameters`: the
/// allowed names in the query, once each; a misspelt filter must not list everything. Codes: `unauthorized` 401,
/// `address_not_allowed` 403, `unsupported_media_type` 415, `malformed_query`, `malformed_json`, `duplicate_name`,
/// `number_out_of_range`, `nested_too_deep`, `not_an_object` 400, `invalid_field` 422. [API-4, API-6, API-7]
[[nodiscard]] http::Handler authenticated(const Api& api, Body body, std::function<void(Call, http::Reply)> next,
                                          std::vector<std::string_view> parameters = {});

/// The Idempotency-Key without its quotes, if there is one. The failure is the response to a key that is empty, longer
/// than 255 bytes or sent twice.
[[nodiscard]] Result<std::optional<std::string>, http::Response> idempotency_key(const http::Request& request);

/// The key as the use cases have it; nothing where there is none, or one that idempotency_key() refuses.
[[nodiscard]] std::optional<usecase::IdempotencyKey> key_of(const Call& call);

/// The parsed request of a write; nothing after an error response about its Idempotency-Key or, after that, about its
/// content.
template <class Request>
[[nodiscard]] std::optional<Request> accept(const Call& call, usecase::Answer<Request> request, http::Reply& reply) {
  if (auto key = idempotency_key(call.request); !key)
    reply.send(std::move(key).error());
  else if (!request)
    reply.send(problem_response(request.error()));
  else
    return *std::move(request);
  return std::nullopt;
}

/// What a writing route does inside its database transaction, on behalf of the call's caller. The thread that runs it
/// is one for all requests: what can be read and checked before is.
using Write = std::function<usecase::Answer<usecase::Recorded>(const usecase::Work&, const Call&)>;

/// Runs after the commit, before the response is sent, also after a repetition. It keeps no state of a run of the unit,
/// because the unit may run more than once: what a run made is in its outcome (Recorded).
using After = void (*)(const Api&);
void nudge(const Api& api);  ///< The courier has work.

/// Turns the stored answer into the one to send, in the same transaction, each time: for secrets that a repetition must
/// not show for as long as answers are stored.
using Complete = std::function<std::string(const usecase::Work&, std::string body)>;

/// Runs `write` once per Idempotency-Key in one transaction and sends its answer. A message that it queued is handed
/// over after the commit.
void run_write(const Api& api, Call call, http::Reply reply, Write write, After after = nullptr,
               Complete complete = {});

/// Runs `read` on a snapshot.
using Read = std::function<usecase::Answer<std::string>(const usecase::Work&, const Call&)>;
void run_read(const Api& api, Call call, http::Reply reply, Read read);

/// The handler of a route that only writes, or only reads, in one transaction; `after` as in run_write.
[[nodiscard]] http::Handler writes(const Api& api, Body body, Write write, After after = nullptr,
                                   std::vector<std::string_view> parameters = {});
[[nodiscard]] http::Handler reads(const Api& api, Read read, std::vector<std::string_view> parameters = {});

[[nodiscard]] http::Response json_response(int status, std::string body);

/// `?limit=` 1 to 200, default 50; nothing for an invalid value.
[[nodiscard]] std::optional<int> page_limit(const http::Request& request);

}  // namespace countersign::api::v1
