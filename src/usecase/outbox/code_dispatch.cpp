#include "usecase/outbox/code_dispatch.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "delivery/backoff.h"
#include "usecase/outbox/voice_callback.h"
#include "usecase/verification/message_text.h"

namespace countersign::usecase {

namespace {

/// For the operator: names the provider and its answer, but not the recipient.
std::string what_failed(const QueuedMessage& message, const delivery::ProviderError& error) {
  return fmt::format("message {} by {}: {} {}: {}", message.id.text(), message.provider, delivery::name_of(error.fault),
                     error.provider_code, error.detail);
}

contact::Channel channel_of(const MessageContent& content) {
  return std::visit([](const auto& c) { return c.channel; }, content);
}

}  // namespace

CodeDispatch::CodeDispatch(const Background& with, const Providers& providers, const CourierHooks& hooks,
                           Worker& worker, delivery::FairQueueLimits limits)
    : store_(with.store),
      context_(with.context),
      providers_(providers),
      clock_(with.clock),
      random_(with.random),
      hooks_(hooks),
      worker_(worker),
      queue_(limits) {}

void CodeDispatch::deliver(QueuedMessage message) {
  {
    const std::lock_guard lock(mutex_);
    const AccountId account = message.account;
    const std::string lane = message.provider;
    if (closed_)
      writes_.back.push_back(std::move(message));
    else
      // If the queue is full, the message is due again when its lease has run out.
      static_cast<void>(queue_.push(account, lane, std::move(message)));
    if (closed_) flush_soon();
  }
  pump();
}

void CodeDispatch::pump() {
  for (;;) {
    std::optional<Taken> next;
    bool tried = false;
    {
      const std::lock_guard lock(mutex_);
      pumping_ = false;
      if (closed_) return;
      const MonotonicTime now = clock_.monotonic();
      next = queue_.pop([&](const std::string& provider) { return breakers_[provider].admits(now); });
      if (next) tried = breakers_[next->lane].started();
    }
    if (!next) return;
    start(*std::move(next), tried);
  }
}

void CodeDispatch::start(Taken taken, bool tried) {
  QueuedMessage message = std::move(taken.item);
  const WallTime now = clock_.now();
  if (now >= message.start_before || !delivery::is_worth_sending(message.made_at(), message.expires_at, now)) {
    const std::lock_guard lock(mutex_);
    queue_.finished(taken.account, taken.lane);
    breakers_[taken.lane].abandoned(tried);
    writes_.back.push_back(std::move(message));
    return flush_soon();
  }
  auto unwritable = write_call(context_, message, random_);
  if (!unwritable) unwritable = write_text(context_, message, now);
  if (unwritable) return ended(std::move(message), tried, false, fail(*std::move(unwritable)));
  auto content = message.content;
  const AccountId account = message.account;
  auto done = [this, tried, message = std::move(message)](Outcome outcome) mutable {
    ended(std::move(message), tried, true, std::move(outcome));
  };
  if (std::holds_alternative<delivery::VerificationStart>(content)) {
    const auto verifier = providers_.verifiers.find(taken.lane);
    if (verifier == providers_.verifiers.end()) return done(fail(unknown_provider()));
    return verifier->second->start(std::get<delivery::VerificationStart>(std::move(content)), std::move(done));
  }
  const auto sender = providers_.senders.find(taken.lane);
  if (sender == providers_.senders.end()) return done(fail(unknown_provider()));
  auto& ours = std::get<delivery::OutgoingMessage>(content);
  ours.account = account;
  sender->second->send(std::move(ours), std::move(done));
}

void CodeDispatch::ended(QueuedMessage message, bool tried, bool called, Outcome outcome) {
  if (hooks_.on_message) hooks_.on_message(message.provider, channel_of(message.content), outcome_of(outcome));
  if (outcome) count_accepted(context_, message, clock_.now());
  if (!outcome) report(what_failed(message, outcome.error()));
  const std::string provider = message.provider;
  bool was_open = false;
  bool is_open = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.finished(message.account, provider);
    auto& breaker = breakers_[provider];
    was_open = breaker.open();
    if (called)
      breaker.ended(tried, !outcome && outcome.error().outage, clock_.monotonic(), random_);
    else
      breaker.abandoned(tried);
    is_open = breaker.open();
    writes_.sent.push_back({std::move(message), std::move(outcome)});
    flush_soon();
    if (queue_.waiting() > 0 && !std::exchange(pumping_, true)) worker_.post([this] { pump(); });
  }
  if (is_open && !was_open) report(fmt::format("provider {} does not work: it is tried now and then", provider));
  if (was_open && !is_open) report(fmt::format("provider {} works again", provider));
}

void CodeDispatch::tick() {
  give_back_waiting(false);
  pump();
}

void CodeDispatch::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  give_back_waiting(true);
}

void CodeDispatch::give_back_waiting(bool all) {
  const std::lock_guard lock(mutex_);
  const WallTime now = clock_.now();
  auto late = queue_.take_if([&](const QueuedMessage& message) { return all || now >= message.start_before; });
  if (late.empty()) return;
  std::move(late.begin(), late.end(), std::back_inserter(writes_.back));
  flush_soon();
}

bool CodeDispatch::idle() const {
  const std::lock_guard lock(mutex_);
  return queue_.running() == 0 && !flushing_ && writing_ == 0;
}

/// Requires the lock.
void CodeDispatch::flush_soon() {
  if (!std::exchange(flushing_, true)) worker_.post([this] { flush(); });
}

template <class Then>
void CodeDispatch::write_down(std::shared_ptr<Writes> writes, Then then) {
  {
    const std::lock_guard lock(mutex_);
    ++writing_;
  }
  store_.transact(
      worker_,
      [this, writes](store::Tx& tx) {
        Moment now{clock_.now(), random_};
        finish_messages(tx, context_, writes->sent, now);
        for (const auto& message : writes->back) give_back(tx, context_, message, now);
        return Done{};
      },
      [this, writes, then = std::move(then)](const Result<Done, store::StoreError>& written) {
        if (!written && store::is_of_the_unit(written.error()) && writes->sent.size() + writes->back.size() > 1)
          one_by_one(*writes);
        // Not written: the lease runs out and the message is sent again.
        else if (!written && written.error().code != store::StoreError::Code::kShutDown)
          report(fmt::format("messages could not be marked as sent: {}", written.error().detail));
        then();
        const std::lock_guard lock(mutex_);
        --writing_;
      });
}

void CodeDispatch::flush() {
  auto writes = std::make_shared<Writes>();
  {
    const std::lock_guard lock(mutex_);
    std::swap(*writes, writes_);
    flushing_ = !writes->sent.empty() || !writes->back.empty();
    if (!flushing_) return;
  }
  write_down(std::move(writes), [this] { flush(); });  // Writes what has finished in the meantime.
}

/// One result breaks the unit; the other messages must not be sent again because of it.
void CodeDispatch::one_by_one(Writes& writes) {
  const auto nothing = [] {};
  for (auto& message : writes.sent) {
    auto single = std::make_shared<Writes>();
    single->sent.push_back(std::move(message));
    write_down(std::move(single), nothing);
  }
  for (auto& message : writes.back) {
    auto single = std::make_shared<Writes>();
    single->back.push_back(std::move(message));
    write_down(std::move(single), nothing);
  }
}

void CodeDispatch::report(std::string_view what) const {
  if (hooks_.on_problem) hooks_.on_problem(what);
}

}  // namespace countersign::usecase
