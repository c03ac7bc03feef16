#include <algorithm>

#include "crypto/otp.h"
#include "simulation/model.h"
#include "simulation/trace.h"

namespace countersign::simulation {

namespace {

constexpr std::int64_t kFurthest = 2;  ///< One step to either side, and one that the device is known to be off by.

}  // namespace

void Model::enrolled(std::size_t person, const FactorId& id, const std::string& secret, WallTime confirm_by,
                     bool at_upstream, WallTime at) {
  for (auto& [other_id, other] : factors) {  // Passkeys that were never confirmed are forgotten by now.
    if ((other.device || other.browser) && other.person == person && other.confirmed_as_of == 0 &&
        at >= other.confirm_by)
      other.offer_spent = true;
  }
  FactorModel factor;
  factor.id = id;
  factor.person = person;
  factor.secret = secret;
  factor.confirm_by = confirm_by;
  factor.at_upstream = at_upstream;
  factors.emplace(id, std::move(factor));
  subject_event("factor.enrolled");
}

bool Model::counts(const TransactionModel& held, const FactorModel& factor) const {
  return factor.at_upstream == held.at_upstream && factor.founding && bound_before(held, factor);
}

const FactorModel* Model::newest_that_counts(const TransactionModel& held, domain::Method type) const {
  const FactorModel* newest = nullptr;
  for (const auto& [id, factor] : factors) {
    if (factor.type != type) continue;
    const bool active = factor.person == held.person && factor.confirmed_as_of != 0 && factor.removed_as_of == 0;
    if (active && counts(held, factor)) newest = &factor;
  }
  return newest;
}

bool Model::bound_before(const TransactionModel& held, const FactorModel& factor) const {
  return came_first({factor.confirmed_as_of, factor.confirmed_at}, {held.held_as_of, held.created_at});
}

bool Model::spend_step(FactorModel& factor, const std::string& code, bool accepted, std::optional<Code> refusal,
                       WallTime at) {
  const auto middle = crypto::totp_step(at, {});
  std::optional<std::int64_t> fresh;
  bool spent = false;
  for (auto step = middle - kFurthest; step <= middle + kFurthest; ++step) {
    if (crypto::totp(factor.secret, step, {}) != code) continue;
    const bool later = factor.spent_steps.empty() || step > *factor.spent_steps.rbegin();
    if (factor.spent_steps.contains(step)) spent = true;
    if (later && !fresh) fresh = step;
  }
  if (accepted) {
    evaluated(factor.failures, at);
    require(fresh.has_value() || !spent, Invariant::kOnce, "{}: a time step was accepted twice", factor.id.text());
    require(fresh.has_value(), Invariant::kProved, "{} accepted a code that is not its own", factor.id.text());
    factor.spent_steps.insert(*fresh);
    factor.failures = {};
    tally_.count("authenticator codes accepted");
    return true;
  }
  if (refusal == Code::kLocked) tally_.count("checks refused: locked");
  if (refusal != Code::kWrongCode) return false;
  evaluated(factor.failures, at);
  count_failure(factor.failures, at);
  if (spent) tally_.count("time steps refused: spent");
  // No type of the audit log: factor.code_wrong or factor.code_replayed, which the model does not tell apart.
  subject_event("factor.code_refused");
  return false;
}

void Model::checked_totp(const usecase::CheckRequest& request, TransactionModel& held, const FactorModel* known,
                         const Answer<usecase::Approved>& answer, WallTime at) {
  if (request.factor && *request.factor != "totp") {
    const auto id = FactorId::parse(*request.factor);
    const auto found = id ? factors.find(*id) : factors.end();
    const bool usable = found != factors.end() && found->second.type == domain::Method::kTotp &&
                        found->second.person == held.person && found->second.confirmed_as_of != 0 &&
                        found->second.removed_as_of == 0;
    known = usable && counts(held, found->second) ? &found->second : nullptr;
  }
  const auto refusal = answer ? std::nullopt : std::optional(answer.error().code);
  const bool asked = held.policy.any_of.contains(domain::Method::kTotp) && known != nullptr &&
                     held.status == domain::TransactionStatus::kHeld && at < held.expires_at;
  require(asked || !answer, Invariant::kProved, "{} was proved by no authenticator of its own", held.id.text());
  if (!asked) return;
  auto& factor = factors.at(known->id);
  if (!spend_step(factor, request.code.expose(), answer.has_value(), refusal, at)) return;
  require(bound_before(held, factor), Invariant::kProved, "{} was proved by what came after it", held.id.text());
  prove(held, {domain::Method::kTotp, factor.id.id}, *answer, at);
}

void Model::confirmed(const FactorId& id, const std::string& code, const Bound& bound, WallTime at) {
  const auto refusal = bound ? std::nullopt : std::optional(bound.error().code);
  auto& factor = factors.at(id);
  if (factor.confirmed_as_of != 0 || factor.removed_as_of != 0) {
    require(refusal.has_value(), Invariant::kOnce, "{} was confirmed again", id.text());
    return;
  }
  if (!spend_step(factor, code, !refusal, refusal, at)) return;
  bind(factor, *bound, at);
}

void Model::bind(FactorModel& factor, WallTime bound_at, WallTime at) {
  require(at < factor.confirm_by, Invariant::kProved, "{} was confirmed too late", factor.id.text());
  factor.confirmed_as_of = tick();
  // After the person's holds; and where the clock was set back since, not later than what was seen of it.
  seen(at);
  require(after_holds(factor.person, at) <= bound_at && bound_at <= std::max(latest_, after_holds(factor.person, at)),
          Invariant::kProved, "{} was bound at a time that is not its own", factor.id.text());
  factor.confirmed_at = bound_at;
  factor.founding = !proved_.contains({factor.person, factor.at_upstream});
  subject_event("factor.confirmed");
}

void Model::made_codes(std::size_t person, const FactorId& id, const std::vector<std::string>& codes,
                       WallTime confirm_by, WallTime at) {
  enrolled(person, id, "", confirm_by, false, at);
  factors.at(id).codes = codes;
  factors.at(id).type = domain::Method::kRecoveryCode;
}

void Model::kept_codes(const FactorId& id, const Bound& bound, WallTime at) {
  auto& list = factors.at(id);
  const bool over = list.confirmed_as_of != 0 || list.removed_as_of != 0;
  require(!over || !bound, Invariant::kOnce, "{} was confirmed again", id.text());
  if (bound) bind(list, *bound, at);
}

void Model::checked_recovery(const usecase::CheckRequest& request, TransactionModel& held,
                             const Answer<usecase::Approved>& answer, WallTime at) {
  const FactorModel* known = newest_that_counts(held, domain::Method::kRecoveryCode);
  const auto id = FactorId::parse(*request.factor);
  if (id && known != nullptr && known->id != *id) known = nullptr;
  const bool asked = held.policy.any_of.contains(domain::Method::kRecoveryCode) && known != nullptr &&
                     held.status == domain::TransactionStatus::kHeld && at < held.expires_at;
  require(asked || !answer, Invariant::kProved, "{} was proved by no list of its own", held.id.text());
  if (!asked) return;
  auto& list = factors.at(known->id);
  const std::string& code = request.code.expose();
  const bool is_one = std::ranges::find(list.codes, code) != list.codes.end();
  const bool used = list.used.contains(code);
  const auto refusal = answer ? std::nullopt : std::optional(answer.error().code);
  if (refusal == Code::kWrongCode) {
    require(!is_one || used, Invariant::kRightCounts, "{} refused a code of its own", list.id.text());
    evaluated(list.failures, at);
    count_failure(list.failures, at);
    if (used) tally_.count("recovery codes refused: used");
    subject_event("factor.code_refused");
  }
  if (refusal) return;
  evaluated(list.failures, at);
  require(!used, Invariant::kOnce, "{}: a code was accepted twice", list.id.text());
  require(is_one, Invariant::kProved, "{} accepted a code that is not its own", list.id.text());
  list.used.insert(code);
  list.failures = {};
  tally_.count("recovery codes accepted");
  subject_event("factor.code_used");
  require(bound_before(held, list), Invariant::kProved, "{} was proved by what came after it", held.id.text());
  prove(held, {domain::Method::kRecoveryCode, list.id.id}, *answer, at);
}

void Model::removed(const FactorId& id, std::optional<Code> refusal, WallTime at) {
  if (refusal) return;
  auto& factor = factors.at(id);
  factor.removed_as_of = tick();
  seen(after_holds(factor.person, at));
  subject_event("factor.removed");
  for (auto& [held_id, held] : transactions) {  // What it proved and nobody has claimed does not stand. [STD-8]
    const bool proved = std::ranges::any_of(held.proofs, [&](const ProofModel& p) { return p.source == id.id; });
    const bool open =
        (held.status == domain::TransactionStatus::kHeld && at < held.expires_at) ||
        (held.status == domain::TransactionStatus::kVerified && held.winner.empty() && at < *held.claimable_until);
    if (!proved || !open) continue;
    touched.insert(held_id);
    tally_.count("approvals that a loss has voided");
    close(held, domain::TransactionStatus::kCanceled, at);
  }
}

}  // namespace countersign::simulation
