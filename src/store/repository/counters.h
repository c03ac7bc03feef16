#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/limits.h"
#include "store/tx.h"

namespace countersign::store {

/// A window of events that belongs to no row of its own: those of an address, a country prefix, a whole account.
[[nodiscard]] domain::Window find_counter(Tx& tx, const AccountId& account, std::string_view key);

/// Counts one event as domain::count_event would, in one statement. False, and nothing written, when the rate is used
/// up; then wait_for_counter tells how long. `rate.max` is not 0.
[[nodiscard]] bool count_in_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Rate& rate,
                                    WallTime now);
/// How long until an event can be counted there; zero where one can be now. `rate.max` is not 0.
[[nodiscard]] Duration wait_for_counter(Tx& tx, const AccountId& account, std::string_view key,
                                        const domain::Rate& rate, WallTime now);
/// Puts a window away that has lost its row, under a name by which it is found again.
void keep_window(Tx& tx, const AccountId& account, std::string_view key, const domain::Window& window);
/// Takes one event back that was counted in this transaction.
void take_back(Tx& tx, const AccountId& account, std::string_view key);

}  // namespace countersign::store
