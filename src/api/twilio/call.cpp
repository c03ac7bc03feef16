#include "api/twilio/call.h"

#include <optional>

#include "api/client.h"
#include "api/failed_logins.h"
#include "api/run.h"
#include "api/twilio/guests.h"
#include "base/ascii.h"
#include "base/encoding.h"
#include "http/characters.h"
#include "usecase/verify_api/service.h"

namespace countersign::api::twilio {

namespace {

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

std::optional<SignedIn> who(const Twilio& twilio, const std::optional<Basic>& basic) {
  if (!basic) return std::nullopt;
  if (const auto match = twilio.tokens.find(basic->user, basic->password))
    return SignedIn{*AccountId::parse(basic->user), "api:" + basic->user, *match == AuthTokens::Match::kTest};
  const auto key = twilio.api.keys.find(basic->user + "." + basic->password, twilio.api.clock.now());
  // The Verify-compatible API has its own test credentials.
  if (!key || is_test(key->account)) return std::nullopt;
  return SignedIn{key->account, "api:" + key->id.text(), false};
}

/// Paths that test credentials may use: services, of which they see only test services. Not what all services share,
/// and not people, whose factors also prove elsewhere.
bool is_for_tests(std::string_view path) {
  constexpr std::string_view kServices = "/v2/Services";
  const bool service = path == kServices || path.starts_with("/v2/Services/");
  return service && path.find("/Entities") == std::string_view::npos &&
         path.find("/Passkeys") == std::string_view::npos && path.find("/AccessTokens") == std::string_view::npos;
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

/// The caller of a unit is still there: a device may have been removed since it signed in.
Verdict<Answered> run_unit(const Unit& unit, const usecase::Work& work, const Call& call) {
  if (call.device && !usecase::verify_api::is_still_known(work, *call.device)) return refuse(ErrorCode::kAuthenticate);
  return unit(work, call);
}

}  // namespace

http::Response unauthenticated(std::optional<Duration> retry_after) {
  Refusal refusal{retry_after ? ErrorCode::kTooManyRequests : ErrorCode::kAuthenticate};
  refusal.retry_after = retry_after;
  return error_response(refusal, "");
}

http::Response response_of(Answered answered) {
  if (answered.body.empty()) return {answered.status, "", "", std::move(answered.headers)};
  return {answered.status, "application/json", std::move(answered.body), std::move(answered.headers)};
}

http::Response with_id(http::Response response, const std::string& id) {
  response.headers.emplace_back("Twilio-Request-Id", id);
  return response;
}

http::Handler signed_in(const Twilio& twilio, std::function<void(Call, http::Reply)> next, Guests guests) {
  return [&twilio, next = std::move(next), guests](http::Request request, http::Reply reply) {
    const Api& api = twilio.api;
    const IpAddress client = client_of(request, api.trusted_proxies);
    const auto basic = basic_of(request);
    if (guests != Guests::kNone && basic && basic->user == kGuestUser)
      return sign_in_guest(twilio, guests, *basic, client, std::move(request), std::move(reply), next);
    auto signed_in = who(twilio, basic);
    const auto account =
        signed_in ? api.context.settings.accounts.find(signed_in->account) : api.context.settings.accounts.end();
    if (account == api.context.settings.accounts.end())
      return answer_failed_login(api, client, std::move(reply), unauthenticated);
    reply.say_account(account->first.text());
    const bool shut_out = !account->second.ip_filter.allows(client);
    if (shut_out || (signed_in->test_only && !is_for_tests(request.path)))
      return reply.send(with_id(error_response(Refusal{ErrorCode::kForbidden}, ""), request.id));
    const std::string id = request.id;
    auto call = read_call(std::move(request),
                          {signed_in->account, std::move(signed_in->actor), id, std::nullopt, signed_in->test_only});
    if (!call) return reply.send(with_id(std::move(call.error()), id));
    next(*std::move(call), std::move(reply));
  };
}

Result<Call, http::Response> read_call(http::Request request, usecase::Caller caller) {
  auto query = http::parse_form(request.query);
  auto form = http::parse_form(takes_json(request) ? std::string_view() : std::string_view(request.body));
  if (is_no_form(request) || !query || !form) return fail(error_response(400, kMalformed, kSendAForm));
  return Call{std::move(request), std::move(caller), *std::move(form), *std::move(query)};
}

void run_write(const Twilio& twilio, Call call, http::Reply reply, const Unit& unit) {
  const Api& api = twilio.api;
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
                               : run_unit(unit, {tx, api.context, call.caller, moment}, call);
        abandon_if_refused(tx, verdict);
        return verdict;
      },
      [path = std::move(path), id = std::move(id)](Result<Verdict<Answered>, store::StoreError> result) {
        return with_id(answer(std::move(result), path), id);
      });
}

void add_write(http::Router& router, const Twilio& twilio, http::Method method, std::string_view pattern,
               std::string_view name, Unit unit, Guests guests) {
  router.add(method, pattern, name,
             signed_in(
                 twilio,
                 [&twilio, unit = std::move(unit)](Call call, http::Reply reply) {
                   run_write(twilio, std::move(call), std::move(reply), unit);
                 },
                 guests));
}

void add_read(http::Router& router, const Twilio& twilio, std::string_view pattern, std::string_view name, Unit unit,
              Guests guests) {
  router.add(
      http::Method::kGet, pattern, name,
      signed_in(
          twilio,
          [&api = twilio.api, unit = std::move(unit)](Call call, http::Reply reply) {
            std::string path = call.request.path;
            std::string id = call.request.id;
            run_on_snapshot(
                api, std::move(reply),
                [&api, call = std::move(call), unit](store::Tx& tx) {
                  Moment moment = api.moment();
                  return run_unit(unit, {tx, api.context, call.caller, moment}, call);
                },
                [path = std::move(path), id = std::move(id)](Result<Verdict<Answered>, store::StoreError> result) {
                  return with_id(answer(std::move(result), path), id);
                });
          },
          guests));
}

}  // namespace countersign::api::twilio
