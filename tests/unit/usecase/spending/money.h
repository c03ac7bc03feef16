#pragma once

#include <map>
#include <string>

#include "tests/unit/usecase/script.h"
#include "usecase/spending/outlay.h"

namespace countersign::testing {

/// Budgets in BRL, and one price for each message by the provider "double".
inline void price_messages(Fixture& fixture, std::int64_t micros = 50'000) {
  fixture.settings().money = {{"BRL", {{"USD", 5'000'000}}}, micros, micros};
  for (auto& service : fixture.settings().accounts.at(fixture.account()).services) {
    for (auto& [channel, provider] : service.providers) {
      if (contact::uses_phone(channel)) provider.prices = {{"", {micros, "BRL"}}};
    }
  }
}

inline usecase::Budgets& budgets(Fixture& fixture) { return fixture.settings().accounts.at(fixture.account()).budgets; }

/// What is counted today, by the key of its window.
inline std::int64_t spent(Fixture& fixture, const std::string& key = usecase::spent_by_account()) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto all = store::all_spent(tx, fixture.account());
    const auto found = all.find(key);
    return found == all.end() ? 0 : domain::spent_on_day(found->second, moment.now);
  });
}

/// Sends to `phone` for `identity` in a transaction of its own.
inline Answer<usecase::Started> pay_for_code(Fixture& fixture, const std::string& identity,
                                             const std::string& phone = std::string(kPhone)) {
  fixture.request().identity = identity;
  fixture.request().contacts = {{Channel::kSms, phone}};
  fixture.hold();
  return fixture.start({fixture.current(), Channel::kSms, phone});
}

}  // namespace countersign::testing
