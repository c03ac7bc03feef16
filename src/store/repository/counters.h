#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/budget.h"
#include "domain/limits.h"
#include "store/tx.h"

namespace countersign::store {

// Windows of events without a row of their own: those of an address, a country prefix, a whole account. The units of
// one commit count together: the first to use a window counts in its row, the others in memory, and the row is written
// once for all of them. So what a unit counted is seen by the next one, through these functions alone.

/// The window as it is now.
[[nodiscard]] domain::Window find_counter(Tx& tx, const AccountId& account, std::string_view key);

/// Reads windows that this unit is about to count in, three at most, with one statement, where each would be read by
/// one of its own: where other nodes commit at the same time (Tx::is_shared). Nothing elsewhere.
void look_at_counters(Tx& tx, const AccountId& account, std::span<const std::string> keys);

/// Counts one event like domain::count_event, in at most one statement. False, with nothing counted, if the rate is
/// used up; wait_for_counter then returns the wait. `rate.max` is not 0.
[[nodiscard]] bool count_in_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Rate& rate,
                                    WallTime now);
/// The wait before an event can be counted; zero if none. `rate.max` is not 0.
[[nodiscard]] Duration wait_for_counter(Tx& tx, const AccountId& account, std::string_view key,
                                        const domain::Rate& rate, WallTime now);
/// Undoes one event, or the price, that this unit counted last.
void take_back(Tx& tx, const AccountId& account, std::string_view key);

// Money: windows of one UTC day, whose count is an amount (domain/budget.h). An account's are read together, once for
// all units of a commit, and written at its end. What nodes spend side by side is judged again there, so that they
// never exceed a budget together.

/// A window that a price is counted in.
struct SpentFrom {
  std::string key;        ///< Begins with kSpent.
  std::int64_t most = 0;  ///< The sum that it may not exceed.
};
inline constexpr std::string_view kSpent = "spent ";

struct NotSpent {
  std::size_t window;  ///< The first of them without room.
  Duration retry_after;
};
/// Counts the price in all of these windows, or in none.
[[nodiscard]] std::optional<NotSpent> spend(Tx& tx, const AccountId& account, std::span<const SpentFrom> from,
                                            std::int64_t price, WallTime now);
/// All windows of the account, by key, as they are stored.
[[nodiscard]] std::map<std::string, domain::Window, std::less<>> all_spent(Tx& tx, const AccountId& account);

/// Saves a window whose row is deleted, under a key by which it is found again; nothing is counted under such a key.
void keep_window(Tx& tx, const AccountId& account, std::string_view key, const domain::Window& window);

}  // namespace countersign::store
