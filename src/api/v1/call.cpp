#include "api/v1/call.h"

#include <algorithm>
#include <memory>

#include "api/client.h"
#include "api/failed_logins.h"
#include "api/run.h"
#include "api/v1/fields.h"
#include "base/ascii.h"
#include "base/number.h"
#include "http/form.h"

namespace countersign::api::v1 {

namespace {

constexpr std::size_t kIdempotencyKeyMax = 255;

bool is_json(std::string_view content_type) {
  const std::string_view media = content_type.substr(0, content_type.find(';'));
  return equals_ignoring_case(media.substr(0, media.find_last_not_of(" \t") + 1), "application/json");
}

http::Response json_problem(const JsonError& error) {
  const std::string detail = "at byte " + std::to_string(error.offset);
  switch (error.code) {
    case JsonError::Code::kSyntax:
      return problem_response(400, "malformed_json", detail);
    case JsonError::Code::kDuplicateName:
      return problem_response(400, "duplicate_name", "an object has the same name twice, " + detail);
    case JsonError::Code::kNumberOutOfRange:
      return problem_response(400, "number_out_of_range", "send big or very precise numbers as strings, " + detail);
    case JsonError::Code::kTooDeep:
      return problem_response(400, "nested_too_deep", detail);
  }
  return problem_response(400, "malformed_json");
}

/// Reads the body into `call.body`, or returns the error.
std::optional<http::Response> read_body(Call& call, Body body) {
  const bool may_be_absent = body == Body::kEmpty || body == Body::kOptional;
  if (body == Body::kNone || (may_be_absent && call.request.body.empty())) return std::nullopt;
  if (!is_json(call.request.header("content-type").value_or(""))) {
    return problem_response(415, "unsupported_media_type", "send application/json");
  }
  auto value = parse_json(call.request.body);
  if (!value) return json_problem(value.error());
  if (!value->is_object()) return problem_response(400, "not_an_object", "the body must be a JSON object");
  call.body = std::move(value->get_object());
  if (body == Body::kEmpty) {
    if (const Fields fields(call.body, "", {}); fields.problem()) return problem_response(*fields.problem());
  }
  return std::nullopt;
}

/// What is wrong with the query, if anything.
std::optional<http::Response> query_problem(const http::Request& request, const std::vector<std::string_view>& known) {
  if (request.query.empty()) return std::nullopt;
  const auto form = http::parse_form(request.query);
  if (!form) return problem_response(400, "malformed_query", "must be few parameters in UTF-8, without NUL");
  const auto refuse = [](std::string_view name, std::string_view detail) {
    return problem_response(
        usecase::Problem{usecase::Code::kInvalidField, std::string(detail), std::string(repeatable_name(name))});
  };
  for (const auto& [name, value] : form->fields) {
    if (std::ranges::find(known, name) == known.end()) return refuse(name, "is not a parameter of this request");
    if (form->count(name) > 1) return refuse(name, "must come once");
  }
  return std::nullopt;
}

http::Response unauthorized(std::optional<Duration> retry_after) {
  if (retry_after) {
    return problem_response(usecase::Problem{usecase::Code::kRateLimited,
                                             "too many failed authentications from this address", "", retry_after});
  }
  auto response = problem_response(401, "unauthorized", "send a valid API key as a bearer token");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"countersign\"");
  return response;
}

std::string_view bearer_of(const http::Request& request) {
  if (request.header_count("authorization") != 1) return {};
  const std::string_view value = *request.header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size() || !equals_ignoring_case(value.substr(0, kScheme.size()), kScheme)) return {};
  return value.substr(kScheme.size());
}

std::string actor_of(const ApiKeyId& id) {
  constexpr std::string_view kApi = "api:";
  std::string actor;
  actor.reserve(kApi.size() + kIdTextSize);
  actor += kApi;
  id.append_to(actor);
  return actor;
}

}  // namespace

Result<std::optional<std::string>, http::Response> idempotency_key(const http::Request& request) {
  const auto count = request.header_count("idempotency-key");
  if (count == 0) return std::optional<std::string>();
  std::string_view key = *request.header("idempotency-key");
  // The draft defines a structured-field string; bare keys, which most clients send, are accepted as they are.
  if (key.size() >= 2 && key.front() == '"' && key.back() == '"') key = key.substr(1, key.size() - 2);
  if (count > 1 || key.empty() || key.size() > kIdempotencyKeyMax) {
    return fail(problem_response(400, "invalid_idempotency_key", "send one Idempotency-Key of 1 to 255 characters"));
  }
  return std::optional(std::string(key));
}

std::optional<usecase::IdempotencyKey> key_of(const Call& call) {
  auto name = idempotency_key(call.request);
  if (!name || !*name) return std::nullopt;
  return usecase::IdempotencyKey{**std::move(name), std::string(call.request.route) + ' ' + call.request.path,
                                 call.request.body, call.beside};
}

http::Response json_response(int status, std::string body) {
  if (body.empty()) return {status, "", "", {}};
  return {status, "application/json", std::move(body), {}};
}

http::Handler authenticated(const Api& api, Body body, std::function<void(Call, http::Reply)> next,
                            std::vector<std::string_view> parameters) {
  return [&api, body, next = std::move(next), parameters = std::move(parameters)](http::Request request,
                                                                                  http::Reply reply) {
    const IpAddress client = client_of(request, api.trusted_proxies);
    const auto key = api.keys.find(bearer_of(request), api.clock.now());
    const auto& settings = api.context.settings;
    const auto account = key ? settings.accounts.find(key->account) : settings.accounts.end();
    if (account == settings.accounts.end() || (is_test(key->account) && !settings.test_mode))
      return answer_failed_login(api, client, std::move(reply), unauthorized);
    reply.say_account(key->account.text());
    if (!account->second.ip_filter.allows(client)) {
      return reply.send(
          problem_response(403, "address_not_allowed", "this account does not accept calls from your address"));
    }
    Call call{std::move(request), {key->account, actor_of(key->id), "", std::nullopt}, {}};
    call.caller.request_id = call.request.id;
    call.caller.may_vouch = key->may_vouch;
    call.caller.may_administer = key->may_administer;
    if (auto problem = query_problem(call.request, parameters)) return reply.send(*std::move(problem));
    if (auto problem = read_body(call, body)) return reply.send(*std::move(problem));
    next(std::move(call), std::move(reply));
  };
}

void nudge(const Api& api) { api.courier.nudge(); }

void run_write(const Api& api, Call call, http::Reply reply, Write write, After after, Complete complete) {
  auto name = idempotency_key(call.request);
  if (!name) return reply.send(std::move(name).error());
  std::optional<usecase::IdempotencyKey> key = key_of(call);
  const AccountId whose = call.caller.account;
  // On its own, because a unit is moved several times on its way to the store.
  auto held = std::make_unique<const Call>(std::move(call));
  run(
      api, std::move(reply),
      [&api, call = std::move(held), key = std::move(key), write = std::move(write),
       complete = std::move(complete)](store::Tx& tx) {
        const AccountId& account = call->caller.account;
        if (auto refused = is_test(account)
                               ? usecase::count_test_write(tx, account, call->request.body.size(), api.clock.now())
                               : std::nullopt)
          return usecase::Answer<usecase::Recorded>(fail(*std::move(refused)));
        Moment moment = api.moment(tx, account);
        const usecase::Work work{tx, api.context, call->caller, moment};
        auto answer = usecase::idempotent(work, key, [&] { return write(work, *call); });
        if (answer) work_off(work);
        if (answer && complete) answer->body = complete(work, std::move(answer->body));
        return answer;
      },
      [&api, whose, after](Result<usecase::Answer<usecase::Recorded>, store::StoreError> result) {
        if (auto refusal = refusal_of(result)) return *std::move(refusal);
        if ((*result)->queued) api.courier.deliver(std::move((*result)->queued));
        if (after != nullptr) after(api);
        api.nudge(whose);
        return json_response((*result)->http_status, std::move((*result)->body));
      });
}

void run_read(const Api& api, Call call, http::Reply reply, Read read) {
  run_on_snapshot(
      api, std::move(reply),
      [&api, call = std::move(call), read = std::move(read)](store::Tx& tx) {
        Moment moment = api.moment(tx, call.caller.account);
        return read({tx, api.context, call.caller, moment}, call);
      },
      [](Result<usecase::Answer<std::string>, store::StoreError> result) {
        if (auto refusal = refusal_of(result)) return *std::move(refusal);
        return json_response(200, std::move(**result));
      });
}

http::Handler writes(const Api& api, Body body, Write write, After after, std::vector<std::string_view> parameters) {
  return authenticated(
      api, body,
      [&api, write = std::move(write), after](Call call, http::Reply reply) {
        run_write(api, std::move(call), std::move(reply), write, after);
      },
      std::move(parameters));
}

http::Handler reads(const Api& api, Read read, std::vector<std::string_view> parameters) {
  return authenticated(
      api, Body::kNone,
      [&api, read = std::move(read)](Call call, http::Reply reply) {
        run_read(api, std::move(call), std::move(reply), read);
      },
      std::move(parameters));
}

std::optional<int> page_limit(const http::Request& request) {
  const auto text = request.query_value("limit");
  if (!text) return 50;
  const auto limit = parse_number<int>(*text);
  return limit && *limit >= 1 && *limit <= 200 ? limit : std::nullopt;
}

}  // namespace countersign::api::v1
