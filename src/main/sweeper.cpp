#include "main/sweeper.h"

#include "main/log.h"

namespace countersign::app {

namespace {

constexpr auto kPeriod = std::chrono::minutes(1);
constexpr int kStep = 200;
constexpr int kCountersStep = 5000;  // Each minute: millions of counters within the two days that they are kept.

}  // namespace

Sweeper::Sweeper(store::Store& store, const usecase::Settings& settings, const RetentionConfig& retention, Clock& clock)
    : store_(store),
      settings_(settings),
      retention_{.transactions = retention.transactions, .messages = retention.messages, .events = retention.audit},
      clock_(clock),
      worker_(kPeriod, [this] {
        for (const auto& [id, account] : settings_.accounts) {
          sweep(id);
          sweep_counters(id);
        }
        sweep_counters(AccountId{});  // Failed logins are counted under nobody's account.
      }) {
  worker_.start();
}

void Sweeper::sweep(const AccountId& account) {
  store_.transact(
      worker_, [this, account](store::Tx& tx) { return store::purge(tx, account, retention_, clock_.now(), kStep); },
      [this, account](Result<std::int64_t, store::StoreError> deleted) {
        if (!deleted) return log(Level::kWarning, "sweep_failed", deleted.error().detail);
        if (*deleted > 0) sweep(account);
      });
}

void Sweeper::sweep_counters(const AccountId& account) {
  store_.transact(
      worker_,
      [this, account, after = counters_swept_[account]](store::Tx& tx) {
        return store::purge_counters(tx, account, retention_, after, clock_.now(), kCountersStep);
      },
      [this, account](Result<std::string, store::StoreError> last) {
        if (!last) return log(Level::kWarning, "sweep_failed", last.error().detail);
        counters_swept_[account] = *std::move(last);
      });
}

}  // namespace countersign::app
