#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/api.h"
#include "api/problem.h"
#include "http/reply.h"
#include "usecase/idempotent.h"

namespace countersign::api::v1 {

/// A request that was let in: who calls, and the body as JSON where the route takes one.
struct Call {
  http::Request request;
  usecase::Caller caller;
  json::object body;
};

/// kEmpty: none, or an object without members.
enum class Body { kNone, kEmpty, kRequired };

/// Authenticates, filters by address, and reads the body; then calls `next`, or answers why not. `parameters` are the
/// names that may be in the query, once each: a filter that is misspelt must not list everything.
/// Codes: `unauthorized` 401, `address_not_allowed` 403, `unsupported_media_type` 415, `malformed_query`,
/// `malformed_json`, `duplicate_name`, `number_out_of_range`, `nested_too_deep`, `not_an_object` 400, `invalid_field`
/// 422. [API-4, API-6, API-7]
[[nodiscard]] http::Handler authenticated(const Api& api, Body body, std::function<void(Call, http::Reply)> next,
                                          std::vector<std::string_view> parameters = {});

/// The Idempotency-Key without its quotes, if there is one. The failure is the answer to one that is empty, longer than
/// 255 bytes or sent twice.
[[nodiscard]] Result<std::optional<std::string>, http::Response> idempotency_key(const http::Request& request);

/// What was read of a request that is to be written; nothing after an answer that says what is wrong with its
/// Idempotency-Key or, after that, with itself.
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

/// What a writing route does inside its database transaction. The thread that runs it is one for all requests: what
/// can be read and checked before is.
using Write = std::function<usecase::Answer<usecase::Recorded>(store::Tx&, const Call&, Moment&)>;

/// What is done when a write is durable, before its answer goes out, after a repetition too. It has nothing to remember
/// a run of the unit in, because the unit may have run more than once: what one has made is in its outcome (Recorded).
using After = void (*)(const Api&);
void nudge(const Api& api);  ///< The courier has something to do.

/// Makes of the answer that is kept the one that is sent, in the same transaction, each time: for secrets that a
/// repetition may not show for as long as answers are kept.
using Complete = std::function<std::string(store::Tx&, const Call&, std::string body, Moment&)>;

/// Runs `write` once per Idempotency-Key in one transaction and answers with what it made. A message that it queued is
/// handed over when that is durable.
void run_write(const Api& api, Call call, http::Reply reply, Write write, After after = nullptr,
               Complete complete = {});

/// Runs `read` on a snapshot.
using Read = std::function<usecase::Answer<std::string>(store::Tx&, const Call&, Moment&)>;
void run_read(const Api& api, Call call, http::Reply reply, Read read);

/// The handler of a route that does nothing but write, or read, in one transaction; `after` as in run_write.
using Writer = usecase::Answer<usecase::Recorded> (*)(const Api&, store::Tx&, const Call&, Moment&);
using Reader = usecase::Answer<std::string> (*)(const Api&, store::Tx&, const Call&, Moment&);
[[nodiscard]] http::Handler writes(const Api& api, Body body, Writer write, After after = nullptr,
                                   std::vector<std::string_view> parameters = {});
[[nodiscard]] http::Handler reads(const Api& api, Reader read, std::vector<std::string_view> parameters = {});

[[nodiscard]] http::Response json_response(int status, std::string body);

/// `?limit=` 1 to 200, default 50; nothing for anything else.
[[nodiscard]] std::optional<int> page_limit(const http::Request& request);

}  // namespace countersign::api::v1
