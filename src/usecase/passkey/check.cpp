#include "usecase/passkey/check.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/secret.h"
#include "store/repository/ceremonies.h"
#include "usecase/audit_log.h"
#include "usecase/passkey/challenge.h"
#include "usecase/passkey/enrol.h"
#include "usecase/subject/standing.h"
#include "usecase/tally.h"
#include "usecase/transaction/held.h"
#include "usecase/verification/allowance.h"
#include "usecase/verification/prove.h"
#include "webauthn/challenge.h"
#include "webauthn/client_data.h"

namespace countersign::usecase {

namespace {

using webauthn::Refusal;

/// The active passkey with that credential id, if it is the subject's.
std::optional<store::FactorRow> find_passkey(store::Tx& tx, const store::Vault& vault, const domain::Transaction& held,
                                             std::string_view credential_id) {
  auto factor = store::find_factor_by_handle(tx, held.account, handle_digest_of(vault, held.account, credential_id));
  const bool hers = factor && factor->state.subject == held.subject;
  const bool usable =
      hers && factor->state.type == domain::Method::kWebauthn && factor->state.status == domain::FactorStatus::kActive;
  return usable ? std::move(factor) : std::nullopt;
}

Result<webauthn::Assertion, Refusal> authenticate(const SeenPasskey& seen, const webauthn::PublicKey& key,
                                                  std::string_view salt,
                                                  const webauthn::AuthenticationResponse& response) {
  const auto& record = seen.record;
  const std::string challenge = webauthn::bound_challenge(salt, seen.binding_hash);
  const bool required =
      seen.user_verification || seen.settings->user_verification == webauthn::UserVerification::kRequired;
  const webauthn::AuthenticationExpectation expected{
      seen.settings->party,
      challenge,
      required ? webauthn::UserVerification::kRequired : webauthn::UserVerification::kPreferred,
      {record.credential_id},
      false,
      {},
      webauthn::Anomalies::kReport};
  const webauthn::StoredCredential stored{record.credential_id, key, record.sign_count, record.backup_eligible,
                                          seen.user_handles.expected_of(response)};
  return webauthn::authenticate(expected, stored, response);
}

/// Of the open challenge that the answer names, before anything costs time: whatever else is wrong, no other challenge
/// is spent by it. nullopt if it names none.
std::optional<std::string> salt_named(const SeenPasskey& seen, const webauthn::AuthenticationResponse& response) {
  const auto said = webauthn::parse_client_data(response.client_data);
  if (!said) return std::nullopt;
  const auto found = std::ranges::find_if(seen.salts, [&](const std::string& salt) {
    return equal_constant_time(said->challenge, to_base64url(webauthn::bound_challenge(salt, seen.binding_hash)));
  });
  return found == seen.salts.end() ? std::nullopt : std::optional(*found);
}

/// The row of a check, and what belongs to it.
struct Checking {
  const Work& work;
  store::TransactionRow& held;
  store::Ceremonies ceremonies;

  /// False if no such challenge is open.
  [[nodiscard]] bool spend(std::string_view salt) {
    const auto spent = std::erase_if(ceremonies.open, [&](const store::OpenChallenge& open) {
      return open.salt == salt && work.moment.now < open.until;
    });
    return spent > 0;
  }
  void save() {
    store::put_ceremonies(work.context.vault, held, ceremonies, work.moment.random);
    store::save_ceremonies(work.tx, held);
  }
};

/// One answer for whatever was wrong. [WA-A14] Beyond the limit of its network address or of the transaction nothing is
/// written, and no challenge spent: then nobody can end another's. [THR-5]
/// `tell` writes what else there is to say about it.
Failure<Problem> refuse_answer(
    Checking& checking, const domain::Limits& limits, std::string_view reason, FunctionRef<void()> tell = [] {}) {
  const Work& work = checking.work;
  if (const auto counted = count_check(work, limits, Guesser::kStranger); !counted) return fail(counted.error());
  if (checking.ceremonies.wrong >= kWrongAnswersOfATransaction) {
    note_limit(work.tx, work.context, work.caller.account, "wrong_responses");
    return fail(Problem{Code::kRateLimited, "too many wrong answers of passkeys for this transaction", "",
                        checking.held.state.expires_at - work.moment.now});
  }
  ++checking.ceremonies.wrong;
  count_wrong_check(work, work.context.vault, limits, Guesser::kStranger);
  tell();
  checking.save();
  record(work, "check.failed", checking.held.state, Facts().text("method", "webauthn").text("reason", reason));
  return refuse(Code::kWrongResponse, "the answer was not accepted; ask for a new challenge");
}

}  // namespace

std::optional<SeenPasskey> look_for_passkey(const Work& work, const TransactionId& id, std::string_view credential_id) {
  const auto& vault = work.context.vault;
  const auto row = store::find_transaction(work.tx, work.caller.account, id);
  if (!row || row->state.purpose == domain::Purpose::kStandaloneCode) return std::nullopt;
  const auto& held = row->state;
  SeenPasskey seen;
  seen.settings = passkeys_of(work.context, held.account, held.service);
  for (const auto& open : store::open_ceremonies(vault, *row).open) seen.salts.push_back(open.salt);
  const auto factor = find_passkey(work.tx, vault, held, credential_id);
  auto record = factor ? passkey_record_of(vault, *factor) : std::nullopt;
  if (seen.settings == nullptr || !record) return std::nullopt;
  seen.binding_hash = row->binding_hash;
  seen.user_verification = held.policy.user_verification;
  seen.factor = factor->state.id;
  seen.record = *std::move(record);
  seen.user_handles = user_handles_of(vault, held.account, held.subject);
  return seen;
}

JudgedAssertion judge_assertion(ParsedKeys* keys, const std::optional<SeenPasskey>& seen,
                                const Result<webauthn::AuthenticationResponse, Refusal>& response) {
  if (!response) return {{}, {}, {}, fail(response.error())};
  if (!seen) return {{}, {}, {}, fail(Refusal::kCredentialUnknown)};
  JudgedAssertion judged{{}, seen->factor, seen->record.public_key, fail(Refusal::kWrongChallenge)};
  if (seen->record.rp_id != seen->settings->party.id) return {{}, {}, {}, fail(Refusal::kWrongRpId)};
  const auto key = parsed_key(keys, seen->record.public_key);
  if (!key) return {{}, {}, {}, fail(Refusal::kKeyMalformed)};
  const auto named = salt_named(*seen, *response);
  if (!named) return judged;
  judged.salt = *named;
  judged.verdict = authenticate(*seen, *key, *named, *response);
  return judged;
}

Answer<Approved> check_passkey(const Work& work, const TransactionId& id, const JudgedAssertion& judged,
                               const Result<webauthn::AuthenticationResponse, Refusal>& response) {
  const store::Beside beside(work.tx);
  auto found = open_to_passkey(work, id);
  if (!found) return fail(found.error());
  auto& held = found->row;
  const auto& settings = *found->settings;
  const auto& vault = work.context.vault;
  const auto& limits = work.context.settings.account(work.caller.account).limits;
  Checking checking{work, held, store::open_ceremonies(vault, held)};
  const bool spent = !judged.salt.empty() && checking.spend(judged.salt);
  const auto refused = [&](Refusal why) { return refuse_answer(checking, limits, webauthn::refusal_word(why)); };
  if (!judged.verdict) return refused(judged.verdict.error());
  if (!spent) return refused(Refusal::kWrongChallenge);
  CS_CHECK(response.has_value());  // Or the verdict is none.
  const auto& assertion = *judged.verdict;
  auto factor = find_passkey(work.tx, vault, held.state, response->id);
  auto record_now = factor ? passkey_record_of(vault, *factor) : std::nullopt;
  if (!record_now || factor->state.id != judged.factor || record_now->public_key != judged.public_key)
    return refused(Refusal::kCredentialUnknown);

  if (const auto strange = anomaly_of(*record_now, assertion)) {
    const auto tell = [&] { record_anomaly(work, *factor, *strange); };
    if (settings.strict_counter) return refuse_answer(checking, limits, webauthn::refusal_word(*strange), tell);
    tell();
  }
  // One that ever said that it can be copied may be elsewhere, whatever it says now.
  const bool can_leave = assertion.flags.backup_eligible || record_now->backup_eligible;
  const domain::PasskeyFacts facts{assertion.flags.user_verified, !can_leave};
  if (!domain::suffices(held.state.policy, domain::Method::kWebauthn, facts))
    return refuse_answer(checking, limits, facts.device_bound ? "user_not_verified" : "not_device_bound");
  const Id source = factor->state.id.id;
  auto& proofs = checking.ceremonies.proofs;
  const bool first = std::ranges::none_of(proofs, [&](const store::SignedProof& p) { return p.source == source; });
  if (first && proofs.size() >= kSignedProofsMax) {
    checking.save();
    return fail(enough_passkeys());
  }
  if (const auto counted = count_check(work, limits, Guesser::kKnown); !counted) return fail(counted.error());

  if (first) {
    proofs.push_back({source, settings.party.id, judged.salt, response->client_data, response->authenticator_data,
                      response->signature, record_now->public_key});
  }
  const ServiceId service = held.state.service;
  domain::Proof proof{domain::Method::kWebauthn, source, work.moment.now};
  proof.passkey = facts;
  auto approved = prove(work, held, proof);
  if (!approved && first) proofs.pop_back();
  checking.save();
  if (!approved) return approved;
  note_use(work, *factor, *record_now, assertion);
  count(work.tx, work.context, work.caller.account, service, [](Tally& tally, const Tally::Place& place) {
    tally.on_approved(place, domain::to_text(domain::Method::kWebauthn), "none");
  });
  return approved;
}

}  // namespace countersign::usecase
