#include "usecase/spending/outlay.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "base/test_account.h"
#include "domain/budget.h"
#include "store/repository/contacts.h"
#include "store/repository/transactions.h"
#include "store/repository/verifications.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/queued_message.h"
#include "usecase/tally.h"

namespace countersign::usecase {

namespace {

const AccountSettings* paying_account(const Context& context, const AccountId& account) {
  const auto found = context.settings.accounts.find(account);
  return is_test(account) || found == context.settings.accounts.end() ? nullptr : &found->second;
}

/// As the operator states it; nullopt if it is unknown, or in a currency without a rate.
std::optional<std::int64_t> stated_price(const Context& context, const AccountSettings& account, const Outlay& outlay,
                                         std::string_view address) {
  const auto* service = account.service(outlay.service);
  const auto* provider = service == nullptr ? nullptr : service->provider_of(outlay.channel, outlay.provider);
  if (provider == nullptr) return std::nullopt;
  const auto price = provider->price_to(contact::uses_phone(outlay.channel) ? country_of(address) : std::string());
  return price ? domain::exchanged(*price, context.settings.money.exchange) : std::nullopt;
}

std::int64_t most_from(const std::optional<domain::Budget>& budget, bool proved) {
  return budget ? domain::most_of(*budget, proved) : domain::kMostMoney;
}

/// A kind of window: its name in the metrics, and in the sentence of a refusal.
struct SpentKind {
  std::string_view limit;
  std::string_view detail;
};
SpentKind kind_of_window(std::string_view key) {
  if (key.starts_with("spent service")) return {"budget_service", "today's budget of this service is spent"};
  if (key.starts_with("spent country")) return {"budget_country", "today's budget for this country is spent"};
  return {"budget_account", "today's budget is spent"};
}

Answer<Done> counted_price(store::Tx& tx, const Context& context, const AccountId& account, const Outlay& outlay,
                           std::string_view address, std::int64_t price, WallTime now) {
  if (price == 0) return Done{};
  const auto from = pays_from(context, account, outlay, address);
  const auto lacking = store::spend(tx, account, from, price, now);
  if (!lacking) return Done{};
  const auto [limit, detail] = kind_of_window(from[lacking->window].key);
  note_limit(tx, context, account, limit, address);
  return fail(Problem{Code::kBudgetSpent, std::string(detail), "", lacking->retry_after});
}

}  // namespace

std::string spent_by_account() { return std::string(store::kSpent) + "account"; }
std::string spent_by_service(const ServiceId& service) {
  return fmt::format("{}service {}", store::kSpent, service.text());
}
std::string spent_on_country(std::string_view country) { return fmt::format("{}country {}", store::kSpent, country); }

std::string name_of_spending(const AccountId& account) { return fmt::format("{} {}", kAllSpending, account.text()); }

std::int64_t price_of(const Context& context, const AccountId& account, const Outlay& outlay,
                      std::string_view address) {
  const auto& money = context.settings.money;
  const auto* settings = paying_account(context, account);
  if (money.exchange.currency.empty() || settings == nullptr) return 0;
  return stated_price(context, *settings, outlay, address)
      .value_or(contact::uses_phone(outlay.channel) ? money.dearest : 0);
}

std::vector<store::SpentFrom> pays_from(const Context& context, const AccountId& account, const Outlay& outlay,
                                        std::string_view address) {
  const auto& budgets = context.settings.account(account).budgets;
  const auto of_service = budgets.services.find(outlay.service);
  std::vector<store::SpentFrom> from{
      {spent_by_account(), most_from(budgets.account, outlay.proved)},
      {spent_by_service(outlay.service),
       most_from(of_service == budgets.services.end() ? std::nullopt : std::optional(of_service->second),
                 outlay.proved)}};
  if (!contact::uses_phone(outlay.channel)) return from;
  const auto country = country_of(address);
  from.push_back({spent_on_country(country), most_from(budgets.of_country(country), outlay.proved)});
  return from;
}

bool is_stopped(const Context& context, const AccountId& account, const Outlay& outlay) {
  if (context.board == nullptr || is_test(account)) return false;
  if (!context.board->drained(kAllSpending) && !context.board->drained(name_of_spending(account))) return false;
  if (contact::uses_phone(outlay.channel)) return true;
  const auto* settings = paying_account(context, account);
  const auto* service = settings == nullptr ? nullptr : settings->service(outlay.service);
  const auto* provider = service == nullptr ? nullptr : service->provider_of(outlay.channel, outlay.provider);
  const auto price = provider == nullptr ? std::nullopt : provider->price_to({});
  return price && price->micros > 0;
}

Answer<Done> pay(store::Tx& tx, const Context& context, const AccountId& account, const Outlay& outlay,
                 std::string_view address, WallTime now) {
  if (is_stopped(context, account, outlay)) {
    note_limit(tx, context, account, "spending_stopped", address);
    return refuse(Code::kSpendingStopped, "an operator has stopped all messages that cost money");
  }
  return counted_price(tx, context, account, outlay, address, price_of(context, account, outlay, address), now);
}

bool pay_for_question(store::Tx& tx, const Context& context, const AccountId& account, const ServiceId& service,
                      const domain::Price& cost, std::string_view phone, WallTime now) {
  const auto& exchange = context.settings.money.exchange;
  if (exchange.currency.empty() || paying_account(context, account) == nullptr) return true;
  const auto price = domain::exchanged(cost, exchange);
  const Outlay outlay{service, phone.empty() ? contact::Channel::kEmail : contact::Channel::kSms, "", false};
  return price && counted_price(tx, context, account, outlay, phone, *price, now).has_value();
}

Outlay outlay_of(const QueuedMessage& message) {
  return {message.service, message.channel(), message.provider, message.paid.proved};
}

std::string_view address_in(const QueuedMessage& message) {
  return std::visit([](const auto& content) { return std::string_view(content.to); }, message.content);
}

bool is_stopped(const Context& context, const QueuedMessage& message) {
  return is_stopped(context, message.account, outlay_of(message));
}

void note_move(const Context& context, QueuedMessage& message, bool called) {
  const std::int64_t price = price_of(context, message.account, outlay_of(message), address_in(message));
  const std::int64_t ahead = called ? 0 : message.paid.ahead;
  message.paid.due = std::max<std::int64_t>(0, price - ahead);
  message.paid.ahead = ahead + message.paid.due;
}

bool pay_for_move(store::Tx& tx, const Context& context, const QueuedMessage& message, WallTime now) {
  return counted_price(tx, context, message.account, outlay_of(message), address_in(message), message.paid.due, now)
      .has_value();
}

bool pay_for_retry(store::Tx& tx, const Context& context, QueuedMessage& message, WallTime now) {
  if (price_of(context, message.account, outlay_of(message), address_in(message)) == 0) return true;
  const auto held = store::find_transaction(tx, message.account, message.transaction);
  const auto row = held ? store::find_verification(tx, *held, message.verification) : std::nullopt;
  const auto contact = row ? store::find_contact(tx, message.account, row->state.contact) : std::nullopt;
  message.paid.proved = contact && contact->line_proved;
  const auto outlay = outlay_of(message);
  message.paid.ahead = price_of(context, message.account, outlay, address_in(message));
  return counted_price(tx, context, message.account, outlay, address_in(message), message.paid.ahead, now).has_value();
}

}  // namespace countersign::usecase
