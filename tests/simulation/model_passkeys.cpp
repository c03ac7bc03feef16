#include <algorithm>

#include "simulation/model.h"
#include "simulation/trace.h"

// What is right about passkeys: said by docs/passkeys.md, not taken from the code.
namespace countersign::simulation {

using domain::TransactionStatus;

void Model::enrolled_key(std::size_t person, const FactorId& id, const testing::SoftwareAuthenticator& device,
                         WallTime confirm_by, bool at_upstream, WallTime at) {
  enrolled(person, id, "", confirm_by, at_upstream, at);
  auto& factor = factors.at(id);
  factor.type = domain::Method::kWebauthn;
  factor.device = device;
}

void Model::confirmed_key(const FactorId& id, bool genuine, const Bound& bound, WallTime at) {
  const auto refusal = bound ? std::nullopt : std::optional(bound.error().code);
  auto& key = factors.at(id);
  const bool waits = key.confirmed_as_of == 0 && key.removed_as_of == 0 && !key.offer_spent && at < key.confirm_by;
  require(refusal || waits, Invariant::kOnce, "{} was confirmed again, or too late", id.text());
  require(refusal || genuine, Invariant::kProved, "{} was confirmed by an answer to something else", id.text());
  require(!waits || !genuine || !refusal, Invariant::kRightCounts, "{} refused its own registration", id.text());
  if (bound) return bind(key, *bound, at);
  if (refusal != Code::kWrongResponse) return;
  require(waits, Invariant::kOnce, "{} was judged twice", id.text());
  key.offer_spent = true;
  subject_event("factor.response_wrong");
}

bool Model::is_active(const TransactionModel& held, const FactorModel& key) {
  return key.person == held.person && key.confirmed_as_of != 0 && key.removed_as_of == 0;
}

void Model::challenged(const TransactionId& id, const std::string& challenge, const std::set<std::string>& listed,
                       WallTime until, WallTime at) {
  auto& held = transaction(id);
  const bool may = held.status == TransactionStatus::kHeld && at < held.expires_at &&
                   held.policy.any_of.contains(domain::Method::kWebauthn);
  require(may, Invariant::kProved, "{} asks for a passkey and may not", id.text());
  std::set<std::string> wanted;
  for (const auto& [key_id, key] : factors) {
    if (key.device && is_active(held, key) && counts(held, key)) wanted.insert(key.device->credential_id);
  }
  require(!wanted.empty() && listed == wanted, Invariant::kRightCounts,
          "{} asks {} passkeys, and {} of the person count", id.text(), listed.size(), wanted.size());
  std::erase_if(held.challenges, [&](const ChallengeModel& open) { return at >= open.until; });
  // Asking ends none; where there is no room for another, one is given again.
  if (std::ranges::find(held.challenges, challenge, &ChallengeModel::challenge) == held.challenges.end())
    held.challenges.push_back({challenge, until});
}

void Model::not_challenged(const TransactionId& id, Code why, WallTime at) {
  const auto& held = transaction(id);
  const bool may = held.status == TransactionStatus::kHeld && at < held.expires_at &&
                   held.policy.any_of.contains(domain::Method::kWebauthn);
  const bool has = std::ranges::any_of(factors, [&](const auto& entry) {
    return entry.second.device && is_active(held, entry.second) && counts(held, entry.second);
  });
  require(!may || !has, Invariant::kRightCounts, "{} does not ask a passkey that counts ({})", id.text(),
          static_cast<int>(why));
}

bool Model::knows_answer(const TransactionId& id, const FactorId& factor, const KeyAnswer& answer) {
  const auto& held = transaction(id);
  return is_active(held, factors.at(factor)) &&
         std::ranges::find(held.challenges, answer.challenge, &ChallengeModel::challenge) != held.challenges.end();
}

void Model::checked_key(const TransactionId& id, const FactorId& factor_id, const KeyAnswer& said, bool known,
                        const Answer<usecase::Approved>& answer, WallTime at) {
  auto& held = transaction(id);
  auto& key = factors.at(factor_id);
  const auto open = std::ranges::find(held.challenges, said.challenge, &ChallengeModel::challenge);
  // Of this transaction, not answered before, not too late; and it was already so when the answer was judged.
  const bool asked = known && open != held.challenges.end() && at < open->until;
  const bool verified = said.verified || !held.policy.user_verification;
  const bool counted_on = said.count > key.sign_count || (said.count == 0 && key.sign_count == 0);
  const bool usable = asked && is_active(held, key) && said.genuine && verified;
  const bool is_open = held.status == TransactionStatus::kHeld && at < held.expires_at;
  if (!answer) {
    const Code why = answer.error().code;
    if (why == Code::kRateLimited) tally_.count("passkeys' answers refused: too many");
    if (why == Code::kWrongResponse) {
      require(!usable || !counted_on || !is_open, Invariant::kRightCounts, "{} refused its own answer for {}",
              factor_id.text(), id.text());
      tally_.count(!asked      ? "passkeys' answers refused: not asked, or answered"
                   : !verified ? "passkeys' answers refused: touched alone"
                               : "passkeys' answers refused: others");
      event(held, "check.failed");
      if (usable && !counted_on) {
        subject_event("factor.counter_fallen");
        tally_.count("passkeys' counters that went back");
      }
    }
    const bool judged = why == Code::kWrongResponse || why == Code::kSourceDoesNotCount;
    if (judged && asked) held.challenges.erase(open);
    return;
  }
  require(is_open && held.policy.any_of.contains(domain::Method::kWebauthn), Invariant::kProved,
          "{} took a passkey and may not", id.text());
  require(asked, Invariant::kOnce, "{} took an answer that it did not ask for, or had before", id.text());
  require(usable && counts(held, key), Invariant::kProved, "{} was proved by what may not prove it", id.text());
  require(counted_on, Invariant::kOnce, "{}: a counter went back", factor_id.text());
  held.challenges.erase(open);
  key.sign_count = std::max(key.sign_count, said.count);
  tally_.count("passkeys' answers accepted");
  prove(held, {domain::Method::kWebauthn, factor_id.id}, *answer, at);
}

}  // namespace countersign::simulation
