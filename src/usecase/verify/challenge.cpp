#include "usecase/verify/challenge.h"

#include "store/repository/counters.h"
#include "usecase/check_totp.h"
#include "usecase/journal.h"
#include "usecase/verify/hooks.h"

namespace countersign::usecase::verify {

namespace {

constexpr std::string_view kChallengeKind = "challenge";
constexpr std::int64_t kAttemptsMax = 5;
constexpr domain::Rate kPerFactor{50, std::chrono::hours(1)};
constexpr auto kKept = std::chrono::days(30);

Challenge challenge_of(store::Resource resource) {
  return {resource.id, std::move(resource.content), resource.created_at, resource.updated_at};
}

void keep(store::Tx& tx, const Context& context, const Caller& caller, const Entity& entity, const Challenge& challenge,
          Moment& moment) {
  const store::Resource row{caller.account,    kChallengeKind,       entity.id.id, challenge.id, {},
                            challenge.content, challenge.created_at, moment.now,   std::nullopt};
  store::save_resource(tx, context.vault, row, moment.random);
}

/// Judges a code for the challenge and changes it accordingly. The answer is nothing, or why not.
std::optional<Refusal> judge(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                             Factor factor, Challenge& challenge, const SecretString& code, Moment& moment) {
  const auto skew = skew_of(tx, context, caller, service, factor);
  const auto judged =
      judge_totp(tx, context, caller, std::move(factor.row), domain::FactorStatus::kActive, code, moment, skew);
  challenge.updated_at = moment.now;
  if (judged) {
    challenge.content["status"] = "approved";
    challenge.content["responded_at"] = to_micros(moment.now);
    return std::nullopt;
  }
  const Problem& problem = judged.error();
  if (problem.code == Code::kInvalidField) return Refusal{Fault::kInvalidRequest, "AuthPayload"};
  Refusal refusal{Fault::kChallengeVerification};
  refusal.keep = true;
  refusal.retry_after = problem.retry_after;
  if (problem.code == Code::kLocked) refusal.fault = Fault::kChallengeAttempts;
  if (problem.code == Code::kRateLimited) refusal.fault = Fault::kTooManyRequests;
  if (problem.code == Code::kWrongCode)
    challenge.content["attempts"] = json_integer(challenge.content, "attempts").value_or(0) + 1;
  return refusal;
}

}  // namespace

std::string Challenge::status_at(WallTime now) const {
  const std::string status(json_text(content, "status").value_or("pending"));
  return status == "pending" && now >= expires_at() ? "expired" : status;
}

WallTime Challenge::expires_at() const { return from_micros(json_integer(content, "expires_at").value_or(0)); }

Verdict<Challenge> create_challenge(store::Tx& tx, const Context& context, const Caller& caller,
                                    const ServiceId& service, const Entity& entity, const NewChallenge& given,
                                    Moment& moment) {
  auto factor = find_factor(tx, context, caller, service, entity, given.factor);
  if (!factor) return fail(factor.error());
  if (factor->row.state.status != domain::FactorStatus::kActive) return refuse(Fault::kFactorUnverified);
  const std::string counter = "challenge factor " + std::string(given.factor.bytes());
  if (!store::count_in_counter(tx, caller.account, counter, kPerFactor, moment.now))
    return refuse(Fault::kChallengeLimit);
  Challenge challenge{Id::make(moment),
                      {{"service", service.text()},
                       {"factor_sid", given.factor.text()},
                       {"status", "pending"},
                       {"attempts", 0},
                       {"expires_at", to_micros(given.expires_at)},
                       {"details", given.details}},
                      moment.now,
                      moment.now};
  if (given.hidden_details) challenge.content["hidden_details"] = *given.hidden_details;
  if (given.metadata) challenge.content["metadata"] = *given.metadata;
  if (given.code) {
    const auto refusal = judge(tx, context, caller, service, *std::move(factor), challenge, *given.code, moment);
    const bool wrong = refusal && refusal->fault == Fault::kChallengeVerification;
    if (refusal && !wrong) return fail(*refusal);
  }
  store::Resource row{caller.account,    kChallengeKind, entity.id.id, challenge.id,      {},
                      challenge.content, moment.now,     moment.now,   moment.now + kKept};
  CS_CHECK(store::insert_resource(tx, context.vault, row, moment.random));
  record(tx, context, caller, "challenge.created", entity.id, Facts().text("challenge", id_text("YC", challenge.id)),
         moment);
  if (challenge.status_at(moment.now) == "approved")
    announce_challenge(tx, context, caller, "challenge.approved", service, entity, challenge, moment);
  return challenge;
}

Verdict<Challenge> find_challenge(store::Tx& tx, const Context& context, const Caller& caller, const ServiceId& service,
                                  const Entity& entity, const Id& id) {
  auto found = store::find_resource(tx, context.vault, caller.account, kChallengeKind, entity.id.id, id);
  if (!found || json_text(found->content, "service") != service.text()) return refuse(Fault::kNotFound);
  return challenge_of(*std::move(found));
}

std::vector<Challenge> list_challenges(store::Tx& tx, const Context& context, const Caller& caller,
                                       const ServiceId& service, const Entity& entity,
                                       const store::ResourceRange& range) {
  std::vector<Challenge> challenges;
  for (auto& row : store::list_resources(tx, context.vault, caller.account, kChallengeKind, entity.id.id, range)) {
    if (json_text(row.content, "service") == service.text()) challenges.push_back(challenge_of(std::move(row)));
  }
  return challenges;
}

Verdict<Challenge> note_on_challenge(store::Tx& tx, const Context& context, const Caller& caller,
                                     const ServiceId& service, const Entity& entity, const Id& id,
                                     json::object metadata, Moment& moment) {
  auto challenge = find_challenge(tx, context, caller, service, entity, id);
  if (!challenge) return challenge;
  challenge->content["metadata"] = std::move(metadata);
  challenge->updated_at = moment.now;
  keep(tx, context, caller, entity, *challenge, moment);
  return challenge;
}

Verdict<Challenge> answer_challenge(store::Tx& tx, const Context& context, const Caller& caller,
                                    const ServiceId& service, const Entity& entity, const Id& id,
                                    const SecretString& code, Moment& moment) {
  auto challenge = find_challenge(tx, context, caller, service, entity, id);
  if (!challenge) return challenge;
  const std::string status = challenge->status_at(moment.now);
  if (status == "expired") return refuse(Fault::kChallengeExpired);
  if (status != "pending") return refuse(Fault::kChallengeResponded);
  if (json_integer(challenge->content, "attempts").value_or(0) >= kAttemptsMax)
    return refuse(Fault::kChallengeAttempts);
  const auto factor_id = FactorId::parse(json_text(challenge->content, "factor_sid").value_or(""));
  auto factor = factor_id ? find_factor(tx, context, caller, service, entity, *factor_id)
                          : Verdict<Factor>(refuse(Fault::kNotFound));
  if (!factor) return fail(factor.error());
  const auto refusal = judge(tx, context, caller, service, *std::move(factor), *challenge, code, moment);
  keep(tx, context, caller, entity, *challenge, moment);
  if (refusal) return fail(*refusal);
  record(tx, context, caller, "challenge.approved", entity.id, Facts().text("challenge", id_text("YC", id)), moment);
  announce_challenge(tx, context, caller, "challenge.approved", service, entity, *challenge, moment);
  return challenge;
}

}  // namespace countersign::usecase::verify
