#pragma once

#include "base/id.h"

namespace countersign {

// A test account is the twin of a live account, for the account's test keys. [ADR 26] Its id shows this: zeros in place
// of the leading timestamp, then the live id's random bytes.

[[nodiscard]] AccountId test_twin_of(const AccountId& live);

/// False for live accounts and for the empty id.
[[nodiscard]] bool is_test(const AccountId& account);

/// An upper bound: test account ids are below it, live account ids are not.
[[nodiscard]] AccountId end_of_test_accounts();

}  // namespace countersign
