#include "api/twilio/call.h"

#include <optional>

#include "api/client.h"
#include "api/failed_logins.h"
#include "api/run.h"
#include "base/ascii.h"
#include "base/encoding.h"
#include "http/characters.h"
#include "usecase/verify_api/service.h"

namespace countersign::api::twilio {

namespace {

constexpr int kAuthenticate = 20003;
struct Basic {
  std::string user;
  std::string password;
};

std::optional<Basic> basic_of(const http::Request& request) {
  if (request.header_count("authorization") != 1) return std::nullopt;
  const std::string_view value = *request.header("authorization");
  constexpr std::string_view kScheme = "basic ";
  if (value.size() <= kScheme.size() || !equals_ignoring_case(value.substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  const auto plain = from_base64(trim_blanks(value.substr(kScheme.size())));
  const auto colon = plain ? plain->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Basic{plain->substr(0, colon), plain->substr(colon + 1)};
}

struct SignedIn {
  AccountId account;
  std::string actor;
  bool test_only;
};

std::optional<SignedIn> who(const Twilio& twilio, const http::Request& request) {
  const auto basic = basic_of(request);
  if (!basic) return std::nullopt;
  if (const auto match = twilio.tokens.find(basic->user, basic->password))
    return SignedIn{*AccountId::parse(basic->user), "api:" + basic->user, *match == AuthTokens::Match::kTest};
  const auto key = twilio.api.keys.find(basic->user + "." + basic->password, twilio.api.clock.now());
  // The Verify-compatible API has its own test credentials.
  if (!key || is_test(key->account)) return std::nullopt;
  return SignedIn{key->account, "api:" + key->id.text(), false};
}

http::Response unauthenticated(std::optional<Duration> retry_after) {
  if (retry_after) {
    Refusal refusal{ErrorCode::kTooManyRequests};
    refusal.retry_after = *retry_after;
    return error_response(refusal, "");
  }
  auto response = error_response(401, kAuthenticate, "Authenticate");
  response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Countersign\"");
  return response;
}

/// Paths that test credentials may use: services, of which they see only test services. Not what all services share,
/// and not people, whose factors also prove elsewhere.
bool is_for_tests(std::string_view path) {
  constexpr std::string_view kServices = "/v2/Services";
  const bool service = path == kServices || path.starts_with("/v2/Services/");
  return service && path.find("/Entities") == std::string_view::npos &&
         path.find("/Passkeys") == std::string_view::npos;
}

constexpr std::string_view kSendAForm =
    "The request could not be read as a form. Send the parameters in the body of a POST as a form: "
    "Content-Type application/x-www-form-urlencoded; neither JSON, nor multipart, nor in the query";

/// Of passkeys, whose bodies are JSON.
bool takes_json(const http::Request& request) { return request.path.find("/Passkeys/") != std::string::npos; }

/// A body of another declared type, or a POST with all parameters in the query: both would be read as a form without
/// the required parameters. A body without a type may be a form.
bool is_no_form(const http::Request& request) {
  if (request.method != http::Method::kPost || takes_json(request)) return false;
  if (request.body.empty()) return !request.query.empty();
  const auto type = request.header("content-type");
  if (!type) return false;
  const auto name = trim_blanks(type->substr(0, type->find(';')));
  return !name.empty() && !equals_ignoring_case(name, "application/x-www-form-urlencoded");
}

http::Response answer(Result<Verdict<Answered>, store::StoreError> result, const std::string& path) {
  if (auto refusal = refusal_of(result, path)) return *std::move(refusal);
  if ((*result)->after) (*result)->after();
  return response_of(std::move(**result));
}

}  // namespace

http::Response response_of(Answered answered) {
  if (answered.body.empty()) return {answered.status, "", "", std::move(answered.headers)};
  return {answered.status, "application/json", std::move(answered.body), std::move(answered.headers)};
}

http::Response with_id(http::Response response, const std::string& id) {
  response.headers.emplace_back("Twilio-Request-Id", id);
  return response;
}

http::Handler signed_in(const Twilio& twilio, std::function<void(Call, http::Reply)> next) {
  return [&twilio, next = std::move(next)](http::Request request, http::Reply reply) {
    const Api& api = twilio.api;
    const IpAddress client = client_of(request, api.trusted_proxies);
    auto signed_in = who(twilio, request);
    const auto account =
        signed_in ? api.context.settings.accounts.find(signed_in->account) : api.context.settings.accounts.end();
    if (account == api.context.settings.accounts.end())
      return answer_failed_login(api, client, std::move(reply), unauthenticated);
    reply.say_account(account->first.text());
    const bool shut_out = !account->second.ip_filter.allows(client);
    if (shut_out || (signed_in->test_only && !is_for_tests(request.path)))
      return reply.send(with_id(error_response(Refusal{ErrorCode::kForbidden}, ""), request.id));
    auto query = http::parse_form(request.query);
    auto form = http::parse_form(takes_json(request) ? std::string_view() : std::string_view(request.body));
    if (is_no_form(request) || !query || !form)
      return reply.send(with_id(error_response(400, kMalformed, kSendAForm), request.id));
    Call call{std::move(request),
              {signed_in->account, std::move(signed_in->actor), "", std::nullopt, signed_in->test_only},
              *std::move(form),
              *std::move(query)};
    call.caller.request_id = call.request.id;
    next(std::move(call), std::move(reply));
  };
}

void add_write(http::Router& router, const Twilio& twilio, http::Method method, std::string_view pattern,
               std::string_view name, Unit unit) {
  router.add(method, pattern, name,
             signed_in(twilio, [&api = twilio.api, unit = std::move(unit)](Call call, http::Reply reply) {
               std::string path = call.request.path;
               std::string id = call.request.id;
               run(
                   api, std::move(reply),
                   [&api, call = std::move(call), unit](store::Tx& tx) {
                     Moment moment = api.moment();
                     auto counted = call.caller.test_only
                                        ? usecase::verify_api::count_test(tx, call.caller, "test writes",
                                                                          usecase::verify_api::kTestWrites, moment.now)
                                        : std::nullopt;
                     auto verdict = counted ? Verdict<Answered>(fail(*std::move(counted)))
                                            : unit({tx, api.context, call.caller, moment}, call);
                     abandon_if_refused(tx, verdict);
                     return verdict;
                   },
                   [path = std::move(path), id = std::move(id)](Result<Verdict<Answered>, store::StoreError> result) {
                     return with_id(answer(std::move(result), path), id);
                   });
             }));
}

void add_read(http::Router& router, const Twilio& twilio, std::string_view pattern, std::string_view name, Unit unit) {
  router.add(http::Method::kGet, pattern, name,
             signed_in(twilio, [&api = twilio.api, unit = std::move(unit)](Call call, http::Reply reply) {
               std::string path = call.request.path;
               std::string id = call.request.id;
               run_on_snapshot(
                   api, std::move(reply),
                   [&api, call = std::move(call), unit](store::Tx& tx) {
                     Moment moment = api.moment();
                     return unit({tx, api.context, call.caller, moment}, call);
                   },
                   [path = std::move(path), id = std::move(id)](Result<Verdict<Answered>, store::StoreError> result) {
                     return with_id(answer(std::move(result), path), id);
                   });
             }));
}

}  // namespace countersign::api::twilio
