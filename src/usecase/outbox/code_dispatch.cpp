#include "usecase/outbox/code_dispatch.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "delivery/backoff.h"
#include "usecase/outbox/carrier.h"
#include "usecase/outbox/conversion.h"
#include "usecase/outbox/unreported.h"
#include "usecase/outbox/voice_callback.h"
#include "usecase/spending/outlay.h"
#include "usecase/tally.h"
#include "usecase/verification/message_text.h"

namespace countersign::usecase {

namespace {

/// Room for so many results at once: each has a message, which is long to move.
constexpr std::size_t kSentTogether = 8;

/// For the operator: names the provider and its answer, but not the recipient.
std::string what_failed(const QueuedMessage& message, const delivery::ProviderError& error) {
  return fmt::format("message {} by {}: {}{}{}: {}{}", message.id.text(), message.provider,
                     delivery::name_of(error.fault), error.provider_code.empty() ? "" : " ", error.provider_code,
                     error.detail, error.maybe_sent ? "; it may have been sent" : "");
}

/// Of a country, for the operator; e-mail has none.
std::string place_name(const std::string& country) { return country.empty() ? "mailboxes" : country; }

contact::Channel channel_of(const MessageContent& content) {
  return std::visit([](const auto& c) { return c.channel; }, content);
}

}  // namespace

CodeDispatch::CodeDispatch(const Background& with, const Providers& providers, const CourierHooks& hooks,
                           Worker& worker, delivery::LaneLimits limits)
    : store_(with.store),
      context_(with.context),
      providers_(providers),
      clock_(with.clock),
      random_(with.random),
      hooks_(hooks),
      worker_(worker),
      board_(with.context.board == nullptr ? own_board_ : *with.context.board),
      queue_(std::move(limits)) {}

void CodeDispatch::deliver(std::unique_ptr<QueuedMessage> message) {
  {
    const std::lock_guard lock(mutex_);
    const AccountId account = message->account;
    const std::string lane = message->provider;
    if (closed_)
      writes_.back.push_back(std::move(*message));
    else if (!avoided(lane) || !move_from(*message, nullptr))
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
      next = queue_.pop([&](const std::string& provider) { return board_.admits(provider, now); });
      if (next) tried = board_.started(next->lane);
    }
    if (!next) return;
    start(*std::move(next), tried);
  }
}

void CodeDispatch::start(Taken taken, bool tried) {
  auto held = std::move(taken.item);
  QueuedMessage& message = *held;
  const WallTime now = clock_.now();
  // Where spending is stopped it waits in the database, for as long as its code is good.
  if (now >= message.start_before || !delivery::is_worth_sending(message.made_at(), message.expires_at, now) ||
      is_stopped(context_, message)) {
    const std::lock_guard lock(mutex_);
    queue_.finished(taken.account, taken.lane);
    board_.abandoned(taken.lane, tried);
    writes_.back.push_back(std::move(message));
    return flush_soon();
  }
  auto unwritable = write_call(context_, message, random_);
  if (!unwritable) unwritable = write_text(context_, message, now);
  if (unwritable) return ended(std::move(held), tried, false, fail(*std::move(unwritable)));
  message.paid.ahead = 0;  // Whatever the provider answers, this is spent.
  auto content = message.content;
  const AccountId account = message.account;
  auto done = [this, tried, held = std::move(held)](Outcome outcome) mutable {
    ended(std::move(held), tried, true, std::move(outcome));
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

void CodeDispatch::ended(std::unique_ptr<QueuedMessage> held, bool tried, bool called, Outcome outcome) {
  QueuedMessage& message = *held;
  if (hooks_.on_message) hooks_.on_message(message.provider, channel_of(message.content), outcome_of(outcome));
  if (outcome) count_accepted(context_, message, clock_.now());
  if (outcome) note_carried(context_, message, clock_.now());
  if (outcome) look_after(message);
  std::string failure = outcome ? std::string() : what_failed(message, outcome.error());
  const std::string provider = message.provider;
  auto change = ProviderBoard::Change::kNone;
  if (called) {
    note_try(context_, message, outcome, clock_.now());
    const bool outage = !outcome && outcome.error().outage;
    change = board_.ended(provider, tried, outage, clock_.monotonic(), random_);
  } else {
    board_.abandoned(provider, tried);
  }
  {
    const std::lock_guard lock(mutex_);
    queue_.finished(message.account, provider);
    if (writes_.sent.empty()) writes_.sent.reserve(kSentTogether);
    if (outcome || !called || !move_from(message, &outcome.error()))
      writes_.sent.push_back({std::move(message), std::move(outcome)});
    else
      failure += "; it goes on by " + writes_.moved.back().provider;
    flush_soon();
    if (change == ProviderBoard::Change::kOpened) move_waiting();
    if (queue_.waiting() > 0 && !std::exchange(pumping_, true)) worker_.post([this] { pump(); });
  }
  if (!failure.empty()) report(std::move(failure));
  if (change == ProviderBoard::Change::kOpened)
    report(fmt::format("provider {} does not work: it is tried now and then", provider));
  if (change == ProviderBoard::Change::kClosed) report(fmt::format("provider {} works again", provider));
}

/// Its provider has accepted it: if no report comes in time, another may send it once more.
void CodeDispatch::look_after(const QueuedMessage& message) {
  if (!may_go_again(context_, message)) return;
  const auto& ours = std::get<delivery::OutgoingMessage>(message.content);
  const std::string country = country_by(ours.channel, ours.to);
  const WallTime now = clock_.now();
  board_.await({message, country, now, now + board_.report_wait(message.provider, country)});
}

/// Where a provider that lost messages delivers them again.
void CodeDispatch::report_heard_again() {
  auto silent = board_.silent();
  for (const auto& place : silent_) {
    if (std::ranges::find(silent, place) == silent.end())
      report(fmt::format("provider {} delivers to {} again", place.first, place_name(place.second)));
  }
  silent_ = std::move(silent);
}

/// What was accepted by a provider that reports, and was not reported in time.
void CodeDispatch::send_again_unreported() {
  auto due = board_.unreported(clock_.now());
  for (auto& message : due) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_) return;
      ++writing_;
    }
    const auto& ours = std::get<delivery::OutgoingMessage>(message.content);
    auto country = country_by(ours.channel, ours.to);
    auto learn = [this, provider = message.provider, account = message.account, made_at = message.made_at(),
                  country = std::move(country)](const AfterSilence& found) {
      if (found.delivered) board_.note_delivered(provider, country, made_at);
      if (found.waiting && board_.note_unreported(provider, country, found.waiting->id, account, clock_.now()))
        report(fmt::format("provider {} takes messages to {} that do not arrive: those of {} go by the next one",
                           provider, place_name(country), account.text()));
    };
    store_.transact(
        worker_,
        [this, message = std::move(message)](store::Tx& tx) {
          Moment now{clock_.now(), random_};
          return send_unreported(tx, context_, message, now);
        },
        [this, learn = std::move(learn)](Result<AfterSilence, store::StoreError> found) {
          // What could not be looked at is not sent: the person can ask.
          if (found) learn(*found);
          if (found && found->again) deliver(std::make_unique<QueuedMessage>(*std::move(found->again)));
          const std::lock_guard lock(mutex_);
          --writing_;
        });
  }
}

/// Whether messages go by another provider, if they can.
bool CodeDispatch::avoided(std::string_view provider) const {
  return board_.failing(provider) || board_.drained(provider);
}

/// Requires the lock. True: the message goes on by another provider once that is durable, and is moved from. First the
/// row says who has it: the report of that provider may come before its answer is written, and is believed only then.
bool CodeDispatch::move_from(QueuedMessage& message, const delivery::ProviderError* refused) {
  if (message.doubted) return false;  // It may have been sent: nobody else sends it.
  const auto why = refused == nullptr ? std::optional(Leaves{}) : leaves(message, *refused);
  auto next = why ? next_carrier(context_, message, *why) : std::nullopt;
  if (!next) return false;
  const bool again_later = refused != nullptr ? delivery::is_retryable(*refused) : !board_.drained(message.provider);
  go_on_with(context_, message, *std::move(next), again_later);
  note_move(context_, message, refused != nullptr);
  writes_.moved.push_back(std::move(message));
  flush_soon();
  return true;
}

/// Requires the lock. A circuit has opened: what waits for that provider need not.
void CodeDispatch::move_waiting() {
  auto waiting = queue_.take_if([&](const auto& message) {
    return !message->doubted && avoided(message->provider) && next_carrier(context_, *message, {}).has_value();
  });
  for (auto& message : waiting) static_cast<void>(move_from(*message, nullptr));
}

void CodeDispatch::tick() {
  board_.look(clock_.monotonic());
  report_heard_again();
  give_back_waiting(false);
  send_again_unreported();
  pump();
}

void CodeDispatch::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  board_.forget_awaited();
  give_back_waiting(true);
}

void CodeDispatch::give_back_waiting(bool all) {
  const std::lock_guard lock(mutex_);
  const WallTime now = clock_.now();
  auto late = queue_.take_if([&](const auto& message) { return all || now >= message->start_before; });
  if (late.empty()) return;
  for (auto& message : late) writes_.back.push_back(std::move(*message));
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
        // What has ended, or is leased anew, is not sent from here.
        return std::erase_if(writes->moved,
                             [&](const QueuedMessage& message) { return !move(tx, context_, message, now); });
      },
      [this, writes, then = std::move(then)](const Result<std::size_t, store::StoreError>& written) {
        if (written)
          for (auto& message : writes->moved) deliver(std::make_unique<QueuedMessage>(std::move(message)));
        else if (store::is_of_the_unit(written.error()) && writes->size() > 1)
          one_by_one(*writes);
        // Not written: the lease runs out and the message is sent again.
        else if (written.error().code != store::StoreError::Code::kShutDown)
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
    flushing_ = writes->size() > 0;
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
  for (auto& message : writes.moved) {
    auto single = std::make_shared<Writes>();
    single->moved.push_back(std::move(message));
    write_down(std::move(single), nothing);
  }
}

void CodeDispatch::report(std::string_view what) const {
  if (hooks_.on_problem) hooks_.on_problem(what);
}

}  // namespace countersign::usecase
