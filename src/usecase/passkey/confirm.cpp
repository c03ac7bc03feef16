#include "usecase/passkey/confirm.h"

#include "store/repository/subjects.h"
#include "usecase/audit_log.h"
#include "usecase/passkey/enrol.h"
#include "webauthn/options.h"

namespace countersign::usecase {

namespace {

store::PasskeyRecord record_of(std::string rp_id, const webauthn::Registration& registration) {
  store::PasskeyRecord record;
  record.rp_id = std::move(rp_id);
  record.credential_id = registration.credential_id;
  record.public_key = registration.public_key;
  record.sign_count = registration.sign_count;
  record.user_verified = registration.flags.user_verified;
  record.backup_eligible = registration.flags.backup_eligible;
  record.backed_up = registration.flags.backed_up;
  record.aaguid = registration.aaguid;
  record.transports = registration.transports;
  record.attestation_format = registration.attestation_format;
  record.attestation_type = webauthn::attestation_type_name(registration.attestation_type);
  record.attestation_trusted = registration.attestation_trusted;
  return record;
}

/// One answer for whatever was wrong. [WA-A14]
Failure<Problem> refuse_registration(const Work& work, store::FactorRow factor, store::PasskeyOffer offer,
                                     webauthn::Refusal why) {
  offer.challenge.clear();
  put_material(work, factor, store::encode(offer));
  store::save_factor(work.tx, factor);
  record(work, "factor.response_wrong", factor.state.subject,
         Facts().text("factor", factor.state.id.text()).text("reason", webauthn::refusal_word(why)));
  return refuse(Code::kWrongResponse, "the answer was not accepted, and its challenge is spent; enrol again");
}

}  // namespace

std::optional<store::PasskeyOffer> waiting_offer(const store::Vault& vault, const store::FactorRow& factor) {
  if (factor.state.type != domain::Method::kWebauthn || factor.state.status != domain::FactorStatus::kUnconfirmed ||
      !factor.material_sealed)
    return std::nullopt;
  return store::decode_passkey_offer(store::open_material(vault, factor).expose());
}

std::optional<SeenOffer> look_for_offer(const Work& work, std::string_view identity, const FactorId& id) {
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, identity);
  const auto factor = subject ? store::find_factor(work.tx, work.caller.account, *subject, id) : std::nullopt;
  if (!factor) return std::nullopt;
  auto offer = waiting_offer(work.context.vault, *factor);
  if (!offer || offer->challenge.empty()) return std::nullopt;
  return SeenOffer{*std::move(offer), service_of_factor(work.context, *factor)};
}

JudgedRegistration judge_registration(const PasskeySettings& settings, const SeenOffer& seen,
                                      const Result<webauthn::RegistrationResponse, webauthn::Refusal>& response,
                                      WallTime now) {
  const auto& offer = seen.offer;
  if (!response) return {offer.challenge, fail(response.error())};
  if (settings.party.id != offer.rp_id) return {offer.challenge, fail(webauthn::Refusal::kWrongRpId)};
  const auto wanted =
      offer.user_verification ? webauthn::UserVerification::kRequired : webauthn::UserVerification::kPreferred;
  const webauthn::RegistrationExpectation expected{
      settings.party,
      offer.challenge,
      wanted,
      {webauthn::kOfferedAlgorithms.begin(), webauthn::kOfferedAlgorithms.end()},
      settings.attestation,
      now,
      false,
      {}};
  return {offer.challenge, webauthn::register_credential(expected, *response)};
}

bool knows_credential(const Work& work, std::string_view rp_id, std::string_view credential_id) {
  const auto has_it = [&](const AccountId& account) {
    const std::string handle = handle_digest_of(work.context.vault, account, credential_id);
    return store::find_factor_by_handle(work.tx, account, handle).has_value();
  };
  if (has_it(work.caller.account)) return true;
  return std::ranges::any_of(work.context.settings.accounts, [&](const auto& one) {
    const bool same = std::ranges::any_of(one.second.services, [&](const ServiceSettings& service) {
      return service.passkeys && service.passkeys->party.id == rp_id;
    });
    return one.first != work.caller.account && same && has_it(one.first);
  });
}

Answer<FactorView> confirm_passkey(const Work& work, std::string_view identity, const FactorId& id,
                                   const std::optional<JudgedRegistration>& judged, const ConfirmTerms& terms) {
  const auto& vault = work.context.vault;
  const AccountId& account = work.caller.account;
  auto factor = factor_to_confirm(work, identity, id, terms);
  if (!factor) return fail(factor.error());
  auto offer = waiting_offer(vault, *factor);
  // One that the person adds on a page is confirmed there, with the proofs of that operation.
  const bool of_caller = offer && (offer->operation.empty() || terms.as == BindFactor::kAdded);
  const bool waits = of_caller && !offer->challenge.empty() && work.moment.now < factor->state.confirm_by;
  if (!waits)
    return refuse(Code::kFactorUnusable,
                  "the factor is no passkey that waits for an answer: confirmed, answered wrongly, or too late");
  // Only what was judged by this very challenge counts.
  if (!judged || judged->challenge != offer->challenge)
    return refuse_registration(work, *std::move(factor), *std::move(offer), webauthn::Refusal::kWrongChallenge);
  if (!judged->verdict)
    return refuse_registration(work, *std::move(factor), *std::move(offer), judged->verdict.error());
  const auto& registration = *judged->verdict;
  std::string handle = handle_digest_of(vault, account, registration.credential_id);
  if (store::find_factor_by_handle(work.tx, account, handle))
    return refuse_registration(work, *std::move(factor), *std::move(offer),
                               webauthn::Refusal::kCredentialAlreadyRegistered);
  factor->handle_digest = std::move(handle);
  put_material(work, *factor, store::encode(record_of(std::move(offer->rp_id), registration)));
  return bind_confirmed(work, *std::move(factor), terms);
}

}  // namespace countersign::usecase
