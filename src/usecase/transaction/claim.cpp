#include "usecase/transaction/claim.h"

#include <algorithm>
#include <set>

#include "base/encoding.h"
#include "base/test_account.h"
#include "store/repository/ceremonies.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/audit_log.h"
#include "usecase/keys.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/passkey/evidence.h"
#include "usecase/push/evidence.h"
#include "usecase/risk/trust.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/cancel.h"
#include "usecase/transaction/held.h"

namespace countersign::usecase {

namespace {

/// Follows from transaction and claimer, so that the winner gets the same one each time and it need not be kept.
///
/// fencing token := Base64url of the first 18 bytes of the token digest "fencing" (crypto/digest.cpp) over
///    transaction       16 bytes
///    claimer digest    32 bytes
std::string fencing_token_of(const store::Vault& vault, const TransactionId& id, std::string_view claimer_digest) {
  std::string what(id.bytes());
  what += claimer_digest;
  return to_base64url(vault.digester().token_digest("fencing", what).substr(0, 18));
}

/// The API key is part of it: another one that knows, or guesses, the Idempotency-Key is another claimer.
///
/// claimer digest := token digest "claimer by name" over
///    actor           who calls: "api:SK…"
///    "\n"
///    name            that the claimer gives itself, or empty
std::string claimer_digest_of(const store::Vault& vault, const Caller& caller, std::string_view name) {
  return vault.digester().token_digest("claimer by name", caller.actor + '\n' + std::string(name));
}

/// The digest of the version before. It matches only rows of that version, because the label differs.
std::string older_claimer_digest_of(const store::Vault& vault, const Caller& caller, std::string_view name) {
  return vault.digester().token_digest("claimer", name.empty() ? "caller " + caller.actor : "key " + std::string(name));
}

bool is_the_winner(const store::Vault& vault, const Caller& caller, std::string_view name, std::string_view digest) {
  return equal_constant_time(digest, claimer_digest_of(vault, caller, name)) ||
         equal_constant_time(digest, older_claimer_digest_of(vault, caller, name));
}

/// With how each source counted, and since when. [STD-1] A claim from before there was standing states neither, so that
/// a copy equals the first receipt.
json::array methods_of(const std::vector<domain::Proof>& proofs, const store::Ceremonies& ceremonies) {
  json::array out;
  for (const auto& proof : proofs) {
    json::object one{{"method", domain::to_text(proof.method)}, {"at", to_rfc3339(proof.proven_at)}};
    if (proof.how.counted != domain::standing::Counted::kNot) {
      one["counted"] = domain::standing::to_text(proof.how.counted);
      one["since"] = to_rfc3339(proof.how.since);
    }
    if (proof.how.repeat_of) one["repeat_of"] = domain::to_text(*proof.how.repeat_of);
    if (!proof.channels.empty()) {  // Only where they were noted, so that a copy equals the first receipt.
      one["source"] = proof.source_text();
      json::array& channels = one["channels"].emplace_array();
      for (const auto channel : proof.channels) channels.emplace_back(contact::to_text(channel));
    }
    if (!proof.how.shared_by.empty()) one["shared_by"] = proof.how.shared_by;
    if (proof.method == domain::Method::kPush) one["number_typed"] = proof.push.number_typed;
    const auto passkey = std::ranges::find(ceremonies.proofs, proof.source, &store::SignedProof::source);
    if (passkey != ceremonies.proofs.end()) one["passkey"] = evidence_of(*passkey);
    const auto device = std::ranges::find(ceremonies.device_proofs, proof.source, &store::DeviceProof::source);
    if (device != ceremonies.device_proofs.end()) one["push"] = evidence_of(*device);
    out.push_back(std::move(one));
  }
  return out;
}

/// [AMR-1] Several kinds only if they are independent of each other. [STD-4] A passkey that verified the person is two
/// factors. [BND-7]
json::array amr_values(const domain::Transaction& state) {
  std::set<std::string_view> values;
  for (const auto& proof : state.proofs) {
    values.insert(domain::amr_of(proof.method));
    if (proof.method != domain::Method::kWebauthn) continue;
    values.insert(proof.passkey.device_bound ? "hwk" : "swk");
    if (proof.passkey.user_verified) values.insert("mfa");
  }
  if (judge_as_recorded(state).kinds_proven > 1) values.insert("mfa");
  json::array out;
  for (const auto value : values) out.emplace_back(value);
  return out;
}

/// The claims of the receipt. All of it is fixed at the claim, so every copy is identical.
std::string receipt_claims(const Context& context, const store::TransactionRow& row, std::string_view identity) {
  const auto& state = row.state;
  const bool test = is_test(state.account);
  json::object claims{
      {"iss", context.settings.public_url + (test ? "/test" : "")},
      {"iat", to_unix_seconds(*state.claimed_at)},
      {"jti", "RC" + to_hex(state.id.bytes())},
      {"sub", identity},
      {"account", state.account.text()},
      {"transaction", state.id.text()},
      {"type", row.type},
      {"display_sha256", to_hex(row.display_hash)},
      {"payload_sha256", to_hex(row.payload_hash)},
      {"binding_sha256", to_hex(row.binding_hash)},
      {"amr", amr_values(state)},
      {"proofs", methods_of(state.proofs, store::open_ceremonies(context.vault, row))},
      {"held_at", to_rfc3339(state.created_at)},
      {"verified_at", to_rfc3339(*state.verified_at)},
      {"claimed_at", to_rfc3339(*state.claimed_at)},
  };
  if (test) claims["test"] = true;
  return canonical_json(claims);
}

/// In review or refused by the rules: nothing is claimed.
Problem stopped(const Work& work, store::TransactionRow& row) {
  work.tx.alone();
  store::save_transaction(work.tx, row);
  store::save_risk(work.tx, row);
  announce_stopped(work, row);
  return problem_of(row.state.status == domain::TransactionStatus::kInReview ? domain::TransactionError::kInReview
                                                                             : domain::TransactionError::kRefused);
}

/// Judges again: a proof may have been voided in the meantime [STD-8], or a rule stops it. Nothing if the judgement
/// stands.
std::optional<Problem> judge_again(const Work& work, store::TransactionRow& row) {
  auto& state = row.state;
  resolve_old_proofs(work.tx, state);
  const auto history = take_history(work.tx, work.context, row);
  if (judge_now(history, state, work.moment.now).met()) {
    const auto* service = work.context.settings.account(work.caller.account).service(state.service);
    if (service != nullptr && stops_claim(work, history, methods_offered(*service), row)) return stopped(work, row);
    state = domain::with_counts_noted(std::move(state), history, work.moment.now);
    return std::nullopt;
  }
  auto ended = domain::voided(std::move(state), work.moment.now);
  if (!ended) return problem_of(ended.error());
  state = *std::move(ended);
  work.tx.alone();
  static_cast<void>(close_transaction(work, row));
  return problem_of(domain::TransactionError::kProofVoided);
}

}  // namespace

Answer<Claim> claim(const Work& work, const TransactionId& id, std::string_view name) {
  const store::Beside beside(work.tx);
  work.tx.will_take(store::Named::kSubjectOfTransaction, work.caller.account.bytes(), id.bytes());
  auto found = store::find_transaction_to_release(work.tx, work.caller.account, id);
  if (found && !work.tx.take(subject_key(work.caller.account, found->row.state.subject)))
    found = store::find_transaction_to_release(work.tx, work.caller.account, id);
  if (!found || found->row.state.purpose != domain::Purpose::kRelease) return refuse(Code::kNotFound);
  store::TransactionRow* const row = &found->row;
  const auto error = domain::why_not_claimable(row->state, work.moment.now);
  const bool again = error == domain::TransactionError::kClaimed && row->claimer_digest &&
                     is_the_winner(work.context.vault, work.caller, name, *row->claimer_digest);
  if (error && !again) return fail(problem_of(*error));
  if (!again) {
    if (auto voided = judge_again(work, *row)) return fail(*std::move(voided));
    auto next = domain::claimed(std::move(row->state), work.moment.now);
    if (!next) return fail(problem_of(next.error()));
    row->state = *std::move(next);
    row->claimer_digest = claimer_digest_of(work.context.vault, work.caller, name);
    store::save_transaction(work.tx, *row);
    record(work, "transaction.claimed", row->state, Facts());
    count(work.tx, work.context, work.caller.account, row->state.service,
          [proofs = row->state.proofs](Tally& tally, const Tally::Place& place) {
            for (const auto& proof : proofs) tally.on_claimed(place, domain::to_text(proof.method));
          });
  }
  if (!found->payload) return refuse(Code::kNotFound);
  const auto& vault = work.context.vault;
  const std::string identity =
      found->identity_sealed.empty() ? "" : store::open_identity(vault, row->state.subject, found->identity_sealed);
  return Claim{store::open_payload(vault, id, *found->payload), receipt_claims(work.context, *row, identity),
               fencing_token_of(work.context.vault, id, *row->claimer_digest)};
}

Answer<Done> acknowledge(const Work& work, const TransactionId& id, std::string_view fencing_token) {
  const store::Beside beside(work.tx);
  auto row = find_held(work.tx, work.caller, id);
  if (!row) return refuse(Code::kNotFound);
  if (!row->claimer_digest)
    return fail(problem_of(
        domain::why_not_claimable(row->state, work.moment.now).value_or(domain::TransactionError::kNotVerified)));
  if (!equal_constant_time(fencing_token_of(work.context.vault, id, *row->claimer_digest), fencing_token)) {
    return refuse(Code::kWrongFencingToken, "this is not the winner's fencing token");
  }
  if (row->state.status == domain::TransactionStatus::kReleased) return Done{};
  auto next = domain::acknowledged(std::move(row->state), work.moment.now);
  if (!next) return fail(problem_of(next.error()));
  row->state = *std::move(next);
  store::save_transaction(work.tx, *row);
  store::destroy_payload(work.tx, work.caller.account, id);
  record(work, "transaction.released", row->state, Facts());
  enqueue_webhooks(work.tx, work.context, "transaction.released", *row, work.moment);
  return Done{};
}

}  // namespace countersign::usecase
