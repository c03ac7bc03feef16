#include "usecase/failed_login.h"

#include <string>

#include "store/repository/counters.h"
#include "usecase/tally.h"

namespace countersign::usecase {

std::optional<Duration> count_failed_login(store::Tx& tx, const Context& context, const IpAddress& client,
                                           const domain::Rate& rate, WallTime now) {
  if (rate.max == 0) return std::nullopt;
  const AccountId nobody{};
  const std::string key = "login ip " + context.vault.digester().blind_index("ip", client.limit_key());
  if (store::count_in_counter(tx, nobody, key, rate, now)) return std::nullopt;
  note_limit(tx, context, nobody, "failed_logins_per_ip");
  return store::wait_for_counter(tx, nobody, key, rate, now);
}

}  // namespace countersign::usecase
