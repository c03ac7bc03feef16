#include <algorithm>

#include "simulation/model.h"
#include "simulation/trace.h"

namespace countersign::simulation {

using domain::TransactionStatus;
using domain::VerificationStatus;

TransactionModel& Model::transaction(const TransactionId& id) {
  const auto found = transactions.find(id);
  require(found != transactions.end(), Invariant::kNothingLost, "{} is known to nobody", id.text());
  touched.insert(id);
  return found->second;
}

void Model::event(TransactionModel& held, const std::string& type) {
  ++held.events[type];
  tally_.count("event: " + type);
}

void Model::announce(TransactionModel& held, const std::string& type) {
  event(held, type);
  if (endpoints_ > 0) held.announcements[type] += endpoints_;
}

void Model::held(const TransactionModel& made) {
  auto [at, fresh] = transactions.emplace(made.id, made);
  require(fresh, Invariant::kOnce, "{} was held twice", made.id.text());
  at->second.held_as_of = tick();
  seen(made.created_at);
  touched.insert(made.id);
  event(at->second, "transaction.held");
}

bool Model::met(const TransactionModel& held) const {
  std::set<domain::Kind> kinds;
  std::size_t company = 0;  // Kinds without recovery codes, which are none. [STD-10]
  bool alone = false;
  for (const auto& proof : held.proofs) {
    if (!held.policy.any_of.contains(proof.method)) continue;
    const bool is_recovery = proof.method == domain::Method::kRecoveryCode;
    if (kinds.insert(domain::kind_of(proof.method)).second && !is_recovery) ++company;
    const bool needs_company = is_recovery || (proof.method == domain::Method::kTotp && !held.policy.totp_alone) ||
                               (proof.method == domain::Method::kEmail && !held.policy.email_alone);
    alone = alone || !needs_company;
  }
  return kinds.size() >= static_cast<std::size_t>(held.policy.min_kinds) && (alone || company >= 2);
}

bool Model::same_source(const ProofModel& one, const ProofModel& other) const {
  if (one.source == other.source) return true;
  const auto line_of = [&](const ProofModel& proof) -> std::optional<AddressId> {
    const auto found = contacts.find(ContactId{proof.source});
    return found == contacts.end() ? std::nullopt : std::optional(found->second.line);
  };
  const auto line = line_of(one);
  return line && line == line_of(other);
}

void Model::prove(TransactionModel& held, const ProofModel& proof, const usecase::Approved& approved, WallTime at) {
  require(held.status == TransactionStatus::kHeld, Invariant::kProved, "{} took a proof although it is {}",
          held.id.text(), domain::to_text(held.status));
  require(at < held.expires_at, Invariant::kProved, "{} took a proof after its end", held.id.text());
  if (std::ranges::none_of(held.proofs, [&](const ProofModel& p) { return same_source(p, proof); }))
    held.proofs.push_back(proof);
  event(held, "check.approved");
  seen(at);
  proved_.insert({held.person, held.at_upstream});
  tally_.count("proofs from known sources");
  if (proof.method != domain::Method::kPush) showed_herself(held);
  const bool enough = met(held);
  const bool verified = approved.status == TransactionStatus::kVerified;
  require(!verified || enough, Invariant::kProved, "{} is verified without proofs that meet its policy",
          held.id.text());
  require(verified || !enough, Invariant::kRightCounts, "{} is not verified although its policy is met",
          held.id.text());
  if (!verified) return;
  held.status = TransactionStatus::kVerified;
  held.claimable_until = at + std::chrono::minutes(5);
  announce(held, "transaction.verified");
}

void Model::close(TransactionModel& held, TransactionStatus to, WallTime at) {
  require(held.winner.empty(), Invariant::kOneWinner, "{} is {} although {} has claimed it", held.id.text(),
          domain::to_text(to), held.winner);
  held.status = to;
  for (const auto& id : held.verifications) {
    auto& verification = verifications.at(id);
    if (verification.status == VerificationStatus::kPending && at < verification.expires_at)
      verification.status = VerificationStatus::kCanceled;
  }
  announce(held, "transaction." + std::string(domain::to_text(to)));
}

void Model::ended(const TransactionId& id, const Answer<usecase::Ended>& answer, TransactionStatus to, WallTime at) {
  auto& held = transaction(id);
  if (!answer) return;
  const bool open = held.status == TransactionStatus::kHeld ||
                    (held.status == TransactionStatus::kVerified && to == TransactionStatus::kCanceled);
  require(open, Invariant::kNothingLost, "{} was {} and now is {}", id.text(), domain::to_text(held.status),
          domain::to_text(to));
  close(held, to, at);
}

void Model::expired(const std::vector<TransactionId>& ids, WallTime at) {
  for (const auto& id : ids) {
    auto& held = transaction(id);
    const bool lapsed = (held.status == TransactionStatus::kHeld && at >= held.expires_at) ||
                        (held.status == TransactionStatus::kVerified && at >= held.claimable_until);
    require(lapsed, Invariant::kNothingLost, "{} expired before its time", id.text());
    close(held, TransactionStatus::kExpired, at);
  }
}

void Model::claimed(const TransactionId& id, const std::string& claimer, const Answer<usecase::Claim>& answer,
                    WallTime at) {
  auto& held = transaction(id);
  if (!answer) {
    const bool refused_winner = held.winner == claimer && held.status == TransactionStatus::kVerified;
    require(!refused_winner, Invariant::kNothingLost, "{}: the winner is refused what it has claimed", id.text());
    if (answer.error().code == Code::kAlreadyClaimed) tally_.count("claims refused: somebody was first");
    return;
  }
  require(met(held), Invariant::kProved, "{} is handed out without proofs that meet its policy", id.text());
  require(held.status == TransactionStatus::kVerified, Invariant::kProved, "{} is handed out while {}", id.text(),
          domain::to_text(held.status));
  require(answer->payload.expose() == held.payload, Invariant::kNothingLost, "{} gives another payload", id.text());
  if (held.winner.empty()) {
    require(at < *held.claimable_until, Invariant::kProved, "{} is handed out after its window", id.text());
    held.winner = claimer;
    held.fencing_token = answer->fencing_token;
    held.receipt = answer->receipt_claims;
    event(held, "transaction.claimed");
    return;
  }
  require(held.winner == claimer, Invariant::kOneWinner, "{} was won by {} and then by {}", id.text(), held.winner,
          claimer);
  require(held.fencing_token == answer->fencing_token && held.receipt == answer->receipt_claims, Invariant::kOneWinner,
          "{} answers its winner differently", id.text());
  tally_.count("claims answered again");
}

void Model::acknowledged(const TransactionId& id, const std::string& token, const Answer<Done>& answer) {
  auto& held = transaction(id);
  if (!answer) {
    const bool right = !held.winner.empty() && token == held.fencing_token;
    require(!right, Invariant::kNothingLost, "{} refuses the winner's own token", id.text());
    tally_.count("acknowledgements refused: not the winner's token");
    return;
  }
  require(!held.winner.empty() && token == held.fencing_token, Invariant::kOneWinner,
          "{} took a token that is not the winner's", id.text());
  if (held.status == TransactionStatus::kReleased) return;
  require(held.status == TransactionStatus::kVerified && met(held), Invariant::kProved, "{} was released while {}",
          id.text(), domain::to_text(held.status));
  held.status = TransactionStatus::kReleased;
  announce(held, "transaction.released");
}

}  // namespace countersign::simulation
