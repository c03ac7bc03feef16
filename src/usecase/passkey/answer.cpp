#include "usecase/passkey/answer.h"

#include <algorithm>

#include "usecase/audit_log.h"
#include "usecase/passkey/enrol.h"
#include "usecase/passkey/parsed_keys.h"

namespace countersign::usecase {

UserHandles user_handles_of(const store::Vault& vault, const AccountId& account, const SubjectId& subject) {
  return {user_handle_of(vault, account, subject), subject.text()};
}

std::optional<webauthn::PublicKey> parsed_key(ParsedKeys* keys, std::string_view cose_key) {
  if (keys != nullptr) return keys->get(cose_key);
  auto key = webauthn::PublicKey::from_cose(cose_key);
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

bool is_of_fallen_model(const PasskeySettings& settings, const store::PasskeyRecord& record, WallTime now) {
  return record.attestation_trusted && settings.model_fell && settings.model_fell(record.aaguid, now);
}

std::optional<webauthn::Refusal> anomaly_of(const store::PasskeyRecord& record, const webauthn::Assertion& assertion) {
  if (assertion.flags.backup_eligible != record.backup_eligible) return webauthn::Refusal::kBackupEligibilityChanged;
  const bool counts = assertion.sign_count != 0 || record.sign_count != 0;
  if (counts && assertion.sign_count <= record.sign_count) return webauthn::Refusal::kCounterWentBack;
  return std::nullopt;
}

void record_anomaly(const Work& work, const SubjectId& subject, const FactorId& factor, webauthn::Refusal strange) {
  const bool fallen = strange == webauthn::Refusal::kCounterWentBack;
  record(work, fallen ? "factor.counter_fallen" : "factor.backup_changed", subject,
         Facts().text("factor", factor.text()));
}

void note_use(const Work& work, const FactorId& factor, store::PasskeyRecord record,
              const webauthn::Assertion& assertion) {
  const std::uint32_t count = std::max(record.sign_count, assertion.sign_count);
  // Most passkeys have no counter: then one write a day is enough for the list of a person's methods.
  const auto day = static_cast<std::uint64_t>(to_unix_seconds(work.moment.now) / 86'400);
  // A security key may have got its PIN after it was registered.
  const bool verified = record.user_verified || assertion.flags.user_verified;
  if (record.sign_count == count && record.backed_up == assertion.flags.backed_up && record.used_day == day &&
      record.user_verified == verified)
    return;
  record.user_verified = verified;
  record.used_day = day;
  record.sign_count = count;
  record.backed_up = assertion.flags.backed_up;
  const std::string sealed =
      store::seal_material(work.context.vault, factor, store::encode(record), work.moment.random);
  store::save_material(work.tx, work.caller.account, factor, sealed);
}

}  // namespace countersign::usecase
