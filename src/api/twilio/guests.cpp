#include "api/twilio/guests.h"

#include <memory>

#include "api/failed_logins.h"
#include "api/run.h"
#include "usecase/verify_api/device_challenge.h"

namespace countersign::api::twilio {

namespace {

namespace verify_api = usecase::verify_api;

/// The longest code of an authenticator app; Base64 of a signature and a JWT are longer.
constexpr std::size_t kCodeMax = 16;

/// A password, read but not judged yet.
struct Claimed {
  std::optional<verify_api::DeviceClaim> device;
  std::optional<verify_api::AccessClaim> access;

  [[nodiscard]] std::optional<AccountId> account() const {
    if (device) return device->account;
    return access ? std::optional(access->account) : std::nullopt;
  }
};

/// What of it is known.
struct SeenGuest {
  std::optional<verify_api::KnownDevice> device;
  bool has_access = false;
};

std::optional<ServiceId> service_of(const http::Request& request) { return ServiceId::parse(request.params.at(0)); }

SeenGuest look(const usecase::Work& work, const http::Request& request, const Claimed& claimed) {
  const auto service = service_of(request);
  if (!service) return {};
  if (claimed.device)
    return {verify_api::look_for_device(work, *service, request.params.at(1), claimed.device->factor)};
  return {std::nullopt, verify_api::look_for_access_token(work, *service, *claimed.access).has_value()};
}

bool holds(const Claimed& claimed, const SeenGuest& seen) {
  return claimed.device ? verify_api::is_signed_in(*claimed.device, seen.device) : seen.has_access;
}

usecase::Caller caller_of(const Claimed& claimed, const http::Request& request) {
  std::string actor =
      claimed.device ? "device:" + claimed.device->factor.text() : "device:" + id_text("YK", claimed.access->id);
  return {*claimed.account(), std::move(actor), request.id, std::nullopt};
}

Claimed read_claim(Guests guests, const std::string& password, WallTime now) {
  if (guests == Guests::kDevices) return {verify_api::read_device_claim(password, now), std::nullopt};
  return {std::nullopt, verify_api::read_access_claim(password)};
}

/// The point of the key by which what the path names is answered. On a snapshot.
std::optional<std::string> look_for_point(const usecase::Work& work, const Call& call, AnswerOf of) {
  if (call.device && of == AnswerOf::kFactor) return call.device->point;
  const auto service = ServiceId::parse(call.request.params.at(0));
  const std::string& identity = call.request.params.at(1);
  const std::string& sid = call.request.params.at(2);
  if (!service) return std::nullopt;
  if (of == AnswerOf::kFactor) {
    const auto factor = FactorId::parse(sid);
    return factor ? verify_api::look_for_point(work, *service, identity, *factor) : std::nullopt;
  }
  const auto challenge = parse_id("YC", sid);
  return challenge ? verify_api::look_for_point(work, *service, identity, *challenge) : std::nullopt;
}

verify_api::SignedAnswer judge(const Call& call, const std::optional<std::string>& point, AnswerOf of) {
  const auto payload = call.form.value("AuthPayload").value_or(std::string_view());
  if (!point) return {};
  if (of == AnswerOf::kChallenge) return verify_api::judge_device_answer(*point, payload);
  const auto factor = FactorId::parse(call.request.params.at(2));
  return factor ? verify_api::judge_first_signature(*point, *factor, payload) : verify_api::SignedAnswer{};
}

}  // namespace

void sign_in_guest(const Twilio& twilio, Guests guests, const Basic& basic, const IpAddress& client,
                   http::Request request, http::Reply reply, std::function<void(Call, http::Reply)> next) {
  const Api& api = twilio.api;
  auto claimed = std::make_shared<const Claimed>(read_claim(guests, basic.password, api.clock.now()));
  const auto account = claimed->account();
  // Nothing was looked up, so nothing is counted: a phone whose clock is wrong must get its 401 with the time, however
  // many share its address.
  if (!account || !api.context.settings.accounts.contains(*account))
    return reply.send(with_id(unauthenticated(std::nullopt), request.id));
  const auto held = std::make_shared<http::Request>(std::move(request));
  run_on_snapshot(
      api, std::move(reply),
      [&api, held, claimed](store::Tx& tx) {
        Moment moment = api.moment();
        const auto caller = caller_of(*claimed, *held);
        return look({tx, api.context, caller, moment}, *held, *claimed);
      },
      [&api, held, claimed, client, next = std::move(next)](const Result<SeenGuest, store::StoreError>& seen,
                                                            http::Reply to) {
        if (!seen) return to.send(with_id(error_response(seen.error()), held->id));
        if (!holds(*claimed, *seen)) return answer_failed_login(api, client, std::move(to), unauthenticated);
        const std::string id = held->id;
        auto caller = caller_of(*claimed, *held);
        auto call = read_call(std::move(*held), std::move(caller));
        if (!call) return to.send(with_id(std::move(call.error()), id));
        to.say_account(call->caller.account.text());
        call->device = seen->device;
        if (claimed->access) call->new_phone = claimed->access;
        next(*std::move(call), std::move(to));
      });
}

void add_answered_write(http::Router& router, const Twilio& twilio, std::string_view pattern, std::string_view name,
                        Unit unit, AnswerOf of) {
  router.add(http::Method::kPost, pattern, name,
             signed_in(
                 twilio,
                 [&twilio, of, unit = std::move(unit)](Call call, http::Reply reply) {
                   const auto payload = call.form.value("AuthPayload");
                   if (!payload || payload->size() <= kCodeMax)
                     return run_write(twilio, std::move(call), std::move(reply), unit);
                   const Api& api = twilio.api;
                   const auto held = std::make_shared<Call>(std::move(call));
                   run_on_snapshot(
                       api, std::move(reply),
                       [&api, held, of](store::Tx& tx) {
                         Moment moment = api.moment();
                         return look_for_point({tx, api.context, held->caller, moment}, *held, of);
                       },
                       [&twilio, held, of, unit](const Result<std::optional<std::string>, store::StoreError>& point,
                                                 http::Reply to) {
                         if (!point) return to.send(with_id(error_response(point.error()), held->request.id));
                         held->answer = judge(*held, *point, of);
                         run_write(twilio, std::move(*held), std::move(to), unit);
                       });
                 },
                 Guests::kDevices));
}

}  // namespace countersign::api::twilio
