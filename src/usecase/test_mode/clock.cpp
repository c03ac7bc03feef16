#include "usecase/test_mode/clock.h"

#include "base/check.h"
#include "store/repository/counters.h"
#include "store/repository/test_mode.h"
#include "usecase/audit_log.h"
#include "usecase/test_mode/work.h"

namespace countersign::usecase {

WallTime time_for(store::Tx& tx, const AccountId& account, WallTime machine) {
  return is_test(account) ? machine + store::clock_ahead(tx, account) : machine;
}

TestClock show_test_clock(store::Tx& tx, const AccountId& account, WallTime machine) {
  const Duration ahead = store::clock_ahead(tx, account);
  return {machine + ahead, ahead};
}

Answer<TestClock> advance_test_clock(const Work& work, std::chrono::seconds by) {
  CS_CHECK(is_test(work.caller.account));
  if (by < std::chrono::seconds(1) || by > kTestAdvanceMax)
    return refuse_field("advance_seconds", "must be 1 to 2678400, which is 31 days");
  const Duration before = store::clock_ahead(work.tx, work.caller.account);
  if (before + by > kTestAheadMax) return refuse_field("advance_seconds", "the clock is a thousand years ahead");
  store::save_clock_ahead(work.tx, work.caller.account, before + by);
  work.moment.now += by;
  record(work, "test_clock.advanced", Facts().number("seconds", by.count()));
  work_off_tests(work.tx, work.context, work.caller.account, work.moment);
  return TestClock{work.moment.now, before + by};
}

// Both counters are stored without an account: such counters are swept by the machine's clock.

std::optional<Problem> count_test_write(store::Tx& tx, const AccountId& account, std::size_t bytes, WallTime machine) {
  const std::string key = std::string("test writes ").append(account.bytes());
  for (std::size_t counted = 0; counted <= bytes; counted += kTestWriteBytes) {
    if (store::count_in_counter(tx, AccountId{}, key, kTestWritesOfAccount, machine)) continue;
    return Problem{Code::kRateLimited, "too many requests that write in test mode today", "",
                   store::wait_for_counter(tx, AccountId{}, key, kTestWritesOfAccount, machine)};
  }
  return std::nullopt;
}

bool count_test_webhook(store::Tx& tx, const AccountId& account, WallTime machine) {
  const std::string key = std::string("test webhooks ").append(account.bytes());
  return store::count_in_counter(tx, AccountId{}, key, kTestWebhooksOfAccount, machine);
}

}  // namespace countersign::usecase
