#include "usecase/verify_api/challenge_rows.h"

#include "usecase/audit_log.h"
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

void announce_approval(const Work& work, const ServiceId& service, const Entity& entity, const Challenge& challenge) {
  record(work, "challenge.approved", entity.id, Facts().text("challenge", id_text("YC", challenge.id)));
  enqueue_challenge_webhook(work, "challenge.approved", service, entity, challenge);
}

}  // namespace countersign::usecase::verify_api
