#include "usecase/courier.h"

#include <fmt/format.h>

#include <utility>

#include "usecase/erase.h"
#include "usecase/standing.h"
#include "usecase/wording.h"

namespace countersign::usecase {

namespace {

constexpr int kBatch = 100;
constexpr auto kPeriod = std::chrono::seconds(1);
constexpr int kErasuresAtOnce = 4;  ///< Each touches all that a subject has.

delivery::ProviderError unknown_provider() {
  return {delivery::Fault::kMisconfigured,
          delivery::PersonNotice::kTryAnotherWay,
          "",
          "no provider of that name is configured",
          std::nullopt,
          false};
}

std::string_view outcome_of(const Result<delivery::Accepted, delivery::ProviderError>& outcome) {
  return outcome ? std::string_view("accepted") : delivery::name_of(outcome.error().fault);
}

/// For the operator: which provider, what it said, and nothing about whom it was for.
std::string problem_of(const QueuedMessage& message, const delivery::ProviderError& error) {
  return fmt::format("message {} by {}: {} {}: {}", message.id.text(), message.provider, delivery::name_of(error.fault),
                     error.provider_code, error.detail);
}

contact::Channel channel_of(const MessageContent& content) {
  return std::visit([](const auto& c) { return c.channel; }, content);
}

std::string problem_of(const QueuedNotice& notice, const delivery::ProviderError& error) {
  return fmt::format("notice {} by {}: {} {}: {}", notice.row.id.text(), notice.row.provider,
                     delivery::name_of(error.fault), error.provider_code, error.detail);
}

}  // namespace

Courier::Courier(store::Store& store, const Context& context, const Providers& providers,
                 delivery::WebhookSender& webhooks, Clock& clock, Random& random, CourierHooks hooks)
    : store_(store),
      context_(context),
      providers_(providers),
      webhooks_(webhooks),
      clock_(clock),
      random_(random),
      hooks_(std::move(hooks)),
      worker_(kPeriod, [this] { work(); }) {
  worker_.start();
}

Courier::~Courier() { stop(); }

void Courier::stop() { worker_.stop(); }

void Courier::deliver(QueuedMessage message) {
  const auto unwritable = write_text(context_, message, clock_.now());
  const std::string provider = message.provider;
  auto content = message.content;
  auto done = [this,
               message = std::move(message)](Result<delivery::Accepted, delivery::ProviderError> outcome) mutable {
    if (hooks_.on_message) hooks_.on_message(message.provider, channel_of(message.content), outcome_of(outcome));
    if (!outcome && hooks_.on_problem) hooks_.on_problem(problem_of(message, outcome.error()));
    bool idle = false;
    {
      const std::lock_guard lock(mutex_);
      idle = !std::exchange(flushing_, true);
      sent_.push_back({std::move(message), std::move(outcome)});
    }
    if (idle) worker_.post([this] { flush(); });
  };
  if (unwritable) return done(fail(*unwritable));
  if (std::holds_alternative<delivery::VerificationStart>(content)) {
    const auto verifier = providers_.verifiers.find(provider);
    if (verifier == providers_.verifiers.end()) return done(fail(unknown_provider()));
    verifier->second->start(std::get<delivery::VerificationStart>(std::move(content)), std::move(done));
    return;
  }
  const auto sender = providers_.senders.find(provider);
  if (sender == providers_.senders.end()) return done(fail(unknown_provider()));
  sender->second->send(std::get<delivery::OutgoingMessage>(std::move(content)), std::move(done));
}

void Courier::flush() {
  auto sent = std::make_shared<std::vector<SentMessage>>();
  {
    const std::lock_guard lock(mutex_);
    sent->swap(sent_);
    flushing_ = !sent->empty();
  }
  if (sent->empty()) return;
  store_.transact(
      worker_,
      [this, sent](store::Tx& tx) {
        Moment now = moment();
        for (const auto& message : *sent) finish_message(tx, context_, message, now);
        return Done{};
      },
      [this](const Result<Done, store::StoreError>& written) {
        // Not written down: the lease runs out and the message is sent once more. Better twice than never.
        if (!written) report("messages could not be marked as sent", written.error());
        flush();  // What was sent meanwhile.
      });
}

void Courier::work() {
  store_.transact(
      worker_,
      [this](store::Tx& tx) {
        Moment now = moment();
        return lease_due_messages(tx, context_, kBatch, now);
      },
      [this](Result<std::vector<QueuedMessage>, store::StoreError> due) {
        if (!due) return report("due messages could not be read", due.error());
        const bool more = due->size() == kBatch;
        for (auto& message : *due) deliver(std::move(message));
        if (more) worker_.nudge();
      });
  work_upstream_ends();
  work_notices();
  store_.transact(
      worker_,
      [this](store::Tx& tx) {
        Moment now = moment();
        return lease_due_deliveries(tx, context_, kBatch, now);
      },
      [this](Result<std::vector<WebhookJob>, store::StoreError> due) {
        if (!due) return report("due webhooks could not be read", due.error());
        const bool more = due->size() == kBatch;
        for (auto& job : *due) send_webhook(std::move(job));
        if (more) worker_.nudge();
      });
  store_.transact(
      worker_,
      [this](store::Tx& tx) {
        Moment now = moment();
        return expire_lapsed(tx, context_, kBatch, now);
      },
      [this](Result<int, store::StoreError> expired) {
        if (!expired) return report("lapsed transactions could not be expired", expired.error());
        if (*expired == kBatch) worker_.nudge();
      });
  store_.transact(
      worker_,
      [this](store::Tx& tx) {
        Moment now = moment();
        return lapse_due(tx, context_, kBatch, now);
      },
      [this](Result<int, store::StoreError> lapsed) {
        if (!lapsed) return report("what time changed about sources could not be written down", lapsed.error());
        if (*lapsed == kBatch) worker_.nudge();
      });
  store_.transact(
      worker_,
      [this](store::Tx& tx) {
        Moment now = moment();
        return erase_due(tx, context_, kErasuresAtOnce, now);
      },
      [this](Result<int, store::StoreError> erased) {
        if (!erased) return report("what is due to be erased could not be", erased.error());
        if (*erased == kErasuresAtOnce) worker_.nudge();
      });
}

void Courier::work_notices() {
  NoticeRoom room;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [account, count] : notices_) room.limit -= count;
    if (leasing_notices_ || room.limit <= 0) return;
    leasing_notices_ = true;
    room.under_way = notices_;
  }
  store_.transact(
      worker_,
      [this, room](store::Tx& tx) {
        Moment now = moment();
        return lease_due_notices(tx, context_, room, now);
      },
      [this](Result<std::vector<QueuedNotice>, store::StoreError> due) {
        {
          const std::lock_guard lock(mutex_);
          leasing_notices_ = false;
          if (due) {
            for (const auto& notice : *due) ++notices_[notice.row.account];
          }
        }
        if (!due) return report("due notices could not be read", due.error());
        for (auto& notice : *due) send_notice(std::move(notice));
      });
}

void Courier::send_notice(QueuedNotice notice) {
  const std::string provider = notice.row.provider;
  delivery::OutgoingMessage message = notice.message;
  auto done = [this, notice = std::move(notice)](Result<delivery::Accepted, delivery::ProviderError> outcome) mutable {
    if (hooks_.on_message) hooks_.on_message(notice.row.provider, notice.row.channel, outcome_of(outcome));
    if (!outcome && hooks_.on_problem) hooks_.on_problem(problem_of(notice, outcome.error()));
    finish({std::move(notice), std::move(outcome), clock_.now()});
  };
  const auto sender = providers_.senders.find(provider);
  if (sender == providers_.senders.end()) return done(fail(unknown_provider()));
  sender->second->send(std::move(message), std::move(done));
}

void Courier::finish(SentNotice sent) {
  const AccountId account = sent.notice.row.account;
  store_.transact(
      worker_,
      [this, sent = std::move(sent)](store::Tx& tx) {
        Moment now = moment();
        finish_notice(tx, context_, sent, now);
        return Done{};
      },
      [this, account](const Result<Done, store::StoreError>& written) {
        {
          const std::lock_guard lock(mutex_);
          if (--notices_[account] == 0) notices_.erase(account);
        }
        // Not written down: the lease runs out and the notice is sent once more.
        if (!written) report("a notice could not be marked as sent", written.error());
        worker_.nudge();
      });
}

void Courier::send_webhook(WebhookJob job) {
  webhooks_.send(std::move(job.attempt), [this, row = std::move(job.row)](delivery::WebhookOutcome outcome) mutable {
    if (hooks_.on_delivery)
      hooks_.on_delivery(outcome.verdict == delivery::WebhookVerdict::kDelivered ? "delivered" : "failed");
    store_.transact(
        worker_,
        [this, row = std::move(row), outcome = std::move(outcome)](store::Tx& tx) {
          Moment now = moment();
          finish_delivery(tx, context_, row, outcome, now);
          return Done{};
        },
        [this](const Result<Done, store::StoreError>& written) {
          if (!written) report("a webhook's outcome could not be written down", written.error());
        });
  });
}

void Courier::ask(const AskProvider& asked, delivery::ProviderDone<delivery::VerifierVerdict> done) {
  const auto verifier = providers_.verifiers.find(asked.provider);
  if (verifier == providers_.verifiers.end()) return done(fail(unknown_provider()));
  verifier->second->check(asked.check, std::move(done));
}

void Courier::work_upstream_ends() {
  store_.transact(
      worker_,
      [this](store::Tx& tx) {
        Moment now = moment();
        return lease_due_upstream_ends(tx, context_, kBatch, now);
      },
      [this](Result<std::vector<store::UpstreamEndRow>, store::StoreError> due) {
        if (!due) return report("what is to be ended at a provider could not be read", due.error());
        for (auto& row : *due) end_upstream(std::move(row));
      });
}

void Courier::end_upstream(store::UpstreamEndRow row) {
  const auto verifier = providers_.verifiers.find(row.provider);
  std::string ref = row.provider_ref;
  auto done = [this, row = std::move(row)](Result<Done, delivery::ProviderError> outcome) {
    if (!outcome && hooks_.on_problem)
      hooks_.on_problem("a verification could not be ended at its provider: " + outcome.error().detail);
    store_.transact(
        worker_,
        [this, row, outcome](store::Tx& tx) {
          Moment now = moment();
          finish_upstream_end(tx, row, outcome, now);
          return Done{};
        },
        [this](const Result<Done, store::StoreError>& written) {
          // Not written down: the lease runs out, and ending it once more changes nothing.
          if (!written)
            report("that a verification was ended at its provider could not be written down", written.error());
        });
  };
  if (verifier == providers_.verifiers.end()) return done(fail(unknown_provider()));
  verifier->second->cancel(std::move(ref), std::move(done));
}

void Courier::report(std::string_view where, const store::StoreError& error) const {
  if (hooks_.on_problem && error.code != store::StoreError::Code::kShutDown)
    hooks_.on_problem(fmt::format("{}: {}", where, error.detail));
}

}  // namespace countersign::usecase
