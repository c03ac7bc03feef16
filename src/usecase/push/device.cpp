#include "usecase/push/device.h"

#include <algorithm>
#include <utility>

#include "store/repository/device_material.h"
#include "usecase/passkey/enrol.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

namespace {

/// The material with other prompts; nullopt for what is no device, or knows it already.
template <class Device>
std::optional<std::string> with_other_proof(std::optional<Device> device, std::string_view asker) {
  if (!device) return std::nullopt;
  auto next = domain::after_other_proof(device->prompts, asker);
  if (next == device->prompts) return std::nullopt;
  device->prompts = std::move(next);
  return store::encode(*device);
}

void note_other_proof_on(const Work& work, store::FactorRow& factor) {
  const bool device = factor.state.type == domain::Method::kPush && factor.material_sealed &&
                      factor.state.status != domain::FactorStatus::kRemoved;
  if (!device) return;
  const auto material = store::open_material(work.context.vault, factor);
  const std::string asker = asker_of(work);
  auto next = with_other_proof(store::decode_push_device(material.expose()), asker);
  if (!next) next = with_other_proof(store::decode_device_material(material.expose()), asker);
  if (!next) return;
  put_material(work, factor, *std::move(next));
  store::save_material(work.tx, work.caller.account, factor.state.id, *factor.material_sealed);
}

}  // namespace

const PushServerSettings* push_of(const Context& context, const AccountId& account, const ServiceId& service) {
  const auto& settings = context.settings;
  const ServiceSettings* found = settings.account(account).service(service);
  return settings.push && found != nullptr && !found->push_page.empty() ? &*settings.push : nullptr;
}

std::string device_handle_digest(const store::Vault& vault, const AccountId& account, std::string_view public_key) {
  return vault.digester().token_digest("push device", std::string(account.bytes()).append(public_key));
}

std::optional<store::PushDevice> push_device_of(const store::Vault& vault, const store::FactorRow& factor) {
  if (factor.state.type != domain::Method::kPush || !factor.material_sealed) return std::nullopt;
  return store::decode_push_device(store::open_material(vault, factor).expose());
}

void put_device(const Work& work, store::FactorRow& factor, const store::PushDevice& device) {
  put_material(work, factor, store::encode(device));
}

std::vector<DeviceFor> devices_for(const Work& work, const store::TransactionRow& row,
                                   const domain::standing::History& history) {
  const auto& held = row.state;
  std::vector<DeviceFor> found;
  for (auto& factor : store::factors_of(work.tx, held.account, held.subject)) {
    if (factor.state.status != domain::FactorStatus::kActive) continue;
    auto device = push_device_of(work.context.vault, factor);
    if (!device) continue;
    const Id source = factor.state.id.id;
    const auto counts = counts_for(history, source, held, work.moment.now);
    // Of another service. [STD-12]
    if (!counts.any() && counts.why_not == domain::standing::WhyNot::kUnknown) continue;
    if (held.purpose != domain::Purpose::kRelease && !may_answer(work.context, row, history, source, work.moment.now))
      continue;
    found.push_back({std::move(factor), *std::move(device), counts});
  }
  return found;
}

std::string asker_of(const Work& work) {
  if (!work.caller.end_user) return {};
  return work.context.vault.digester().blind_index("ip", work.caller.end_user->limit_key());
}

void note_other_proof(const Work& work, const SubjectId& subject) {
  for (auto& factor : store::factors_of(work.tx, work.caller.account, subject)) note_other_proof_on(work, factor);
}

void note_other_proof(const Work& work, const domain::standing::History& history) {
  const auto has = [&](const Id& source) {
    return std::ranges::any_of(history.bindings, [&](const domain::standing::Binding& one) {
      return one.kind == domain::Kind::kDevice && !one.gone && one.source == source;
    });
  };
  const bool any = std::ranges::any_of(history.bindings, [](const domain::standing::Binding& one) {
    return one.kind == domain::Kind::kDevice && !one.gone;
  });
  if (!any) return;
  for (auto& factor : store::factors_of(work.tx, work.caller.account, history.subject))
    if (has(factor.state.id.id)) note_other_proof_on(work, factor);
}

bool proved_otherwise(const domain::Transaction& held) {
  return std::ranges::any_of(
      held.proofs, [](const domain::Proof& proof) { return domain::kind_of(proof.method) != domain::Kind::kDevice; });
}

bool has_room_for(const store::Ceremonies& ceremonies, Id source) {
  const auto& kept = ceremonies.device_proofs;
  return kept.size() < store::kDeviceProofsMax ||
         std::ranges::find(kept, source, &store::DeviceProof::source) != kept.end();
}

void keep_evidence(store::Ceremonies& ceremonies, store::DeviceProof proof) {
  auto& kept = ceremonies.device_proofs;
  if (std::ranges::find(kept, proof.source, &store::DeviceProof::source) == kept.end())
    kept.push_back(std::move(proof));
}

Problem problem_of(const domain::NotPrompted& held_back) {
  return Problem{Code::kRateLimited,
                 "the person's devices are not asked now (" + std::string(to_text(held_back.why)) +
                     "); another proof of this transaction comes first",
                 "", held_back.retry_after};
}

}  // namespace countersign::usecase
