#include "usecase/tally.h"

#include "base/test_account.h"
#include "contact/phone_number.h"

namespace countersign::usecase {

Tally::Place place_of(const Context& context, const AccountId& account, const ServiceId& service) {
  if (account == AccountId{}) return {};
  const auto found = context.settings.accounts.find(account);
  if (found == context.settings.accounts.end()) return {account.text(), ""};
  if (service == ServiceId{}) return {found->second.name, ""};
  const ServiceSettings* settings = found->second.service(service);
  return {found->second.name, settings != nullptr ? settings->name : service.text()};
}

Tally* tally_for(const Context& context, const AccountId& account) {
  return is_test(account) ? nullptr : context.tally;
}

std::string country_of(std::string_view address) {
  if (address.empty()) return "unknown";
  if (!address.starts_with('+')) return "none";
  const auto phone = contact::PhoneNumber::parse(address);
  if (phone && !phone->region().empty()) return std::string(phone->region());
  const auto digits = contact::calling_code_digits(address);
  return digits == 0 ? "unknown" : std::string(address.substr(0, 1 + digits));
}

void note_limit(store::Tx& tx, const Context& context, const AccountId& account, std::string_view limit,
                std::string_view address) {
  Tally* const tally = tally_for(context, account);
  if (tally == nullptr) return;
  tx.when_answered([&context, tally, account, limit, country = address.empty() ? std::string() : country_of(address)] {
    tally->on_limit(place_of(context, account, {}).account, limit, country);
  });
}

}  // namespace countersign::usecase
