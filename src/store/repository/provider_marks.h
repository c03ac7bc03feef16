#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

// What the operator has said about providers, by their names in the configuration: for all nodes and over restarts.

/// Drained since `at`; absent: in use. Nodes learn of it as of changed API keys.
void set_drained(Tx& tx, std::string_view provider, std::optional<WallTime> at);
/// Those that are drained, and since when.
[[nodiscard]] std::map<std::string, WallTime, std::less<>> drained_providers(Tx& tx);

/// Its learned weights stay as they are, since `at`; absent: they are learned.
void set_frozen(Tx& tx, std::string_view provider, std::optional<WallTime> at);
/// Those that are frozen, and since when.
[[nodiscard]] std::map<std::string, WallTime, std::less<>> frozen_providers(Tx& tx);

}  // namespace countersign::store
