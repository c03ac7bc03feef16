#include "usecase/risk/affordable.h"

#include <algorithm>

#include "usecase/spending/outlay.h"
#include "usecase/spending/switch.h"

namespace countersign::usecase {

std::vector<std::string> affordable_signals(const Work& work, std::vector<std::string> names) {
  if (!stopped_at(work.tx, work.caller.account)) return names;
  for (const auto& signal : work.context.settings.signals) {
    if (signal.about_line) std::erase(names, signal.name);
  }
  return names;
}

bool cost_money(const Settings& settings, const std::vector<std::string>& names) {
  if (settings.money.exchange.currency.empty()) return false;
  return std::ranges::any_of(settings.signals, [&](const SignalSettings& signal) {
    return signal.cost && signal.cost->micros > 0 && std::ranges::find(names, signal.name) != names.end();
  });
}

std::vector<std::string> pay_for_signals(const Work& work, std::string_view service, std::string_view phone,
                                         const std::vector<std::string>& names,
                                         FunctionRef<bool(std::string_view)> would_be_asked) {
  std::vector<std::string> unpaid;
  const auto& account = work.context.settings.account(work.caller.account);
  const auto* at = service.empty() ? &account.services.front() : account.service(service);
  for (const auto& signal : work.context.settings.signals) {
    const bool named = std::ranges::find(names, signal.name) != names.end();
    if (at == nullptr || !named || !signal.cost || !would_be_asked(signal.name)) continue;
    if (!pay_for_question(work.tx, work.context, work.caller.account, at->id, *signal.cost, phone, work.moment.now))
      unpaid.push_back(signal.name);
  }
  return unpaid;
}

}  // namespace countersign::usecase
