#include "base/test_account.h"

#include <algorithm>

namespace countersign {

namespace {

constexpr std::size_t kTimeBytes = 6;

}  // namespace

// twin :=
//    zeros     6 bytes     in place of the time
//    random    10 bytes    those of the live account's id
AccountId test_twin_of(const AccountId& live) {
  AccountId twin = live;
  std::fill_n(twin.id.raw.begin(), kTimeBytes, std::uint8_t{0});
  return twin;
}

bool is_test(const AccountId& account) { return account < end_of_test_accounts() && account != AccountId{}; }

AccountId end_of_test_accounts() {
  AccountId end;
  end.id.raw.at(kTimeBytes - 1) = 1;
  return end;
}

}  // namespace countersign
