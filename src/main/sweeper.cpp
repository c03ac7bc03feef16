#include "main/sweeper.h"

#include "main/log.h"
#include "store/repository/retention.h"

namespace countersign::app {

namespace {

constexpr auto kPeriod = std::chrono::minutes(1);
constexpr int kStep = 200;

}  // namespace

Sweeper::Sweeper(store::Store& store, const usecase::Settings& settings, const RetentionConfig& retention, Clock& clock)
    : store_(store), settings_(settings), retention_(retention), clock_(clock), worker_(kPeriod, [this] {
        for (const auto& [id, account] : settings_.accounts) sweep(id);
        sweep(AccountId{});  // Failed logins are counted under nobody's account.
      }) {
  worker_.start();
}

void Sweeper::sweep(const AccountId& account) {
  store_.transact(
      worker_,
      [this, account](store::Tx& tx) {
        store::Retention retention;
        retention.transactions = retention_.transactions;
        retention.messages = retention_.messages;
        retention.events = retention_.audit;
        return store::purge(tx, account, retention, clock_.now(), kStep);
      },
      [this, account](Result<std::int64_t, store::StoreError> deleted) {
        if (!deleted) return log(Level::kWarning, "sweep_failed", deleted.error().detail);
        if (*deleted > 0) sweep(account);
      });
}

}  // namespace countersign::app
