#include "main/server/sweeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/test_account.h"
#include "main/log.h"
#include "store/repository/test_mode.h"
#include "store/upkeep/seal_readable.h"
#include "store/upkeep/shrink.h"
#include "usecase/test_mode/clock.h"
#include "usecase/transaction/give_up.h"

namespace countersign::main {

namespace {

constexpr auto kPeriod = std::chrono::minutes(1);
constexpr int kStep = 200;
/// Pages freed in one step, which blocks writers for some milliseconds, and steps per minute: 16 MB of a file with
/// pages of 4 KiB.
constexpr std::int64_t kShrinkPages = 64;
constexpr int kShrinkSteps = 64;
constexpr int kCountersStep = 5000;  // Each minute: millions of counters in the two days that they are kept.

}  // namespace

Sweeper::Sweeper(const usecase::Background& with, const RetentionConfig& retention, SweeperHooks hooks)
    : store_(with.store),
      context_(with.context),
      retention_{.transactions = retention.transactions, .messages = retention.messages, .events = retention.audit},
      clock_(with.clock),
      random_(with.random),
      hooks_(std::move(hooks)),
      worker_(kPeriod, [this] {
        for (const auto& [id, account] : context_.settings.accounts) {
          sweep(id);
          sweep_counters(id);
          give_up(id);
        }
        sweep_counters(AccountId{});  // Failed logins are counted without an account.
        seal();
        shrink(kShrinkSteps);
        look_at_queues();
      }) {
  worker_.start();
}

void Sweeper::sweep(const AccountId& account) {
  store_.transact(
      worker_,
      [this, account](store::Tx& tx) {
        const WallTime now = usecase::time_for(tx, account, clock_.now());
        if (!is_test(account)) return store::purge(tx, account, retention_, now, kStep);
        const Duration kept = context_.settings.test_data_kept;
        store::Retention retention = retention_;
        for (Duration* most : {&retention.transactions, &retention.messages, &retention.events, &retention.decisions})
          *most = std::min(*most, kept);
        const auto deleted = store::purge(tx, account, retention, now, kStep);
        return deleted + store::purge_test_people(tx, account, now - kept, kStep);
      },
      [this, account](Result<std::int64_t, store::StoreError> deleted) {
        if (!deleted) return log(Level::kWarning, "sweep_failed", deleted.error().detail);
        if (*deleted > 0) sweep(account);
      });
}

void Sweeper::give_up(const AccountId& account) {
  if (context_.settings.transactions.acknowledge_within == Duration::zero() && !is_test(account))
    return count_unacknowledged(account);
  store_.transact(
      worker_,
      [this, account](store::Tx& tx) {
        Moment moment{usecase::time_for(tx, account, clock_.now()), random_};
        return usecase::give_up_overdue(tx, context_, account, kStep, moment);
      },
      [this, account](Result<int, store::StoreError> ended) {
        if (!ended) return log(Level::kWarning, "sweep_failed", ended.error().detail);
        if (*ended > 0 && !is_test(account))
          log(Level::kWarning, "claims_given_up", fmt::format("{} were claimed and never acknowledged", *ended));
        if (*ended == kStep) return give_up(account);
        count_unacknowledged(account);
      });
}

void Sweeper::count_unacknowledged(const AccountId& account) {
  if (is_test(account)) return;  // Test accounts must not cause alerts.
  store_.read(
      worker_, [account](store::Tx& tx) { return store::count_unacknowledged(tx, account); },
      [this, account](Result<store::Unacknowledged, store::StoreError> found) {
        if (found) hooks_.on_unacknowledged(account, *found);
      });
}

void Sweeper::look_at_queues() {
  using Oldest = std::array<std::optional<WallTime>, store::kQueues.size()>;
  store_.read(
      worker_, [this](store::Tx& tx) { return store::oldest_due(tx, clock_.now()); },
      [this](const Result<Oldest, store::StoreError>& oldest) {
        if (!oldest) return;
        for (std::size_t i = 0; i < store::kQueues.size(); ++i) hooks_.on_queue(store::kQueues[i], (*oldest)[i]);
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

void Sweeper::shrink(int steps) {
  store_.transact(
      worker_, [](store::Tx& tx) { return store::shrink(tx, kShrinkPages); },
      [this, steps](Result<store::ShrinkStep, store::StoreError> done) {
        if (!done) return log(Level::kWarning, "shrink_failed", done.error().detail);
        if (done->more && steps > 1) return shrink(steps - 1);
        if (done->space.pages > 0) hooks_.on_space(done->space);
      });
}

void Sweeper::sweep_counters(const AccountId& account) {
  store_.transact(
      worker_,
      [this, account, after = counters_swept_[account]](store::Tx& tx) {
        return store::purge_counters(tx, account, retention_, after, usecase::time_for(tx, account, clock_.now()),
                                     kCountersStep);
      },
      [this, account](Result<std::string, store::StoreError> last) {
        if (!last) return log(Level::kWarning, "sweep_failed", last.error().detail);
        counters_swept_[account] = *std::move(last);
      });
}

}  // namespace countersign::main
