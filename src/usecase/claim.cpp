#include "usecase/claim.h"

#include <set>

#include "base/encoding.h"
#include "base/test_account.h"
#include "store/repository/subjects.h"
#include "store/repository/transactions.h"
#include "usecase/announce.h"
#include "usecase/cancel.h"
#include "usecase/gate.h"
#include "usecase/journal.h"
#include "usecase/standing.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

/// Follows from transaction and claimer, so that the winner gets the same one each time and it need not be kept.
std::string fencing_token_of(const store::Vault& vault, const TransactionId& id, std::string_view claimer_digest) {
  std::string what(id.bytes());
  what += claimer_digest;
  return to_base64url(vault.digester().token_digest("fencing", what).substr(0, 18));
}

/// The API key is part of it: another one that knows, or guesses, the Idempotency-Key is another claimer.
std::string claimer_digest_of(const store::Vault& vault, const Caller& caller, std::string_view name) {
  return vault.digester().token_digest("claimer by name", caller.actor + '\n' + std::string(name));
}

/// As the version before made it. Only what it wrote down is equal to it, because the label is its own.
std::string older_claimer_digest_of(const store::Vault& vault, const Caller& caller, std::string_view name) {
  return vault.digester().token_digest("claimer", name.empty() ? "caller " + caller.actor : "key " + std::string(name));
}

bool is_the_winner(const store::Vault& vault, const Caller& caller, std::string_view name, std::string_view digest) {
  return equal_constant_time(digest, claimer_digest_of(vault, caller, name)) ||
         equal_constant_time(digest, older_claimer_digest_of(vault, caller, name));
}

/// With how each source counted, and since when. [STD-1] What was claimed before there was standing says neither, so
/// that a copy says what the first one said.
json::array methods_of(const std::vector<domain::Proof>& proofs) {
  json::array out;
  for (const auto& proof : proofs) {
    json::object one{{"method", domain::to_text(proof.method)}, {"at", to_rfc3339(proof.proven_at)}};
    if (proof.how.counted != domain::standing::Counted::kNot) {
      one["counted"] = domain::standing::to_text(proof.how.counted);
      one["since"] = to_rfc3339(proof.how.since);
    }
    if (proof.how.repeat_of) one["repeat_of"] = domain::to_text(*proof.how.repeat_of);
    out.push_back(std::move(one));
  }
  return out;
}

/// [AMR-1] Of several kinds only where a repeat of one is not taken for another. [STD-4]
json::array amr_values(const domain::Transaction& state) {
  std::set<std::string_view> values;
  for (const auto& proof : state.proofs) values.insert(domain::amr_of(proof.method));
  if (judge_as_recorded(state).kinds_proven > 1) values.insert("mfa");
  json::array out;
  for (const auto value : values) out.emplace_back(value);
  return out;
}

/// What the receipt states. Everything in it is fixed by the time of the claim, so every copy says the same.
std::string receipt_claims(store::Tx& tx, const Context& context, const store::TransactionRow& row) {
  const auto& state = row.state;
  const bool test = is_test(state.account);
  json::object claims{
      {"iss", context.settings.public_url + (test ? "/test" : "")},
      {"iat", to_unix_seconds(*state.claimed_at)},
      {"jti", "RC" + to_hex(state.id.bytes())},
      {"sub", store::subject_identity(tx, context.vault, state.account, state.subject)},
      {"account", state.account.text()},
      {"transaction", state.id.text()},
      {"type", row.type},
      {"display_sha256", to_hex(row.display_hash)},
      {"payload_sha256", to_hex(row.payload_hash)},
      {"binding_sha256", to_hex(row.binding_hash)},
      {"amr", amr_values(state)},
      {"proofs", methods_of(state.proofs)},
      {"held_at", to_rfc3339(state.created_at)},
      {"verified_at", to_rfc3339(*state.verified_at)},
      {"claimed_at", to_rfc3339(*state.claimed_at)},
  };
  if (test) claims["test"] = true;
  return canonical_json(claims);
}

/// Judged anew: what it proved may have been lost since. [STD-8] Nothing when it still stands.
std::optional<Problem> judge_again(store::Tx& tx, const Context& context, const Caller& caller,
                                   store::TransactionRow& row, Moment& moment) {
  auto& state = row.state;
  resolve_old_proofs(tx, state);
  const auto history = take_history(tx, context, row);
  if (judge_now(history, state, moment.now).met()) {
    for (auto& proof : state.proofs) {  // From before there was a history.
      if (proof.how.counted == domain::standing::Counted::kNot)
        proof.how = counts_for(history, proof.source, state, moment.now).how();
    }
    return std::nullopt;
  }
  auto ended = domain::voided(std::move(state), moment.now);
  if (!ended) return problem_of(ended.error());
  state = *std::move(ended);
  static_cast<void>(close_transaction(tx, context, caller, row, moment));
  return problem_of(domain::TransactionError::kProofVoided);
}

}  // namespace

Answer<Claim> claim(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                    std::string_view name, Moment& moment) {
  auto row = find_held_with_history(tx, caller, id);
  if (!row || store::is_internal(row->type)) return refuse(Code::kNotFound);
  const auto error = domain::why_not_claimable(row->state, moment.now);
  const bool again = error == domain::TransactionError::kClaimed && row->claimer_digest &&
                     is_the_winner(context.vault, caller, name, *row->claimer_digest);
  if (error && !again) return fail(problem_of(*error));
  if (!again) {
    if (auto voided = judge_again(tx, context, caller, *row, moment)) return fail(*std::move(voided));
    row->state.claimed_at = moment.now;
    row->claimer_digest = claimer_digest_of(context.vault, caller, name);
    store::save_transaction(tx, *row);
    record(tx, context, caller, "transaction.claimed", row->state, Facts(), moment);
    count(tx, context, caller.account, row->state.service,
          [proofs = row->state.proofs](Tally& tally, const Tally::Place& place) {
            for (const auto& proof : proofs) tally.on_claimed(place, domain::to_text(proof.method));
          });
  }
  auto payload = store::open_payload(tx, context.vault, caller.account, id);
  if (!payload) return refuse(Code::kNotFound);
  return Claim{*std::move(payload), receipt_claims(tx, context, *row),
               fencing_token_of(context.vault, id, *row->claimer_digest)};
}

Answer<Done> acknowledge(store::Tx& tx, const Context& context, const Caller& caller, const TransactionId& id,
                         std::string_view fencing_token, Moment& moment) {
  auto row = find_held(tx, caller, id);
  if (!row) return refuse(Code::kNotFound);
  if (!row->claimer_digest)
    return fail(
        problem_of(domain::why_not_claimable(row->state, moment.now).value_or(domain::TransactionError::kNotVerified)));
  if (!equal_constant_time(fencing_token_of(context.vault, id, *row->claimer_digest), fencing_token)) {
    return refuse(Code::kWrongFencingToken, "this is not the winner's fencing token");
  }
  if (row->state.status == domain::TransactionStatus::kReleased) return Done{};
  if (row->state.status != domain::TransactionStatus::kVerified) return refuse(Code::kTransactionNotHeld);
  row->state.status = domain::TransactionStatus::kReleased;
  row->state.ended_at = moment.now;
  store::save_transaction(tx, *row);
  store::destroy_payload(tx, caller.account, id);
  record(tx, context, caller, "transaction.released", row->state, Facts(), moment);
  announce(tx, context, "transaction.released", *row, moment);
  return Done{};
}

}  // namespace countersign::usecase
