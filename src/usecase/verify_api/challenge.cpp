#include "usecase/verify_api/challenge.h"

#include "store/repository/counters.h"
#include "usecase/audit_log.h"
#include "usecase/subject/standing.h"
#include "usecase/verification/check_totp.h"
#include "usecase/verify_api/challenge_rows.h"
#include "usecase/verify_api/device_challenge.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::usecase::verify_api {

namespace {

constexpr domain::Rate kPerFactor{50, std::chrono::hours(1)};

bool may_answer(const Work& work, const ServiceId& service, const Factor& factor) {
  const auto& state = factor.row.state;
  return is_in_force(load_history(work.tx, work.context, state.account, state.subject, service), factor);
}

/// Judges a code for the challenge and updates it. Returns the refusal, if any. Where the factor may not answer, every
/// code is wrong.
std::optional<Refusal> judge(const Work& work, const ServiceId& service, Factor factor, Challenge& challenge,
                             const SecretString& code) {
  if (!may_answer(work, service, factor)) {
    challenge.updated_at = work.moment.now;
    challenge.state = domain::answered_wrong(challenge.state).value_or(challenge.state);
    Refusal refusal{ErrorCode::kChallengeVerification};
    refusal.keep = true;
    return refusal;
  }
  const auto skew = skew_of(work, service, factor);
  const auto judged = judge_totp(work, std::move(factor.row), domain::FactorStatus::kActive, code, skew);
  challenge.updated_at = work.moment.now;
  if (judged) {
    challenge.state = domain::answered_right(challenge.state, work.moment.now).value_or(challenge.state);
    return std::nullopt;
  }
  const Problem& problem = judged.error();
  if (problem.code == Code::kInvalidField) return Refusal{ErrorCode::kInvalidRequest, "AuthPayload"};
  Refusal refusal{ErrorCode::kChallengeVerification};
  refusal.keep = true;
  refusal.retry_after = problem.retry_after;
  if (problem.code == Code::kLocked) refusal.fault = ErrorCode::kChallengeAttempts;
  if (problem.code == Code::kRateLimited) refusal.fault = ErrorCode::kTooManyRequests;
  if (problem.code == Code::kWrongCode)
    challenge.state = domain::answered_wrong(challenge.state).value_or(challenge.state);
  return refusal;
}

}  // namespace

Verdict<Challenge> create_challenge(const Work& work, const ServiceId& service, const Entity& entity,
                                    const NewChallenge& given) {
  auto factor = find_factor(work, service, entity, given.factor);
  if (!factor) return fail(factor.error());
  const auto type = factor->row.state.type;
  if (type == domain::Method::kWebauthn)
    return refuse(ErrorCode::kInvalidRequest, "FactorSid: passkeys are asked at /Passkeys/Challenges");
  if (factor->row.state.status != domain::FactorStatus::kActive || !may_answer(work, service, *factor))
    return refuse(ErrorCode::kFactorUnverified);
  const std::string counter = "challenge factor " + std::string(given.factor.bytes());
  if (!store::count_in_counter(work.tx, work.caller.account, counter, kPerFactor, work.moment.now))
    return refuse(ErrorCode::kChallengeLimit);
  if (type == domain::Method::kPush) return create_device_challenge(work, service, entity, *factor, given);
  Challenge challenge{Id::make(work.moment),
                      {domain::ChallengeStatus::kPending, 0, given.expires_at, std::nullopt},
                      {{"service", service.text()}, {"factor_sid", given.factor.text()}, {"details", given.details}},
                      work.moment.now,
                      work.moment.now};
  if (given.hidden_details) challenge.content["hidden_details"] = *given.hidden_details;
  if (given.metadata) challenge.content["metadata"] = *given.metadata;
  if (given.code) {
    const auto refusal = judge(work, service, *std::move(factor), challenge, *given.code);
    const bool wrong = refusal && refusal->fault == ErrorCode::kChallengeVerification;
    if (refusal && !wrong) return fail(*refusal);
  }
  insert_challenge(work, entity, challenge);
  record(work, "challenge.created", entity.id, Facts().text("challenge", id_text("YC", challenge.id)));
  if (challenge.state.status == domain::ChallengeStatus::kApproved) announce_approval(work, service, entity, challenge);
  return challenge;
}

Verdict<Challenge> find_challenge(const Work& work, const ServiceId& service, const Entity& entity, const Id& id) {
  auto found = store::find_resource(work.tx, work.context.vault, work.caller.account, kChallengeKind, entity.id.id, id);
  if (!found || json_text(found->content, "service") != service.text()) return refuse(ErrorCode::kNotFound);
  return challenge_of(*std::move(found));
}

std::vector<Challenge> list_challenges(const Work& work, const ServiceId& service, const Entity& entity,
                                       const store::ResourceRange& range) {
  std::vector<Challenge> challenges;
  for (auto& row :
       store::list_resources(work.tx, work.context.vault, work.caller.account, kChallengeKind, entity.id.id, range)) {
    if (json_text(row.content, "service") == service.text()) challenges.push_back(challenge_of(std::move(row)));
  }
  return challenges;
}

Verdict<Challenge> note_on_challenge(const Work& work, const ServiceId& service, const Entity& entity, const Id& id,
                                     json::object metadata) {
  auto challenge = find_challenge(work, service, entity, id);
  if (!challenge) return challenge;
  challenge->content["metadata"] = std::move(metadata);
  challenge->updated_at = work.moment.now;
  keep_challenge(work, entity, *challenge);
  return challenge;
}

Verdict<Challenge> answer_challenge(const Work& work, const ServiceId& service, const Entity& entity, const Id& id,
                                    const SecretString& code) {
  auto challenge = find_challenge(work, service, entity, id);
  if (!challenge) return challenge;
  if (is_of_passkeys(*challenge))
    return refuse(ErrorCode::kInvalidRequest, "AuthPayload: passkeys answer at /Passkeys/ApproveChallenge");
  if (is_of_device(*challenge)) return refuse(ErrorCode::kInvalidRequest, "AuthPayload: a device answers with a JWT");
  if (const auto closed = closed_challenge(challenge->state, work.moment.now)) return refuse(*closed);
  const auto factor_id = FactorId::parse(json_text(challenge->content, "factor_sid").value_or(""));
  auto factor =
      factor_id ? find_factor(work, service, entity, *factor_id) : Verdict<Factor>(refuse(ErrorCode::kNotFound));
  if (!factor) return fail(factor.error());
  const auto refusal = judge(work, service, *std::move(factor), *challenge, code);
  keep_challenge(work, entity, *challenge);
  if (refusal) return fail(*refusal);
  announce_approval(work, service, entity, *challenge);
  return challenge;
}

}  // namespace countersign::usecase::verify_api
