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

/// Whether it is an active passkey of that subject.
bool is_usable(const std::optional<store::AnsweringFactor>& factor, const SubjectId& subject) {
  return factor && factor->subject == subject && factor->type == domain::Method::kWebauthn &&
         factor->status == domain::FactorStatus::kActive;
}

std::optional<store::PasskeyRecord> open_record(const store::Vault& vault, const store::AnsweringFactor& factor) {
  return store::decode_passkey_record(store::open_material(vault, factor.id, factor.material_sealed).expose());
}

/// What stands sealed as it stood when the answer was judged has been opened then.
store::Ceremonies ceremonies_now(const store::Vault& vault, const store::TransactionRow& row,
                                 const std::optional<SeenPasskey>& seen) {
  const bool same =
      seen && seen->asked->transaction == row.state.id && seen->asked->ceremonies_sealed == row.ceremonies_sealed;
  return same ? seen->asked->ceremonies : store::open_ceremonies(vault, row);
}

/// The record of the passkey that the answer was judged by, if it is still usable.
std::optional<store::PasskeyRecord> record_now(const store::Vault& vault, const domain::Transaction& held,
                                               const std::optional<store::AnsweringFactor>& factor,
                                               const KnownPasskey& known) {
  if (!is_usable(factor, held.subject) || factor->id != known.factor) return std::nullopt;
  return factor->material_sealed == known.material_sealed ? known.record : open_record(vault, *factor);
}

/// The open challenge that an answer names.
struct Named {
  std::string salt;
  std::string challenge;
  webauthn::ClientData client_data;
};

Result<webauthn::Assertion, Refusal> authenticate(const SeenPasskey& seen, const webauthn::PublicKey& key, Named named,
                                                  const webauthn::AuthenticationResponse& response) {
  const auto& record = seen.passkey->record;
  const bool required =
      seen.asked->user_verification || seen.settings->user_verification == webauthn::UserVerification::kRequired;
  const webauthn::AuthenticationExpectation expected{
      seen.settings->party,
      named.challenge,
      required ? webauthn::UserVerification::kRequired : webauthn::UserVerification::kPreferred,
      {record.credential_id},
      false,
      {},
      webauthn::Anomalies::kReport};
  const webauthn::StoredCredential stored{record.credential_id, key, record.sign_count, record.backup_eligible,
                                          seen.user_handles.expected_of(response)};
  return webauthn::authenticate(expected, stored, response, std::move(named.client_data));
}

/// Before anything costs time: whatever else is wrong, no other challenge is spent by the answer. nullopt if it names
/// none.
std::optional<Named> challenge_named(const AskedPasskeys& asked, const webauthn::AuthenticationResponse& response) {
  auto said = webauthn::parse_client_data(response.client_data);
  if (!said) return std::nullopt;
  for (const auto& open : asked.ceremonies.open) {
    std::string challenge = webauthn::bound_challenge(open.salt, asked.binding_hash);
    if (equal_constant_time(said->challenge, to_base64url(challenge)))
      return Named{open.salt, std::move(challenge), *std::move(said)};
  }
  return std::nullopt;
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
  void put() const { store::put_ceremonies(work.context.vault, held, ceremonies, work.moment.random); }
  void save() const {
    put();
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
  const AccountId& account = work.caller.account;
  auto found = store::find_to_judge(work.tx, account, id, handle_digest_of(vault, account, credential_id));
  if (!found || found->purpose == domain::Purpose::kStandaloneCode) return std::nullopt;
  const auto* settings = passkeys_of(work.context, account, found->service);
  if (settings == nullptr || !is_usable(found->factor, found->subject)) return std::nullopt;
  auto record = open_record(vault, *found->factor);
  if (!record) return std::nullopt;
  auto asked = std::make_shared<AskedPasskeys>();
  asked->account = account;
  asked->transaction = id;
  asked->service = found->service;
  asked->subject = found->subject;
  asked->user_verification = found->policy.user_verification;
  asked->binding_hash = std::move(found->binding_hash);
  asked->ceremonies = store::open_ceremonies(vault, id, found->ceremonies_sealed);
  asked->ceremonies_sealed = std::move(found->ceremonies_sealed);
  asked->passkeys.push_back({found->factor->id, std::move(found->factor->material_sealed), *std::move(record)});
  const KnownPasskey* const passkey = &asked->passkeys.front();
  return SeenPasskey{std::move(asked), passkey, settings, user_handles_of(vault, account, found->subject)};
}

std::optional<SeenPasskey> remembered_passkey(const Context& context, const std::optional<AccountId>& account,
                                              const TransactionId& id, std::string_view credential_id, WallTime now) {
  auto asked = context.passkeys_asked == nullptr ? nullptr : context.passkeys_asked->find(id, now);
  if (!asked || (account && asked->account != *account)) return std::nullopt;
  const auto* passkey = asked->find(credential_id);
  const auto* settings = passkeys_of(context, asked->account, asked->service);
  if (passkey == nullptr || settings == nullptr) return std::nullopt;
  auto handles = user_handles_of(context.vault, asked->account, asked->subject);
  return SeenPasskey{std::move(asked), passkey, settings, std::move(handles)};
}

JudgedAssertion judge_assertion(ParsedKeys* keys, std::optional<SeenPasskey> seen,
                                const Result<webauthn::AuthenticationResponse, Refusal>& response) {
  JudgedAssertion judged{std::move(seen), {}, fail(Refusal::kWrongChallenge)};
  const auto refused = [&](Refusal why) {
    judged.verdict = fail(why);
    return judged;
  };
  if (!response) return refused(response.error());
  if (!judged.seen) return refused(Refusal::kCredentialUnknown);
  const auto& record = judged.seen->passkey->record;
  if (record.rp_id != judged.seen->settings->party.id) return refused(Refusal::kWrongRpId);
  const auto key = parsed_key(keys, record.public_key);
  if (!key) return refused(Refusal::kKeyMalformed);
  auto named = challenge_named(*judged.seen->asked, *response);
  if (!named) return judged;
  judged.salt = named->salt;
  judged.verdict = authenticate(*judged.seen, *key, *std::move(named), *response);
  return judged;
}

Answer<Approved> check_passkey(const Work& work, const TransactionId& id, const JudgedAssertion& judged,
                               const Result<webauthn::AuthenticationResponse, Refusal>& response) {
  const store::Beside beside(work.tx);
  const KnownPasskey* const known = judged.seen ? judged.seen->passkey : nullptr;
  auto found = open_to_passkey(work, id, known != nullptr ? std::optional(known->factor) : std::nullopt);
  if (!found) return fail(found.error());
  auto& held = found->row;
  const auto& settings = *found->settings;
  const auto& vault = work.context.vault;
  const auto& limits = work.context.settings.account(work.caller.account).limits;
  Checking checking{work, held, ceremonies_now(vault, held, judged.seen)};
  const bool spent = !judged.salt.empty() && checking.spend(judged.salt);
  const auto refused = [&](Refusal why) { return refuse_answer(checking, limits, webauthn::refusal_word(why)); };
  if (!judged.verdict) return refused(judged.verdict.error());
  if (!spent) return refused(Refusal::kWrongChallenge);
  CS_CHECK(response.has_value() && known != nullptr);  // Or the verdict is none.
  const auto& assertion = *judged.verdict;
  auto record = record_now(vault, held.state, found->factor, *known);
  if (!record || record->credential_id != response->id || record->public_key != known->record.public_key)
    return refused(Refusal::kCredentialUnknown);
  if (is_of_fallen_model(settings, *record, work.moment.now)) return refused(Refusal::kAuthenticatorDenied);

  if (const auto strange = anomaly_of(*record, assertion)) {
    const auto tell = [&] { record_anomaly(work, held.state.subject, known->factor, *strange); };
    if (settings.strict_counter) return refuse_answer(checking, limits, webauthn::refusal_word(*strange), tell);
    tell();
  }
  // One that ever said that it can be copied may be elsewhere, whatever it says now.
  const bool can_leave = assertion.flags.backup_eligible || record->backup_eligible;
  const domain::PasskeyFacts facts{assertion.flags.user_verified, !can_leave};
  if (!domain::suffices(held.state.policy, domain::Method::kWebauthn, facts))
    return refuse_answer(checking, limits, facts.device_bound ? "user_not_verified" : "not_device_bound");
  const Id source = known->factor.id;
  auto& proofs = checking.ceremonies.proofs;
  const bool first = std::ranges::none_of(proofs, [&](const store::SignedProof& p) { return p.source == source; });
  if (first && proofs.size() >= kSignedProofsMax) {
    checking.save();
    return fail(enough_passkeys());
  }
  if (const auto counted = count_check(work, limits, Guesser::kKnown); !counted) return fail(counted.error());

  if (first) {
    proofs.push_back({source, settings.party.id, judged.salt, response->client_data, response->authenticator_data,
                      response->signature, record->public_key});
  }
  checking.put();  // prove() writes it with the proof.
  const ServiceId service = held.state.service;
  domain::Proof proof{domain::Method::kWebauthn, source, work.moment.now};
  proof.passkey = facts;
  auto approved = prove(work, held, proof);
  if (!approved) {
    if (first) proofs.pop_back();
    checking.save();
    return approved;
  }
  note_use(work, known->factor, *std::move(record), assertion);
  if (auto* asked = work.context.passkeys_asked; asked != nullptr)
    work.tx.when_durable([asked, id] { asked->forget(id); });
  count(work.tx, work.context, work.caller.account, service, [](Tally& tally, const Tally::Place& place) {
    tally.on_approved(place, domain::to_text(domain::Method::kWebauthn), "none");
  });
  return approved;
}

}  // namespace countersign::usecase
