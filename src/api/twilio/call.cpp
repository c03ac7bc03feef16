#include "api/twilio/call.h"

#include <optional>

#include "api/client.h"
#include "base/encoding.h"
#include "http/characters.h"
#include "store/repository/counters.h"

namespace countersign::api::twilio {

namespace {

constexpr int kAuthenticate = 20003;
constexpr int kMalformed = 20001;

struct Basic {
  std::string user;
  std::string password;
};

std::optional<Basic> basic_of(const http::Request& request) {
  if (request.header_count("authorization") != 1) return std::nullopt;
  const std::string_view value = *request.header("authorization");
  constexpr std::string_view kScheme = "basic ";
  if (value.size() <= kScheme.size() || !http::equals_ignoring_case(value.substr(0, kScheme.size()), kScheme))
    return std::nullopt;
  const auto plain = from_base64(http::trim_blanks(value.substr(kScheme.size())));
  const auto colon = plain ? plain->find(':') : std::string::npos;
  if (colon == std::string::npos) return std::nullopt;
  return Basic{plain->substr(0, colon), plain->substr(colon + 1)};
}

struct SignedIn {
  AccountId account;
  std::string actor;
};

/// Compared whether the account is known or not, so that the time says nothing about it.
std::optional<SignedIn> by_token(const AuthTokens& tokens, const Basic& basic) {
  const auto account = AccountId::parse(basic.user);
  const auto found = account ? tokens.find(*account) : tokens.end();
  const bool known = found != tokens.end();
  const bool equal = equal_constant_time(known ? found->second.expose() : std::string(32, ' '), basic.password);
  if (!known || !equal) return std::nullopt;
  return SignedIn{*account, "api:" + account->text()};
}

std::optional<SignedIn> who(const Twilio& twilio, const http::Request& request) {
  const auto basic = basic_of(request);
  if (!basic) return std::nullopt;
  if (auto found = by_token(twilio.tokens, *basic)) return found;
  const auto key = twilio.api.keys.find(basic->user + "." + basic->password, twilio.api.clock.now());
  if (!key) return std::nullopt;
  return SignedIn{key->account, "api:" + key->id.text()};
}

/// Told so a limited number of times for each address; the window is the native API's own.
void refuse_login(const Twilio& twilio, const IpAddress& client, http::Reply reply) {
  const Api& api = twilio.api;
  Executor& home = reply.executor();
  api.store.transact(
      home,
      [&api, client](store::Tx& tx) {
        const std::string key = "login ip " + api.context.vault.digester().blind_index("ip", client.limit_key());
        const auto& rate = api.failed_logins_per_ip;
        return rate.max == 0 || store::count_in_counter(tx, AccountId{}, key, rate, api.clock.now());
      },
      [reply = std::move(reply)](Result<bool, store::StoreError> counted) mutable {
        if (counted && !*counted) {
          Refusal refusal{Fault::kTooManyRequests};
          refusal.retry_after = std::chrono::minutes(1);
          return reply.send(error_response(refusal, ""));
        }
        auto response = error_response(401, kAuthenticate, "Authenticate");
        response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Countersign\"");
        reply.send(std::move(response));
      });
}

/// The request id as clients of this API look for it.
void add_request_id(http::Response& response, const std::string& id) {
  response.headers.emplace_back("Twilio-Request-Id", id);
}

http::Response answer(Result<Verdict<Answered>, store::StoreError> result, const std::string& path,
                      const std::string& id) {
  http::Response response;
  if (!result) {
    response = error_response(result.error());
  } else if (!*result) {
    response = error_response(result->error(), path);
  } else {
    if ((*result)->after) (*result)->after();
    response = response_of(std::move(**result));
  }
  add_request_id(response, id);
  return response;
}

}  // namespace

http::Response response_of(Answered answered) {
  if (answered.body.empty()) return {answered.status, "", "", std::move(answered.headers)};
  return {answered.status, "application/json", std::move(answered.body), std::move(answered.headers)};
}

http::Handler signed_in(const Twilio& twilio, std::function<void(Call, http::Reply)> next) {
  return [&twilio, next = std::move(next)](http::Request request, http::Reply reply) {
    const Api& api = twilio.api;
    const IpAddress client = client_of(request, api.trusted_proxies);
    auto signed_in = who(twilio, request);
    const auto account =
        signed_in ? api.context.settings.accounts.find(signed_in->account) : api.context.settings.accounts.end();
    if (account == api.context.settings.accounts.end()) return refuse_login(twilio, client, std::move(reply));
    if (!account->second.ip_filter.allows(client)) return reply.send(error_response(Refusal{Fault::kForbidden}, ""));
    auto query = http::parse_form(request.query);
    auto form = http::parse_form(request.body);
    if (!query || !form) return reply.send(error_response(400, kMalformed, "The request could not be read as a form"));
    Call call{std::move(request),
              {signed_in->account, std::move(signed_in->actor), "", std::nullopt},
              *std::move(form),
              *std::move(query)};
    call.caller.request_id = call.request.id;
    next(std::move(call), std::move(reply));
  };
}

void run_write(const Twilio& twilio, Call call, http::Reply reply, Work work) {
  const Api& api = twilio.api;
  Executor& home = reply.executor();
  std::string path = call.request.path;
  std::string id = call.request.id;
  api.store.transact(
      home,
      [&api, call = std::move(call), work = std::move(work)](store::Tx& tx) {
        Moment moment = api.moment();
        auto verdict = work(tx, call, moment);
        if (!verdict && !verdict.error().keep) tx.abandon();
        return verdict;
      },
      [reply = std::move(reply), path = std::move(path),
       id = std::move(id)](Result<Verdict<Answered>, store::StoreError> result) mutable {
        reply.send(answer(std::move(result), path, id));
      });
}

void add_write(http::Router& router, const Twilio& twilio, http::Method method, std::string_view pattern,
               std::string_view name, Work work) {
  router.add(method, pattern, name, signed_in(twilio, [&twilio, work = std::move(work)](Call call, http::Reply reply) {
               run_write(twilio, std::move(call), std::move(reply), work);
             }));
}

void add_read(http::Router& router, const Twilio& twilio, std::string_view pattern, std::string_view name, Work work) {
  router.add(http::Method::kGet, pattern, name,
             signed_in(twilio, [&twilio, work = std::move(work)](Call call, http::Reply reply) {
               const Api& api = twilio.api;
               Executor& home = reply.executor();
               std::string path = call.request.path;
               std::string id = call.request.id;
               api.store.read(
                   home,
                   [&api, call = std::move(call), work](store::Tx& tx) {
                     Moment moment = api.moment();
                     return work(tx, call, moment);
                   },
                   [reply = std::move(reply), path = std::move(path),
                    id = std::move(id)](Result<Verdict<Answered>, store::StoreError> result) mutable {
                     reply.send(answer(std::move(result), path, id));
                   });
             }));
}

}  // namespace countersign::api::twilio
