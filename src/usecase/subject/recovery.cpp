#include "usecase/subject/recovery.h"

#include "base/json.h"
#include "crypto/recovery_code.h"
#include "store/repository/recovery_codec.h"
#include "store/repository/subjects.h"
#include "usecase/audit_log.h"
#include "usecase/outbox/webhooks.h"
#include "usecase/subject/enrol.h"
#include "usecase/subject/notices.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

namespace {

constexpr std::size_t kSaltBytes = 16;

NewCodes shown(const store::FactorRow& row, std::string_view codes) {
  NewCodes out{row.state.id, {}, row.state.confirm_by};
  for (; !codes.empty(); codes.remove_prefix(crypto::kRecoveryCodeLength))
    out.codes.emplace_back(crypto::grouped_recovery_code(codes.substr(0, crypto::kRecoveryCodeLength)));
  return out;
}

}  // namespace

Answer<NewCodes> make_recovery_codes(const Work& work, const CodesRequest& request) {
  auto row = new_factor(work, {request.identity, request.name, request.service, domain::Method::kRecoveryCode});
  if (!row) return fail(row.error());
  const auto& vault = work.context.vault;
  SecretString all;  // One after the other; they are as long as each other.
  all.expose_for_writing().reserve(domain::kRecoveryCodes * crypto::kRecoveryCodeLength);
  domain::RecoverySet set;
  for (std::size_t i = 0; i < domain::kRecoveryCodes; ++i) {
    const SecretString code = crypto::new_recovery_code(work.moment.random);
    const std::string salt = work.moment.random.bytes(kSaltBytes);
    set.codes.push_back({salt, recovery_digest(vault, row->state, salt, code)});
    all.expose_for_writing() += code.expose();
  }
  row->material_sealed = seal_recovery_set(work, row->state.id, set);
  row->secret_sealed = store::seal_secret(vault, row->state.id, all.expose(), work.moment.random);
  store::insert_factor(work.tx, *row);
  record_enrolled(work, *row);
  return shown(*row, all.expose());
}

std::optional<NewCodes> waiting_codes(store::Tx& tx, const Context& context, const AccountId& account,
                                      const SubjectId& subject, const FactorId& id, WallTime now) {
  const auto row = store::find_factor(tx, account, subject, id);
  const bool waits = row && row->state.type == domain::Method::kRecoveryCode &&
                     row->state.status == domain::FactorStatus::kUnconfirmed && now < row->state.confirm_by;
  if (!waits) return std::nullopt;
  return shown(*row, store::open_secret(context.vault, *row).expose());
}

std::optional<NewCodes> waiting_codes(const Work& work, std::string_view identity, const FactorId& id) {
  const auto subject = store::find_subject(work.tx, work.context.vault, work.caller.account, identity);
  if (!subject) return std::nullopt;
  return waiting_codes(work.tx, work.context, work.caller.account, *subject, id, work.moment.now);
}

domain::RecoverySet recovery_set_of(const store::Vault& vault, const store::FactorRow& row) {
  return store::decode_recovery_set(store::open_material(vault, row).expose());
}

std::string seal_recovery_set(const Work& work, const FactorId& id, const domain::RecoverySet& set) {
  return store::seal_material(work.context.vault, id, store::encode_recovery_set(set), work.moment.random);
}

std::string recovery_digest(const store::Vault& vault, const domain::Factor& set, std::string_view salt,
                            const SecretString& code) {
  return vault.digester().code_digest("recovery code", {set.account.bytes(), set.id.bytes(), salt}, code.expose());
}

void report_code_used(const Work& work, const domain::standing::History& history, const store::FactorRow& set,
                      std::size_t left) {
  const SubjectId& subject = set.state.subject;
  record(work, "factor.code_used", subject,
         Facts().text("factor", set.state.id.text()).number("left", static_cast<std::int64_t>(left)));
  const auto* binding = binding_of(history, set.state.id.id);
  if (binding == nullptr) return;
  const ServiceSettings* service = work.context.settings.account(work.caller.account).service(history.service);
  json::object data{{"subject", subject.text()},
                    {"service", service == nullptr ? json::value(nullptr) : json::value(service->name)},
                    {"binding", binding->id.text()},
                    {"factor", set.state.id.text()},
                    {"codes_left", left},
                    {"renew", domain::asks_for_new_set(left)}};
  constexpr std::string_view kType = "subject.recovery_code_used";
  enqueue_webhook_body(work.tx, work.caller.account, kType,
                       canonical_json(json::object{
                           {"type", kType}, {"timestamp", to_rfc3339(work.moment.now)}, {"data", std::move(data)}}),
                       work.moment);
  tell_of_code_used(work, history, *binding, left);
}

}  // namespace countersign::usecase
