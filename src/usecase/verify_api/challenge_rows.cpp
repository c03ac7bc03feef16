#include "usecase/verify_api/challenge_rows.h"

#include "usecase/audit_log.h"
#include "usecase/push/device.h"
#include "usecase/verify_api/device_challenge.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::usecase::verify_api {

namespace {

domain::Challenge challenge_state_of(const json::object& content) {
  const auto status = domain::parse_challenge_status(json_text(content, "status").value_or(""));
  return {status.value_or(domain::ChallengeStatus::kPending), json_integer(content, "attempts").value_or(0),
          from_micros(json_integer(content, "expires_at").value_or(0)),
          json_integer(content, "responded_at").transform(from_micros)};
}

}  // namespace

json::object kept_content(const Challenge& challenge) {
  json::object content = challenge.content;
  content["status"] = domain::to_text(challenge.state.status);
  content["attempts"] = challenge.state.attempts;
  content["expires_at"] = to_micros(challenge.state.expires_at);
  if (challenge.state.responded_at) content["responded_at"] = to_micros(*challenge.state.responded_at);
  return content;
}

Challenge challenge_of(store::Resource resource) {
  const auto state = challenge_state_of(resource.content);
  return {resource.id, state, std::move(resource.content), resource.created_at, resource.updated_at};
}

void insert_challenge(const Work& work, const Entity& entity, const Challenge& challenge) {
  const store::Resource row{work.caller.account,
                            kChallengeKind,
                            entity.id.id,
                            challenge.id,
                            {},
                            kept_content(challenge),
                            work.moment.now,
                            work.moment.now,
                            work.moment.now + kChallengeKept};
  CS_CHECK(store::insert_resource(work.tx, work.context.vault, row, work.moment.random));
}

void keep_challenge(const Work& work, const Entity& entity, const Challenge& challenge) {
  const store::Resource row{work.caller.account,     kChallengeKind,       entity.id.id,    challenge.id, {},
                            kept_content(challenge), challenge.created_at, work.moment.now, std::nullopt};
  store::save_resource(work.tx, work.context.vault, row, work.moment.random);
}

std::optional<ErrorCode> closed_challenge(const domain::Challenge& challenge, WallTime now) {
  const auto why_not = domain::why_not_answerable(challenge, now);
  if (!why_not) return std::nullopt;
  switch (*why_not) {
    case domain::NotAnswerable::kExpired:
      return ErrorCode::kChallengeExpired;
    case domain::NotAnswerable::kResponded:
      return ErrorCode::kChallengeResponded;
    case domain::NotAnswerable::kAttemptsSpent:
      break;
  }
  return ErrorCode::kChallengeAttempts;
}

bool is_of_passkeys(const Challenge& challenge) { return challenge.content.contains("challenge"); }

std::string_view type_name(const Challenge& challenge) {
  if (is_of_device(challenge)) return "push";
  return is_of_passkeys(challenge) ? "passkeys" : "totp";
}

void announce_approval(const Work& work, const ServiceId& service, const Entity& entity, const Challenge& challenge) {
  if (!is_of_device(challenge)) note_other_proof(work, entity.id);
  record(work, "challenge.approved", entity.id, Facts().text("challenge", id_text("YC", challenge.id)));
  enqueue_challenge_webhook(work, "challenge.approved", service, entity, challenge);
}

}  // namespace countersign::usecase::verify_api
