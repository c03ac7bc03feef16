#include "usecase/webhook_dispatch.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace countersign::usecase {

WebhookDispatch::WebhookDispatch(store::Store& store, const Context& context, delivery::WebhookSender& sender,
                                 Clock& clock, Random& random, const CourierHooks& hooks, Worker& worker)
    : store_(store),
      context_(context),
      sender_(sender),
      clock_(clock),
      random_(random),
      hooks_(hooks),
      worker_(worker) {}

/// With the lock held.
template <class Work, class Then>
void WebhookDispatch::transact(Work work, Then then) {
  ++writing_;
  store_.transact(
      worker_,
      [this, work = std::move(work)](store::Tx& tx) {
        Moment now{clock_.now(), random_};
        work(tx, now);
        return Done{};
      },
      [this, then = std::move(then)](const Result<Done, store::StoreError>& written) {
        if (!written) then(written.error());
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
    // One for which there is no room comes due again when its lease has run out.
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
  sender_.send(std::move(job.attempt), [this, row = std::move(job.row)](const delivery::WebhookOutcome& outcome) {
    if (hooks_.on_delivery)
      hooks_.on_delivery(row.endpoint,
                         outcome.verdict == delivery::WebhookVerdict::kDelivered ? "delivered" : "failed");
    const std::lock_guard lock(mutex_);
    write_down(row, outcome, Follow::kAll);
    queue_.finished(row.account, row.endpoint.text());
    if (queue_.waiting() > 0 && !std::exchange(pumping_, true)) worker_.post([this] { pump(); });
  });
}

/// With the lock held.
void WebhookDispatch::write_down(const store::DeliveryRow& row, const delivery::WebhookOutcome& outcome,
                                 Follow follow) {
  transact([this, row, outcome, follow](store::Tx& tx,
                                        Moment& now) { finish_delivery(tx, context_, row, outcome, now, follow); },
           [this, row, outcome, follow](const store::StoreError& error) {
             report("a webhook's outcome could not be written down", error);
             // What else follows from it cannot be read: that must not send the webhook for ever.
             if (!store::is_of_the_unit(error) || follow == Follow::kAlone) return;
             const std::lock_guard lock(mutex_);
             write_down(row, outcome, Follow::kAlone);
           });
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

/// With the lock held.
void WebhookDispatch::give_back_jobs(std::vector<WebhookJob> jobs) {
  auto back = std::make_shared<std::vector<WebhookJob>>(std::move(jobs));
  transact(
      [back](store::Tx& tx, Moment& now) {
        for (const auto& job : *back) give_back(tx, job, now);
      },
      [this](const store::StoreError& error) { report("webhooks could not be given back", error); });
}

bool WebhookDispatch::idle() const {
  const std::lock_guard lock(mutex_);
  return queue_.running() == 0 && writing_ == 0;
}

void WebhookDispatch::report(std::string_view what, const store::StoreError& error) const {
  if (hooks_.on_problem && error.code != store::StoreError::Code::kShutDown)
    hooks_.on_problem(fmt::format("{}: {}", what, error.detail));
}

}  // namespace countersign::usecase
