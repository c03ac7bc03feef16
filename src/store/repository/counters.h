#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/limits.h"
#include "store/tx.h"

namespace countersign::store {

// Windows of events without a row of their own: those of an address, a country prefix, a whole account. The units of
// one commit count together: the first to use a window counts in its row, the others in memory, and the row is written
// once for all of them. So what a unit counted is seen by the next one, through these functions alone.

/// The window as it is now.
[[nodiscard]] domain::Window find_counter(Tx& tx, const AccountId& account, std::string_view key);

/// Counts one event like domain::count_event, in at most one statement. False, with nothing counted, if the rate is
/// used up; wait_for_counter then returns the wait. `rate.max` is not 0.
[[nodiscard]] bool count_in_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Rate& rate,
                                    WallTime now);
/// The wait before an event can be counted; zero if none. `rate.max` is not 0.
[[nodiscard]] Duration wait_for_counter(Tx& tx, const AccountId& account, std::string_view key,
                                        const domain::Rate& rate, WallTime now);
/// Undoes one event that this unit counted.
void take_back(Tx& tx, const AccountId& account, std::string_view key);

/// Saves a window whose row is deleted, under a key by which it is found again; nothing is counted under such a key.
void keep_window(Tx& tx, const AccountId& account, std::string_view key, const domain::Window& window);

}  // namespace countersign::store
