#include "usecase/outbox/webhook_dispatch.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace countersign::usecase {

WebhookDispatch::WebhookDispatch(const Background& with, delivery::WebhookSender& sender, const CourierHooks& hooks,
                                 Worker& worker)
    : store_(with.store),
      context_(with.context),
      sender_(sender),
      clock_(with.clock),
      random_(with.random),
      hooks_(hooks),
      worker_(worker) {}

/// Requires the lock.
template <class Unit, class Then>
void WebhookDispatch::transact(Unit unit, Then then) {
  ++writing_;
  store_.transact(
      worker_,
      [this, unit = std::move(unit)](store::Tx& tx) {
        Moment now{clock_.now(), random_};
        unit(tx, now);
        return Done{};
      },
      [this, then = std::move(then)](const Result<Done, store::StoreError>& written) mutable {
        then(written);
        const std::lock_guard lock(mutex_);
        --writing_;
      });
}

void WebhookDispatch::send(WebhookJob job) {
  {
    const std::lock_guard lock(mutex_);
    const AccountId account = job.row.account;
    const std::string lane = job.row.endpoint.text();
    if (closed_) return give_back_jobs({std::move(job)});
    // If the queue is full, the delivery is due again when its lease has run out.
    static_cast<void>(queue_.push(account, lane, std::move(job)));
  }
  pump();
}

void WebhookDispatch::pump() {
  for (;;) {
    std::optional<delivery::FairQueue<WebhookJob>::Taken> next;
    {
      const std::lock_guard lock(mutex_);
      pumping_ = false;
      if (closed_) return;
      next = queue_.pop([](const std::string&) { return true; });
    }
    if (!next) return;
    start(std::move(next->item));
  }
}

void WebhookDispatch::start(WebhookJob job) {
  if (clock_.now() >= job.start_before) {
    const std::lock_guard lock(mutex_);
    queue_.finished(job.row.account, job.row.endpoint.text());
    return give_back_jobs({std::move(job)});
  }
  sender_.send(std::move(job.attempt),
               [this, row = std::move(job.row)](const delivery::WebhookOutcome& outcome) mutable {
                 if (hooks_.on_delivery)
                   hooks_.on_delivery(row.endpoint,
                                      outcome.verdict == delivery::WebhookVerdict::kDelivered ? "delivered" : "failed");
                 const std::lock_guard lock(mutex_);
                 queue_.finished(row.account, row.endpoint.text());
                 attempted_.push_back({std::move(row), outcome});
                 flush_soon();
                 if (queue_.waiting() > 0 && !std::exchange(pumping_, true)) worker_.post([this] { pump(); });
               });
}

/// Requires the lock.
void WebhookDispatch::flush_soon() {
  if (!std::exchange(flushing_, true)) worker_.post([this] { flush(); });
}

void WebhookDispatch::flush() {
  auto attempted = std::make_shared<Attempted>();
  {
    const std::lock_guard lock(mutex_);
    attempted->swap(attempted_);
    flushing_ = !attempted->empty();
    if (!flushing_) return;
  }
  write_down(std::move(attempted), Follow::kAll, [this] { flush(); });  // Writes what has ended in the meantime.
}

void WebhookDispatch::write_down(std::shared_ptr<const Attempted> attempted, Follow follow,
                                 std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  transact([this, attempted, follow](store::Tx& tx,
                                     Moment& now) { finish_deliveries(tx, context_, *attempted, now, follow); },
           [this, attempted, follow, then = std::move(then)](const Result<Done, store::StoreError>& written) {
             const bool of_the_unit = !written && store::is_of_the_unit(written.error());
             if (of_the_unit && attempted->size() > 1) {
               one_by_one(*attempted);
             } else if (!written) {
               report("a webhook's outcome could not be written down", written.error());
               // The follow-up cannot be read; the webhook must not be sent forever because of that.
               if (of_the_unit && follow == Follow::kAll) write_down(attempted, Follow::kAlone, [] {});
             }
             then();
           });
}

/// One result breaks the unit; the other webhooks must not be sent again because of it.
void WebhookDispatch::one_by_one(const Attempted& attempted) {
  for (const auto& one : attempted) write_down(std::make_shared<const Attempted>(1, one), Follow::kAll, [] {});
}

void WebhookDispatch::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  give_back_waiting(true);
}

void WebhookDispatch::give_back_waiting(bool all) {
  const std::lock_guard lock(mutex_);
  const WallTime now = clock_.now();
  auto late = queue_.take_if([&](const WebhookJob& job) { return all || now >= job.start_before; });
  if (!late.empty()) give_back_jobs(std::move(late));
}

/// Requires the lock.
void WebhookDispatch::give_back_jobs(std::vector<WebhookJob> jobs) {
  auto back = std::make_shared<std::vector<WebhookJob>>(std::move(jobs));
  transact(
      [back](store::Tx& tx, Moment& now) {
        for (const auto& job : *back) give_back(tx, job, now);
      },
      [this](const Result<Done, store::StoreError>& written) {
        if (!written) report("webhooks could not be given back", written.error());
      });
}

bool WebhookDispatch::idle() const {
  const std::lock_guard lock(mutex_);
  return queue_.running() == 0 && !flushing_ && writing_ == 0;
}

void WebhookDispatch::report(std::string_view what, const store::StoreError& error) const {
  if (hooks_.on_problem && error.code != store::StoreError::Code::kShutDown)
    hooks_.on_problem(fmt::format("{}: {}", what, error.detail));
}

}  // namespace countersign::usecase
