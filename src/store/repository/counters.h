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
void save_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Window& before,
                  const domain::Window& after);

}  // namespace countersign::store
