#include "usecase/push/enrol.h"

#include "base/encoding.h"
#include "base/secret.h"
#include "crypto/web_push.h"
#include "delivery/push_sender.h"
#include "store/repository/counters.h"
#include "store/repository/subjects.h"
#include "usecase/audit_log.h"
#include "usecase/passkey/enrol.h"
#include "usecase/push/device.h"
#include "usecase/push/signed_text.h"
#include "webauthn/challenge.h"

namespace countersign::usecase {

namespace {

/// nullopt for every factor that does not wait for the answer of a browser.
std::optional<store::PushOffer> waiting_push_offer(const Work& work, const store::FactorRow& factor) {
  const auto& state = factor.state;
  if (state.type != domain::Method::kPush || state.status != domain::FactorStatus::kUnconfirmed ||
      !factor.material_sealed || work.moment.now >= state.confirm_by)
    return std::nullopt;
  auto offer = store::decode_push_offer(store::open_material(work.context.vault, factor).expose());
  return offer && !offer->challenge.empty() ? offer : std::nullopt;
}

Failure<Problem> refuse_push(const Work& work, store::FactorRow factor, std::string_view reason) {
  put_material(work, factor, store::encode(store::PushOffer{}));
  store::save_factor(work.tx, factor);
  record(work, "factor.response_wrong", factor.state.subject,
         Facts().text("factor", factor.state.id.text()).text("reason", reason));
  return refuse(Code::kWrongResponse, "the answer was not accepted, and its challenge is spent; enrol again");
}

/// New subscriptions of a device: far more than a browser has. Each is written, with its event.
constexpr domain::Rate kRenewals{kRenewalsInAnHour, std::chrono::hours(1)};

Answer<Done> count_renewal(const Work& work, const FactorId& device) {
  const std::string key = "renewals " + device.text();
  if (store::count_in_counter(work.tx, work.caller.account, key, kRenewals, work.moment.now)) return Done{};
  return fail(Problem{Code::kRateLimited, "too many new subscriptions of this device", "",
                      store::wait_for_counter(work.tx, work.caller.account, key, kRenewals, work.moment.now)});
}

bool is_same(const store::PushSubscription& one, const store::PushSubscription& other) {
  return one.endpoint == other.endpoint && one.point == other.point && one.auth == other.auth &&
         one.vapid_key == other.vapid_key;
}

Answer<store::PushSubscription> read_subscription(const PushServerSettings& server, const PushAnswer& answer) {
  if (!crypto::is_p256_point(answer.public_key))
    return refuse_field("public_key", "must be a point of P-256, 65 bytes in base64url (\"raw\" of WebCrypto)");
  auto endpoint = delivery::read_push_endpoint(answer.endpoint, server.endpoints);
  if (!endpoint) return refuse_field("subscription.endpoint", endpoint.error());
  if (!crypto::PushRecipient::from_bytes(answer.point, answer.auth))
    return refuse_field("subscription.keys", "must be those of PushSubscription.toJSON(): p256dh and auth");
  return store::PushSubscription{*std::move(endpoint), answer.point, answer.auth, server.keys->point()};
}

}  // namespace

Answer<PushEnrolment> enrol_push(const Work& work, const PushEnrolRequest& request) {
  const auto* server = push_of(work.context, work.caller.account, request.service);
  if (server == nullptr) return refuse(Code::kChannelUnavailable, "Web Push is not configured for this service");
  auto made = new_factor(work, {request.identity, request.name, request.service, domain::Method::kPush});
  if (!made) return fail(made.error());
  made->state.confirm_by = work.moment.now + kPushEnrolTime;
  const store::PushOffer offer{webauthn::fresh_challenge(work.moment.random), server->keys->point()};
  put_material(work, *made, store::encode(offer));
  store::insert_factor(work.tx, *made);
  record_enrolled(work, *made);
  return PushEnrolment{made->state.id, to_base64url(offer.server_key), offer.challenge, made->state.confirm_by};
}

Answer<store::PushSubscription> judge_enrolled_device(const PushServerSettings& server, const PushAnswer& answer) {
  auto to = read_subscription(server, answer);
  if (to && !is_signed(answer.public_key, enrolment_text(answer.challenge, *to), answer.signature))
    return refuse(Code::kWrongResponse);
  return to;
}

Answer<FactorView> confirm_push(const Work& work, std::string_view identity, const FactorId& id,
                                const PushAnswer& answer, const Answer<store::PushSubscription>& judged,
                                const ConfirmTerms& terms) {
  auto factor = factor_to_confirm(work, identity, id, terms);
  if (!factor) return fail(factor.error());
  const auto offer = waiting_push_offer(work, *factor);
  if (!offer)
    return refuse(Code::kFactorUnusable,
                  "the factor is no device that waits for an answer: confirmed, answered wrongly, or too late");
  // A mistake of the page is not an attempt.
  if (!judged && judged.error().code == Code::kInvalidField) return fail(judged.error());
  if (!equal_constant_time(offer->challenge, answer.challenge))
    return refuse_push(work, *std::move(factor), "wrong_challenge");
  if (!judged) return refuse_push(work, *std::move(factor), "bad_signature");
  std::string handle = device_handle_digest(work.context.vault, work.caller.account, answer.public_key);
  if (store::find_factor_by_handle(work.tx, work.caller.account, handle))
    return refuse_push(work, *std::move(factor), "already_registered");
  factor->handle_digest = std::move(handle);
  store::PushDevice device;
  device.public_key = answer.public_key;
  device.subscription = *judged;
  // What it was offered, and so subscribed with: the key may have changed meanwhile.
  if (!offer->server_key.empty()) device.subscription->vapid_key = offer->server_key;
  put_device(work, *factor, device);
  return bind_confirmed(work, *std::move(factor), terms);
}

Answer<FactorView> renew_subscription(const Work& work, std::string_view identity, const FactorId& id,
                                      const PushAnswer& answer, std::int64_t signed_at) {
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, identity);
  auto factor = subject ? store::find_factor(work.tx, work.caller.account, *subject, id) : std::nullopt;
  if (!factor || factor->state.status == domain::FactorStatus::kRemoved) return refuse(Code::kNotFound);
  auto device = push_device_of(work.context.vault, *factor);
  if (!device) return refuse(Code::kFactorUnusable, "it is no device that is asked by Web Push");
  const auto* server = push_of(work.context, work.caller.account, service_of_factor(work.context, *factor));
  if (server == nullptr) return refuse(Code::kChannelUnavailable, "Web Push is not configured for this service");
  auto to = read_subscription(*server, answer);
  if (!to) return fail(to.error());
  const auto away = to_unix_seconds(work.moment.now) - signed_at;
  const bool in_time = away <= kSignedAtTolerance.count() && -away <= kSignedAtTolerance.count();
  const bool own = equal_constant_time(device->public_key, answer.public_key) &&
                   is_signed(device->public_key, subscription_text(id, signed_at, *to), answer.signature);
  if (!in_time || !own)
    return refuse(Code::kWrongResponse, "it must be signed by the device's own key, with the time of now");
  if (device->subscription && is_same(*device->subscription, *to)) return factor_view(work.context.vault, *factor);
  if (const auto counted = count_renewal(work, id); !counted) return fail(counted.error());
  device->subscription = *std::move(to);
  put_device(work, *factor, *device);
  store::save_material(work.tx, work.caller.account, id, *factor->material_sealed);
  record(work, "factor.subscribed", *subject, Facts().text("factor", id.text()));
  return factor_view(work.context.vault, *factor);
}

void end_subscription(const Work& work, const SubjectId& subject, const FactorId& id, std::string_view endpoint) {
  auto factor = store::find_factor(work.tx, work.caller.account, subject, id);
  auto device = factor ? push_device_of(work.context.vault, *factor) : std::nullopt;
  if (!device || !device->subscription || device->subscription->endpoint != endpoint) return;
  device->subscription.reset();
  put_device(work, *factor, *device);
  store::save_material(work.tx, work.caller.account, id, *factor->material_sealed);
  record(work, "factor.unsubscribed", subject, Facts().text("factor", id.text()));
}

}  // namespace countersign::usecase
