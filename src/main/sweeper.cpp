#include "main/sweeper.h"

#include "main/log.h"
#include "store/upkeep/seal_readable.h"

namespace countersign::app {

namespace {

constexpr auto kPeriod = std::chrono::minutes(1);
constexpr int kStep = 200;
constexpr int kCountersStep = 5000;  // Each minute: millions of counters within the two days that they are kept.

}  // namespace

Sweeper::Sweeper(store::Store& store, const usecase::Context& context, const RetentionConfig& retention, Clock& clock,
                 Random& random)
    : store_(store),
      context_(context),
      retention_{.transactions = retention.transactions, .messages = retention.messages, .events = retention.audit},
      clock_(clock),
      random_(random),
      worker_(kPeriod, [this] {
        for (const auto& [id, account] : context_.settings.accounts) {
          sweep(id);
          sweep_counters(id);
        }
        sweep_counters(AccountId{});  // Failed logins are counted under nobody's account.
        seal();
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

void Sweeper::seal() {
  store_.transact(
      worker_, [this](store::Tx& tx) { return store::seal_readable(tx, context_.vault, kStep, random_); },
      [this](Result<std::int64_t, store::StoreError> sealed) {
        if (!sealed) return log(Level::kWarning, "seal_failed", sealed.error().detail);
        if (*sealed > 0) seal();
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
