#pragma once

#include "base/id.h"

namespace countersign {

// A test account is the twin of a live one, in which the account's test keys work. [ADR 26] Its id says so by itself:
// zeros in place of the time that every id begins with, then the live id's random bytes.

[[nodiscard]] AccountId test_twin_of(const AccountId& live);

/// False for live accounts, and for the account that nobody is.
[[nodiscard]] bool is_test(const AccountId& account);

/// Every test account's id is below this one, and no live account's is.
[[nodiscard]] AccountId end_of_test_accounts();

}  // namespace countersign
