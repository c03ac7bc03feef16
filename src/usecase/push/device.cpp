#include "usecase/push/device.h"

#include <utility>

#include "usecase/passkey/enrol.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

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

}  // namespace countersign::usecase
