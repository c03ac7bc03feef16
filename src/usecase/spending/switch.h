#pragma once

#include <optional>
#include <string_view>

#include "store/repository/events.h"
#include "usecase/problem.h"
#include "usecase/work.h"

namespace countersign::usecase {

// One switch stops all messages that cost money, at once and on all nodes: those that are asked for, and those that
// wait (usecase/spending/outlay.h). It is kept with what operators say about providers
// (store/repository/provider_marks.h), so that nodes learn of it as quickly, and over restarts.

/// Stopped since when; absent: not stopped. For the whole server, whatever the accounts are.
[[nodiscard]] std::optional<WallTime> all_stopped_at(store::Tx& tx);
[[nodiscard]] std::optional<WallTime> account_stopped_at(store::Tx& tx, const AccountId& account);
/// By the account itself or for the whole server.
[[nodiscard]] std::optional<WallTime> stopped_at(store::Tx& tx, const AccountId& account);

/// Stops (`at`) or starts that account's spending, without an event.
void set_spending(store::Tx& tx, const AccountId& account, std::optional<WallTime> at);
void set_all_spending(store::Tx& tx, std::optional<WallTime> at);

/// Types of the events and webhooks.
[[nodiscard]] constexpr std::string_view event_of_spending(bool stopped) {
  return stopped ? "spending.stopped" : "spending.started";
}
/// Tells the account's endpoints.
void tell_of_spending(store::Tx& tx, const AccountId& account, bool stopped, Moment& moment);

/// By an API key with the scope `admin`: kMayNotAdminister. Of its own account alone, so it does not start what an
/// operator has stopped for all. Answers since when it is stopped now.
[[nodiscard]] Answer<std::optional<WallTime>> switch_spending(const Work& work, bool stopped);

}  // namespace countersign::usecase
