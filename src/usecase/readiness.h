#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "store/store.h"

namespace countersign::usecase {

// The server is ready if it can write durably: why_not_ready has nothing to report, and a unit with write_something
// succeeds.

/// Problems that a successful write does not show, or that would delay the caller.
[[nodiscard]] std::optional<std::string_view> why_not_ready(const store::StoreStats& stats);

Done write_something(store::Tx& tx, WallTime now);

}  // namespace countersign::usecase
