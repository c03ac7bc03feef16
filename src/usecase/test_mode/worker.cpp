#include "usecase/test_mode/worker.h"

#include <fmt/format.h>

#include <utility>

#include "store/repository/test_mode.h"
#include "usecase/test_mode/clock.h"
#include "usecase/test_mode/work.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::usecase {

namespace {

constexpr auto kTestPeriod = std::chrono::milliseconds(250);
/// Minimum pause, whatever the number of nudges: each look reads from the store, and live requests share its readers.
constexpr auto kLookPause = std::chrono::milliseconds(100);

}  // namespace

TestWorker::TestWorker(const Background& with, delivery::WebhookSender& webhooks,
                       std::function<void(std::string_view)> on_problem)
    : store_(with.store),
      context_(with.context),
      webhooks_(webhooks),
      clock_(with.clock),
      random_(with.random),
      on_problem_(std::move(on_problem)),
      worker_(kTestPeriod, [this] { look(); }) {
  worker_.start();
}

void TestWorker::look() {
  // One at a time, its work included. The next tick handles what it misses.
  const MonotonicTime now = clock_.monotonic();
  if (units_ > 0 || (looked_at_ && now - *looked_at_ < kLookPause)) return;
  looked_at_ = now;
  units_ = 1;
  store_.read(
      worker_,
      [this](store::Tx& tx) {
        std::vector<AccountId> due;
        for (const auto& [id, account] : context_.settings.accounts) {
          const auto first = is_test(id) ? store::earliest_test_work(tx, id) : std::nullopt;
          if (first && *first <= time_for(tx, id, clock_.now())) due.push_back(id);
        }
        return due;
      },
      [this](const Result<std::vector<AccountId>, store::StoreError>& due) {
        units_ = due ? due->size() : 0;
        if (!due) return report("what is due in test accounts could not be read", due.error());
        for (const auto& account : *due) work(account);
      });
}

void TestWorker::work(const AccountId& account) {
  store_.transact(
      worker_,
      [this, account](store::Tx& tx) {
        Moment moment{time_for(tx, account, clock_.now()), random_};
        work_off_tests(tx, context_, account, moment);
        return take_webhooks(tx, account, moment);
      },
      [this](Result<std::vector<WebhookJob>, store::StoreError> jobs) {
        --units_;
        if (!jobs) return report("a test account's work could not be done", jobs.error());
        for (auto& job : *jobs) send(std::move(job));
      });
}

std::vector<WebhookJob> TestWorker::take_webhooks(store::Tx& tx, const AccountId& account, Moment& moment) {
  std::set<DeliveryId> under_way;
  {
    const std::lock_guard lock(mutex_);
    under_way = under_way_;
  }
  std::vector<WebhookJob> jobs;
  if (under_way.size() >= kWebhooksAtOnce) return jobs;
  const auto lease_until = moment.now + context_.settings.lease();
  for (auto& row : store::lease_test_deliveries(tx, account, moment.now, lease_until, context_.settings.node,
                                                static_cast<int>(kWebhooksAtOnce - under_way.size()))) {
    if (under_way.contains(row.id) || !count_test_webhook(tx, account, clock_.now())) continue;
    if (auto job = job_for(tx, context_, std::move(row), moment, verify_api::hook_attempt))
      jobs.push_back(*std::move(job));
  }
  return jobs;
}

void TestWorker::send(WebhookJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (!under_way_.insert(job.row.id).second) return;
  }
  webhooks_.send(std::move(job.attempt), [this, row = std::move(job.row)](delivery::WebhookOutcome outcome) mutable {
    store_.transact(
        worker_,
        [this, row, outcome = std::move(outcome)](store::Tx& tx) {
          Moment moment{time_for(tx, row.account, clock_.now()), random_};
          finish_delivery(tx, context_, row, outcome, moment);
          return Done{};
        },
        [this, id = row.id](const Result<Done, store::StoreError>& written) {
          over(id);
          if (!written) report("a test webhook's outcome could not be written down", written.error());
        });
  });
}

void TestWorker::over(const DeliveryId& id) {
  {
    const std::lock_guard lock(mutex_);
    under_way_.erase(id);
  }
  worker_.nudge();
}

void TestWorker::report(std::string_view where, const store::StoreError& error) const {
  if (on_problem_ && error.code != store::StoreError::Code::kShutDown)
    on_problem_(fmt::format("{}: {}", where, error.detail));
}

}  // namespace countersign::usecase
