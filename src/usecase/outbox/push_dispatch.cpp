#include "usecase/outbox/push_dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "delivery/backoff.h"
#include "usecase/push/enrol.h"

namespace countersign::usecase {

namespace {

constexpr Duration kFirstPause = std::chrono::seconds(2);
constexpr Duration kLastPause = std::chrono::seconds(30);
/// A prompt with less left than this is of no use by the time it is seen.
constexpr auto kPushUsefulRest = std::chrono::seconds(10);

}  // namespace

PushDispatch::PushDispatch(const Background& with, delivery::PushSender& sender,
                           std::function<void(std::string_view)> on_problem)
    : store_(with.store),
      context_(with.context),
      clock_(with.clock),
      random_(with.random),
      sender_(sender),
      on_problem_(std::move(on_problem)),
      worker_(std::chrono::seconds(1), [this] { start_due(); }) {
  worker_.start();
}

PushDispatch::~PushDispatch() { stop(); }

void PushDispatch::send(std::vector<QueuedPush> pushes) {
  std::size_t dropped = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    for (auto& push : pushes) {
      if (waiting_.size() + running_ >= kWaitingMax)
        ++dropped;
      else
        waiting_.push_back({std::move(push), 0, clock_.monotonic()});
    }
  }
  if (dropped > 0) report(fmt::format("{} prompts were not sent: too many wait", dropped));
  worker_.nudge();
}

void PushDispatch::stop() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_.clear();
  }
  worker_.stop();
}

std::size_t PushDispatch::in_progress() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + running_;
}

void PushDispatch::start_due() {
  std::vector<Waiting> due;
  {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = clock_.monotonic();
    const auto later =
        std::stable_partition(waiting_.begin(), waiting_.end(), [&](const Waiting& one) { return one.due > now; });
    std::move(later, waiting_.end(), std::back_inserter(due));
    waiting_.erase(later, waiting_.end());
    running_ += due.size();
  }
  for (auto& one : due) start(std::move(one));
}

void PushDispatch::start(Waiting waiting) {
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(waiting.push.until - clock_.now());
  auto to = crypto::PushRecipient::from_bytes(waiting.push.to.point, waiting.push.to.auth);
  if (left < kPushUsefulRest || !to) {
    const std::lock_guard lock(mutex_);
    --running_;
    return;
  }
  ++waiting.attempts;
  delivery::PushMessage message{waiting.push.to.endpoint, *std::move(to),     waiting.push.to.vapid_key,
                                waiting.push.text,        waiting.push.topic, left};
  sender_.send(std::move(message), [this, waiting = std::move(waiting)](const delivery::PushOutcome& outcome) mutable {
    ended(std::move(waiting), outcome);
  });
}

void PushDispatch::ended(Waiting waiting, const delivery::PushOutcome& outcome) {
  using delivery::PushVerdict;
  if (outcome.verdict != PushVerdict::kAccepted)
    report(fmt::format("push to device {}: {}", waiting.push.factor.text(), outcome.detail));
  if (outcome.verdict == PushVerdict::kGone) forget(waiting.push);
  const std::lock_guard lock(mutex_);
  --running_;
  if (outcome.verdict != PushVerdict::kRetry || waiting.attempts >= kAttemptsMax || closed_) return;
  // As long as the push service asks, else a growing pause with full jitter.
  const Duration ceiling = std::min<Duration>(kFirstPause * (1 << waiting.attempts), kLastPause);
  waiting.due = clock_.monotonic() + outcome.retry_after.value_or(delivery::up_to(ceiling, random_));
  waiting_.push_back(std::move(waiting));
}

void PushDispatch::forget(const QueuedPush& push) {
  store_.transact(
      worker_,
      [this, push](store::Tx& tx) {
        Moment moment{clock_.now(), random_};
        const Caller system{push.account, "system", "", std::nullopt};
        end_subscription({tx, context_, system, moment}, push.subject, push.factor, push.to.endpoint);
        return Done{};
      },
      [this](const Result<Done, store::StoreError>& written) {
        // The next push is refused again, and tries it again.
        if (!written && written.error().code != store::StoreError::Code::kShutDown)
          report(fmt::format("a subscription could not be ended: {}", written.error().detail));
      });
}

void PushDispatch::report(std::string_view what) const {
  if (on_problem_) on_problem_(what);
}

}  // namespace countersign::usecase
