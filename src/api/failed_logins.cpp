#include "api/failed_logins.h"

#include <utility>

#include "store/repository/counters.h"
#include "usecase/tally.h"

namespace countersign::api {

namespace {

/// Counts one more, or says how long to wait.
std::optional<Duration> count(store::Tx& tx, const Api& api, const IpAddress& client) {
  const domain::Rate& rate = api.failed_logins_per_ip;
  if (rate.max == 0) return std::nullopt;
  const AccountId nobody{};
  const std::string key = "login ip " + api.context.vault.digester().blind_index("ip", client.limit_key());
  const WallTime now = api.clock.now();
  if (store::count_in_counter(tx, nobody, key, rate, now)) return std::nullopt;
  usecase::note_limit(tx, api.context, nobody, "failed_logins_per_ip");
  return store::wait_for_counter(tx, nobody, key, rate, now);
}

}  // namespace

void answer_failed_login(const Api& api, const IpAddress& client, http::Reply reply,
                         std::function<http::Response(std::optional<Duration> retry_after)> answer) {
  Executor& home = reply.executor();
  api.store.transact(
      home, [&api, client](store::Tx& tx) { return count(tx, api, client); },
      [reply = std::move(reply),
       answer = std::move(answer)](Result<std::optional<Duration>, store::StoreError> wait) mutable {
        reply.send(answer(wait ? *wait : std::nullopt));
      });
}

}  // namespace countersign::api
