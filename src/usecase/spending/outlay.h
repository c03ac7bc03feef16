#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/price.h"
#include "store/repository/counters.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

struct QueuedMessage;

// What messages cost, counted before they leave: in the transaction that decides to send, again for each further try,
// and never taken back once a provider was asked. Budgets are ceilings: no rule and no leniency lifts them. [ADR 51]

/// A message, as far as it costs money.
struct Outlay {
  ServiceId service;
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;  ///< Its name in the configuration.
  bool proved = false;   ///< The recipient has proved the contact: she may use the reserve.
};

/// In millionths of the currency of budgets. A price that is not known, or not in a currency that has a rate, counts as
/// the dearest that is; an e-mail without a price costs nothing. Zero where nothing is counted: without a currency, and
/// for test accounts.
[[nodiscard]] std::int64_t price_of(const Context& context, const AccountId& account, const Outlay& outlay,
                                    std::string_view address);

/// The windows in which it is counted, with what they may come to: those of the account, the service and, for a
/// telephone number, its country.
[[nodiscard]] std::vector<store::SpentFrom> pays_from(const Context& context, const AccountId& account,
                                                      const Outlay& outlay, std::string_view address);

// Keys of these windows.
[[nodiscard]] std::string spent_by_account();
[[nodiscard]] std::string spent_by_service(const ServiceId& service);
/// `country`: as country_of() has it.
[[nodiscard]] std::string spent_on_country(std::string_view country);

/// Name of all spending among what the operator has drained; no provider can have such a name. Of one account:
/// name_of_spending().
inline constexpr std::string_view kAllSpending = "all spending";
[[nodiscard]] std::string name_of_spending(const AccountId& account);

/// Whether an operator has stopped what the message costs: anything to a telephone, and an e-mail that has a price. Not
/// for test accounts. This node knows within a second.
[[nodiscard]] bool is_stopped(const Context& context, const AccountId& account, const Outlay& outlay);

/// Counts the price of one message, or answers kSpendingStopped or kBudgetSpent, with nothing counted.
[[nodiscard]] Answer<Done> pay(store::Tx& tx, const Context& context, const AccountId& account, const Outlay& outlay,
                               std::string_view address, WallTime now);

/// The same of a question that others charge for (docs/fraud.md): from the budgets that a message to that line would be
/// paid from, without their reserve; of none, from those of the account and the service. False: a budget is spent;
/// nothing was counted.
[[nodiscard]] bool pay_for_question(store::Tx& tx, const Context& context, const AccountId& account,
                                    const ServiceId& service, const domain::Price& cost, std::string_view phone,
                                    WallTime now);

// A queued message that is handed over later, or again.

[[nodiscard]] Outlay outlay_of(const QueuedMessage& message);
[[nodiscard]] std::string_view address_in(const QueuedMessage& message);
[[nodiscard]] bool is_stopped(const Context& context, const QueuedMessage& message);
/// It goes on by the carrier that it names now. `called`: the one before was asked, so its price is spent; else it is
/// used for this one. What is lacking is counted by pay_for_move().
void note_move(const Context& context, QueuedMessage& message, bool called);
/// False: a budget is spent; nothing was counted.
[[nodiscard]] bool pay_for_move(store::Tx& tx, const Context& context, const QueuedMessage& message, WallTime now);
/// The same for a message that was leased once more, after a provider was asked.
[[nodiscard]] bool pay_for_retry(store::Tx& tx, const Context& context, QueuedMessage& message, WallTime now);

}  // namespace countersign::usecase
