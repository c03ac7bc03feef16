#include "usecase/verify_api/device_challenge.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "store/repository/counters.h"
#include "usecase/audit_log.h"
#include "usecase/push/device.h"
#include "usecase/risk/trust.h"
#include "usecase/subject/standing.h"
#include "usecase/verify_api/challenge_rows.h"
#include "usecase/verify_api/device_prompt.h"
#include "usecase/verify_api/device_transaction.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr std::array<std::string_view, 10> kSigned{"account_sid", "service_sid",   "entity_sid",   "identity",
                                                   "factor_sid",  "sid",           "date_created", "expiration_date",
                                                   "details",     "hidden_details"};

/// The device that may answer: active, in force, and the one with that key.
std::optional<Factor> answering_device(const Work& work, const ServiceId& service, const Entity& entity,
                                       const Challenge& challenge, const SignedAnswer& answer) {
  const auto id = FactorId::parse(json_text(challenge.content, "factor_sid").value_or(""));
  auto factor = id ? find_factor(work, service, entity, *id) : Verdict<Factor>(refuse(ErrorCode::kNotFound));
  if (!factor || factor->row.state.status != domain::FactorStatus::kActive) return std::nullopt;
  const auto device = device_of(work.context.vault, factor->row);
  if (!device || !answer.holds || answer.point != device->point) return std::nullopt;
  const auto history = load_history(work.tx, work.context, work.caller.account, entity.id, service);
  return is_in_force(history, *factor) ? std::optional(*std::move(factor)) : std::nullopt;
}

/// The word that was signed; nullopt if anything but that word was added to, changed in, or left out of what was shown.
std::optional<domain::ChallengeStatus> signed_word(const Challenge& challenge, json::object claims,
                                                   const json::object& shown, WallTime now) {
  const auto said = json_text_or_empty(claims, "status");
  claims.erase("status");
  json::object expected;
  for (const auto name : signature_fields(challenge, now)) expected[name] = shown.at(name);
  if (expected.empty() || claims != expected) return std::nullopt;
  if (said == domain::to_text(domain::ChallengeStatus::kApproved)) return domain::ChallengeStatus::kApproved;
  if (said == domain::to_text(domain::ChallengeStatus::kDenied)) return domain::ChallengeStatus::kDenied;
  return std::nullopt;
}

/// By whom it was asked; empty if they named no network.
std::string asked_by(const Challenge& challenge) {
  return from_base64url(json_text_or_empty(challenge.content, "asker")).value_or("");
}

bool includes_date(const Work& work, const ServiceId& id) {
  const auto service = find_service(work, id);
  const auto* push = service ? service->content.if_contains("push") : nullptr;
  const auto* date = push != nullptr && push->is_object() ? push->get_object().if_contains("include_date") : nullptr;
  return date != nullptr && date->is_bool() && date->get_bool();
}

Failure<Refusal> refuse_answer_of_device(const Work& work, const Entity& entity, Challenge challenge) {
  challenge.state = domain::answered_wrong(challenge.state).value_or(challenge.state);
  challenge.updated_at = work.moment.now;
  keep_challenge(work, entity, challenge);
  record(work, "factor.response_wrong", entity.id,
         Facts()
             .text("factor", json_text(challenge.content, "factor_sid").value_or(""))
             .text("reason", "signature_wrong"));
  Refusal refusal{ErrorCode::kChallengeVerification};
  refusal.keep = true;
  return fail(std::move(refusal));
}

}  // namespace

bool is_of_device(const Challenge& challenge) { return challenge.content.contains("device"); }

Verdict<Challenge> create_device_challenge(const Work& work, const ServiceId& service, const Entity& entity,
                                           const Factor& factor, const NewChallenge& given) {
  if (json_text_or_empty(given.details, "message").empty())
    return refuse(ErrorCode::kInvalidRequest, "Details.Message");
  auto device = device_of(work.context.vault, factor.row);
  if (!device) return refuse(ErrorCode::kNotFound);
  const std::string asker = asker_of(work);
  if (const auto not_now = domain::why_not_prompted(device->prompts, asker, given.proved, work.moment.now)) {
    Refusal refusal{ErrorCode::kChallengeLimit};
    refusal.retry_after = not_now->retry_after;
    return fail(std::move(refusal));
  }
  Challenge challenge{Id::make(work.moment),
                      {domain::ChallengeStatus::kPending, 0, given.expires_at, std::nullopt},
                      {{"service", service.text()},
                       {"factor_sid", factor.row.state.id.text()},
                       {"details", given.details},
                       {"device", true}},
                      work.moment.now,
                      work.moment.now};
  if (!given.date.empty() && includes_date(work, service))
    challenge.content["details"].as_object()["date"] = given.date;
  if (given.hidden_details) challenge.content["hidden_details"] = *given.hidden_details;
  if (given.metadata) challenge.content["metadata"] = *given.metadata;
  if (given.transaction) challenge.content["transaction"] = given.transaction->text();
  if (!asker.empty()) challenge.content["asker"] = to_base64url(asker);
  device->prompts = domain::after_prompt(std::move(device->prompts), work.moment.now);
  save_device(work, factor.row.state.id, *device);
  insert_challenge(work, entity, challenge);
  record(work, "challenge.created", entity.id, Facts().text("challenge", id_text("YC", challenge.id)));
  note_event(work, entity.id, risk::Profile::Event::kPrompt);
  if (has_notifications(factor)) hand_over_prompt(work, service, entity, challenge, {Id::make(work.moment)});
  return challenge;
}

std::vector<std::string_view> signature_fields(const Challenge& challenge, WallTime now) {
  if (!is_of_device(challenge) || domain::status_at(challenge.state, now) != domain::ChallengeStatus::kPending)
    return {};
  std::vector<std::string_view> fields(kSigned.begin(), kSigned.end());
  // A null may not survive a platform's own JSON.
  if (!challenge.content.contains("hidden_details")) fields.pop_back();
  return fields;
}

Verdict<Challenge> answer_device_challenge(const Work& work, const ServiceId& service, const Entity& entity,
                                           const Id& id, const SignedAnswer& answer, const json::object& shown) {
  auto challenge = find_challenge(work, service, entity, id);
  if (!challenge) return challenge;
  if (const auto closed = closed_challenge(challenge->state, work.moment.now)) return refuse(*closed);
  const auto factor = answering_device(work, service, entity, *challenge, answer);
  const auto word = factor ? signed_word(*challenge, answer.claims, shown, work.moment.now) : std::nullopt;
  if (!word) return refuse_answer_of_device(work, entity, *std::move(challenge));
  const bool yes = *word == domain::ChallengeStatus::kApproved;
  if (const auto closed = tell_transaction(work, *challenge, factor->row.state.id, yes, answer)) return fail(*closed);
  auto device = device_of(work.context.vault, factor->row).value();
  device.prompts = yes ? domain::after_approval(std::move(device.prompts))
                       : domain::after_denial(std::move(device.prompts), asked_by(*challenge), work.moment.now);
  save_device(work, factor->row.state.id, device);
  challenge->state = (yes ? domain::answered_right(challenge->state, work.moment.now)
                          : domain::answered_no(challenge->state, work.moment.now))
                         .value_or(challenge->state);
  challenge->updated_at = work.moment.now;
  keep_challenge(work, entity, *challenge);
  if (yes) {
    announce_approval(work, service, entity, *challenge);
  } else {
    record(work, "challenge.denied", entity.id, Facts().text("challenge", id_text("YC", challenge->id)));
    note_event(work, entity.id, risk::Profile::Event::kDenial);
    enqueue_challenge_webhook(work, "challenge.denied", service, entity, *challenge);
  }
  return challenge;
}

Verdict<Notification> notify_again(const Work& work, const ServiceId& service, const Entity& entity, const Id& id,
                                   std::int64_t ttl) {
  auto challenge = find_challenge(work, service, entity, id);
  if (!challenge) return fail(challenge.error());
  if (!is_of_device(*challenge)) return refuse(ErrorCode::kFeatureNotEnabled);
  if (const auto closed = closed_challenge(challenge->state, work.moment.now)) return refuse(*closed);
  const auto factor_id = FactorId::parse(json_text(challenge->content, "factor_sid").value_or(""));
  const auto factor =
      factor_id ? find_factor(work, service, entity, *factor_id) : Verdict<Factor>(refuse(ErrorCode::kNotFound));
  if (!factor) return fail(factor.error());
  if (!has_notifications(*factor)) return refuse(ErrorCode::kNoNotifications);
  const auto sent = json_integer(challenge->content, "notified").value_or(0);
  if (sent >= kNotificationsAgain) return refuse(ErrorCode::kNotificationLimit);
  challenge->content["notified"] = sent + 1;
  keep_challenge(work, entity, *challenge);
  const Notification notification{Id::make(work.moment), ttl};
  hand_over_prompt(work, service, entity, *challenge, notification);
  return notification;
}

}  // namespace countersign::usecase::verify_api
