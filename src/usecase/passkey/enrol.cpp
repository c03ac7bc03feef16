#include "usecase/passkey/enrol.h"

#include "domain/display.h"
#include "store/repository/subjects.h"
#include "usecase/audit_log.h"
#include "usecase/subject/contacts.h"
#include "webauthn/challenge.h"
#include "webauthn/options.h"

namespace countersign::usecase {

std::string user_handle_of(const store::Vault& vault, const AccountId& account, const SubjectId& subject) {
  // Keyed and so random to everybody else; nothing needs to be kept, and it outlives the passkeys.
  return vault.digester().token_digest("webauthn user", std::string(account.bytes()).append(subject.bytes()));
}

std::string handle_digest_of(const store::Vault& vault, const AccountId& account, std::string_view credential_id) {
  return vault.digester().token_digest("webauthn credential", std::string(account.bytes()).append(credential_id));
}

std::optional<store::PasskeyRecord> passkey_record_of(const store::Vault& vault, const store::FactorRow& factor) {
  if (factor.state.type != domain::Method::kWebauthn || !factor.material_sealed) return std::nullopt;
  return store::decode_passkey_record(store::open_material(vault, factor).expose());
}

void put_material(const Work& work, store::FactorRow& factor, std::string_view encoded) {
  factor.material_sealed = store::seal_material(work.context.vault, factor.state.id, encoded, work.moment.random);
}

const PasskeySettings* passkeys_of(const Context& context, const AccountId& account, const ServiceId& service) {
  const ServiceSettings* settings = context.settings.account(account).service(service);
  return settings != nullptr && settings->passkeys ? &*settings->passkeys : nullptr;
}

Answer<PasskeyEnrolment> enrol_passkey(const Work& work, const PasskeyEnrolRequest& request) {
  if (!domain::is_showable(request.account_label, 64))
    return refuse_field("label", "must be plain text of at most 64 characters");
  const AccountId& account = work.caller.account;
  const auto& vault = work.context.vault;
  const auto* settings =
      request.wishes ? &request.wishes->settings : passkeys_of(work.context, account, request.service);
  if (settings == nullptr) return refuse(Code::kChannelUnavailable, "passkeys are not configured for this service");
  auto made = new_factor(work, {request.identity, request.name, request.service, domain::Method::kWebauthn});
  if (!made) return fail(made.error());
  store::FactorRow& row = *made;
  const SubjectId subject = row.state.subject;
  row.state.confirm_by = work.moment.now + kCeremonyTime;
  store::PasskeyOffer offer{settings->party.id,
                            webauthn::fresh_challenge(work.moment.random),
                            settings->user_verification == webauthn::UserVerification::kRequired,
                            {}};
  if (request.operation) offer.operation = request.operation->bytes();
  put_material(work, row, store::encode(offer));
  const auto known = store::factors_of(work.tx, account, subject);
  store::insert_factor(work.tx, row);
  record_enrolled(work, row);

  const std::string label = request.account_label.empty() ? account_label(work.tx, work.context, row, request.identity)
                                                          : request.account_label;
  const auto& wishes = request.wishes;
  webauthn::CreationOptions options{
      settings->party,
      wishes ? wishes->party_name : work.context.settings.account(account).service(request.service)->friendly_name,
      {wishes ? subject.text() : user_handle_of(vault, account, subject), label, label},
      offer.challenge,
      {webauthn::kOfferedAlgorithms.begin(), webauthn::kOfferedAlgorithms.end()},
      {},
      wishes ? wishes->resident_key : webauthn::ResidentKey::kPreferred,
      settings->user_verification,
      wishes ? wishes->attachment : std::string(),
      {},
      settings->wants_attestation ? webauthn::Conveyance::kDirect : webauthn::Conveyance::kNone,
      std::chrono::duration_cast<std::chrono::milliseconds>(kCeremonyTime)};
  for (const auto& factor : known) {
    auto record = passkey_record_of(vault, factor);
    if (record && record->rp_id == settings->party.id)
      options.exclude.push_back({std::move(record->credential_id), std::move(record->transports)});
  }
  return PasskeyEnrolment{row.state.id, canonical_json(webauthn::creation_options(options)), row.state.confirm_by};
}

}  // namespace countersign::usecase
