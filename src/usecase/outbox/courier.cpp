#include "usecase/outbox/courier.h"

#include <fmt/format.h>

#include <memory>
#include <thread>
#include <utility>

#include "base/test_account.h"
#include "usecase/risk/book.h"
#include "usecase/risk/decision_log.h"
#include "usecase/risk/trust_book.h"
#include "usecase/subject/erase.h"
#include "usecase/subject/standing.h"

namespace countersign::usecase {

namespace {

constexpr int kBatch = 100;
constexpr auto kDrainLook = std::chrono::milliseconds(5);
constexpr int kErasuresAtOnce = 4;  ///< Each one touches all rows of a subject.
constexpr int kEndsAtOnce = 32;     ///< In addition to codes and checks at the same provider.
constexpr std::size_t kLessonsAtOnce = 100;
constexpr auto kPrunedEvery = std::chrono::minutes(10);
constexpr auto kCountedEvery = std::chrono::seconds(10);
constexpr auto kSteppedEvery = std::chrono::minutes(1);

std::string what_failed(const QueuedNotice& notice, const delivery::ProviderError& error) {
  return fmt::format("notice {} by {}: {} {}: {}", notice.row.id.text(), notice.row.provider,
                     delivery::name_of(error.fault), error.provider_code, error.detail);
}

}  // namespace

Courier::Courier(const Background& with, const Providers& providers, delivery::WebhookSender& webhooks,
                 AttemptWithoutEndpoint without_endpoint, CourierHooks hooks, delivery::LaneLimits codes,
                 Duration period)
    : store_(with.store),
      context_(with.context),
      providers_(providers),
      without_endpoint_(without_endpoint),
      clock_(with.clock),
      random_(with.random),
      hooks_(std::move(hooks)),
      counted_at_(clock_.monotonic()),
      stepped_at_(counted_at_),
      worker_(period, [this] { work(); }),
      codes_(with, providers, hooks_, worker_, std::move(codes)),
      deliveries_(with, webhooks, hooks_, worker_) {
  worker_.start();
}

Courier::~Courier() { stop(); }

void Courier::stop() { worker_.stop(); }

bool Courier::drain(MonotonicTime deadline) {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  codes_.close();
  deliveries_.close();
  const auto ended = [&] {
    while (!idle()) {
      if (clock_.monotonic() >= deadline) return false;
      std::this_thread::sleep_for(kDrainLook);
    }
    return true;
  };
  if (!ended()) return false;
  write_counted();
  work_risk();
  return ended();
}

bool Courier::idle() {
  const std::lock_guard lock(mutex_);
  return units_ == 0 && notices_.empty() && ends_ == 0 && codes_.idle() && deliveries_.idle();
}

void Courier::deliver(QueuedMessage message) { deliver(std::make_unique<QueuedMessage>(std::move(message))); }

void Courier::deliver(std::unique_ptr<QueuedMessage> message) {
  // Messages of test accounts never leave the database. [ADR 26]
  if (!is_test(message->account)) codes_.deliver(std::move(message));
}

/// Runs `unit(tx, moment)`, then calls `then` with its result. drain() waits for both.
template <class Unit, class Then>
void Courier::transact(Unit unit, Then then) {
  {
    const std::lock_guard lock(mutex_);
    ++units_;
  }
  store_.transact(
      worker_,
      [&clock = clock_, &random = random_, unit = std::move(unit)](store::Tx& tx) {
        Moment now{clock.now(), random};
        return unit(tx, now);
      },
      [this, then = std::move(then)](auto outcome) {
        then(std::move(outcome));
        const std::lock_guard lock(mutex_);
        --units_;
      });
}

/// Leases what is due and passes it to `take`, an empty list if leasing failed, and whether more may be due.
template <class Lease, class Take>
void Courier::lease(std::string_view what, Lease lease, Take take) {
  transact(std::move(lease), [this, what, take = std::move(take)](auto due) {
    if (!due) {
      report(what, due.error());
      return take({}, false);
    }
    for (const auto& row : due->set_aside) set_aside(row);
    const bool full = due->jobs.size() + due->set_aside.size() >= kBatch;
    take(std::move(due->jobs), full);
  });
}

/// Runs `unit(tx, moment, aside)`, which answers how many rows it has done. One that it cannot do is passed over from
/// then on, until the process starts anew.
template <class Unit>
void Courier::work_off(const std::string& table, int batch, std::string_view what, Unit unit) {
  transact([unit, aside = aside_[table]](store::Tx& tx, Moment& now) { return unit(tx, now, aside); },
           [this, batch, what](const Result<int, store::StoreError>& done) {
             if (done) {
               if (*done == batch) worker_.nudge();
               return;
             }
             const auto& error = done.error();
             if (error.key.empty()) return report(what, error);
             if (set_aside({error.table, error.key, error.detail})) worker_.nudge();
           });
}

/// False if it was set aside already.
bool Courier::set_aside(const store::SetAsideRow& row) {
  if (!aside_[row.table].insert(row.key).second) return false;
  if (hooks_.on_set_aside) hooks_.on_set_aside(row);
  return true;
}

void Courier::work() {
  {
    const std::lock_guard lock(mutex_);
    if (draining_) return;
    ++units_;  // Counts this tick as a unit, so that drain() waits for it.
  }
  codes_.tick();
  deliveries_.tick();
  const Context& context = context_;
  lease(
      "due messages could not be read",
      [&context](store::Tx& tx, Moment& now) { return lease_due_messages(tx, context, kBatch, now); },
      [this](std::vector<QueuedMessage> messages, bool full) {
        for (auto& message : messages) codes_.deliver(std::make_unique<QueuedMessage>(std::move(message)));
        if (full) worker_.nudge();
      });
  work_upstream_ends();
  work_notices();
  work_conversion();
  work_risk();
  look_for_webhooks();
  work_off("transactions", kBatch, "lapsed transactions could not be expired",
           [&context](store::Tx& tx, Moment& now, const store::SetAsideKeys& aside) {
             return expire_lapsed(tx, context, kBatch, now, aside);
           });
  work_off("standings", kBatch, "what time changed about sources could not be written down",
           [&context](store::Tx& tx, Moment& now, const store::SetAsideKeys& aside) {
             return lapse_due(tx, context, kBatch, now, aside);
           });
  work_off("erasures", kErasuresAtOnce, "what is due to be erased could not be",
           [&context](store::Tx& tx, Moment& now, const store::SetAsideKeys& aside) {
             return erase_due(tx, context, kErasuresAtOnce, now, aside);
           });
  const std::lock_guard lock(mutex_);
  --units_;
}

void Courier::work_conversion() {
  if (context_.conversion == nullptr) return;
  if (auto lessons = context_.conversion->take_settled(clock_.now(), kLessonsAtOnce); !lessons.empty()) {
    transact(
        [lessons = std::move(lessons)](store::Tx& tx, Moment& now) {
          learn_from(tx, lessons, now.now);
          return Done{};
        },
        [this](const Result<Done, store::StoreError>& learned) {
          if (!learned) report("what became of codes could not be learned", learned.error());
        });
  }
  const MonotonicTime now = clock_.monotonic();
  if (now - counted_at_ >= kCountedEvery) {
    counted_at_ = now;
    write_counted();
  }
  if (now - stepped_at_ < kSteppedEvery) return;
  stepped_at_ = now;
  transact([](store::Tx& tx, Moment& moment) { return step_weights(tx, moment.now); },
           [this](const Result<std::vector<ShareChange>, store::StoreError>& changes) {
             if (!changes) return report("weights could not be judged", changes.error());
             for (const auto& change : *changes) {
               if (hooks_.on_share) hooks_.on_share(change);
             }
           });
}

/// From any thread.
void Courier::write_counted() {
  if (context_.conversion == nullptr) return;
  auto counted = std::make_shared<const store::Conversions>(context_.conversion->take_counted());
  if (counted->empty()) return;
  transact(
      [counted](store::Tx& tx, Moment&) {
        store::add_conversions(tx, *counted);
        return Done{};
      },
      [this, counted](const Result<Done, store::StoreError>& written) {
        if (written) return;
        context_.conversion->put_back(*counted);
        report("what became of codes could not be written down", written.error());
      });
}

/// What other nodes counted, and what this one has, at most once at a time. From any thread.
void Courier::work_risk() {
  write_decided();
  write_learned();
  if (context_.risk == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(syncing_risk_, true)) return;
  }
  RiskBook& book = *context_.risk;
  const MonotonicTime now = clock_.monotonic();
  if (now - pruned_at_ >= kPrunedEvery) {
    pruned_at_ = now;
    book.prune(clock_.now());
  }
  auto unwritten = std::make_shared<RiskBook::Unwritten>(book.take_unwritten());
  const auto then = [this, &book, unwritten](const Result<store::RiskNews, store::StoreError>& news) {
    if (news)
      book.learn(*news, clock_.now());
    else
      book.put_back(std::move(*unwritten));
    if (!news) report("what the fraud rules count could not be written down", news.error());
    const std::lock_guard lock(mutex_);
    syncing_risk_ = false;
  };
  if (unwritten->empty()) {
    {
      const std::lock_guard lock(mutex_);
      ++units_;
    }
    return store_.read(
        worker_, [seen = book.seen()](store::Tx& tx) { return store::read_risk_news(tx, seen); },
        [this, then](const Result<store::RiskNews, store::StoreError>& news) {
          then(news);
          const std::lock_guard lock(mutex_);
          --units_;
        });
  }
  transact([&context = context_, unwritten, seen = book.seen()](
               store::Tx& tx, Moment& moment) { return sync_risk(tx, context, *unwritten, seen, moment); },
           then);
}

/// From any thread.
void Courier::write_decided() {
  if (context_.decisions == nullptr) return;
  auto decided = std::make_shared<DecisionLog::ByAccount>(context_.decisions->take());
  if (decided->empty()) return;
  transact(
      [decided](store::Tx& tx, Moment&) {
        usecase::write_decisions(tx, *decided);
        return Done{};
      },
      [this, decided](const Result<Done, store::StoreError>& written) {
        if (written) return;
        context_.decisions->put_back(std::move(*decided));
        report("decisions of the fraud rules could not be written down", written.error());
      });
}

/// From any thread.
void Courier::write_learned() {
  if (context_.trust == nullptr) return;
  auto learned = std::make_shared<TrustBook::Unwritten>(context_.trust->take());
  if (learned->empty()) return;
  transact(
      [learned](store::Tx& tx, Moment& moment) {
        write_trust(tx, *learned, moment.now);
        return Done{};
      },
      [this, learned](const Result<Done, store::StoreError>& written) {
        if (written) return;
        context_.trust->put_back(std::move(*learned));
        report("what the fraud rules learned of people could not be written down", written.error());
      });
}

void Courier::nudge() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(look_again_, true)) return;
  }
  worker_.post([this] { look_for_nudged(); });
}

void Courier::look_for_nudged() {
  if (!providers_.verifiers.empty()) work_upstream_ends();
  look_for_webhooks();
}

/// One unit at a time: what comes due while it is on its way is found by the next one, all of it together.
void Courier::look_for_webhooks() {
  {
    const std::lock_guard lock(mutex_);
    if (draining_ || looking_) return;
    looking_ = true;
    look_again_ = false;
  }
  lease(
      "due webhooks could not be read",
      [&context = context_, without_endpoint = without_endpoint_](store::Tx& tx, Moment& now) {
        return lease_due_deliveries(tx, context, kBatch, now, without_endpoint);
      },
      [this](std::vector<WebhookJob> jobs, bool again) {
        {
          const std::lock_guard lock(mutex_);
          looking_ = false;
          again = again || look_again_;
        }
        for (auto& job : jobs) deliveries_.send(std::move(job));
        if (again) look_for_nudged();
      });
}

void Courier::work_notices() {
  NoticeRoom room;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [account, count] : notices_) room.limit -= count;
    if (draining_ || leasing_notices_ || room.limit <= 0) return;
    leasing_notices_ = true;
    room.under_way = notices_;
  }
  lease(
      "due notices could not be read",
      [&context = context_, room](store::Tx& tx, Moment& now) { return lease_due_notices(tx, context, room, now); },
      [this](std::vector<QueuedNotice> notices, bool) {
        {
          const std::lock_guard lock(mutex_);
          leasing_notices_ = false;
          for (const auto& notice : notices) ++notices_[notice.row.account];
        }
        for (auto& notice : notices) send_notice(std::move(notice));
      });
}

void Courier::send_notice(QueuedNotice notice) {
  const std::string provider = notice.row.provider;
  delivery::OutgoingMessage message = notice.message;
  auto done = [this, notice = std::move(notice)](Result<delivery::Accepted, delivery::ProviderError> outcome) mutable {
    if (hooks_.on_message) hooks_.on_message(notice.row.provider, notice.row.channel, outcome_of(outcome));
    if (!outcome && hooks_.on_problem) hooks_.on_problem(what_failed(notice, outcome.error()));
    finish({std::move(notice), std::move(outcome), clock_.now()}, Follow::kAll);
  };
  const auto sender = providers_.notice_senders.find(provider);
  if (sender == providers_.notice_senders.end()) return done(fail(unknown_provider()));
  sender->second->send(std::move(message), std::move(done));
}

void Courier::finish(SentNotice sent, Follow follow) {
  auto shared = std::make_shared<const SentNotice>(std::move(sent));
  transact(
      [&context = context_, shared, follow](store::Tx& tx, Moment& now) {
        finish_notice(tx, context, *shared, now, follow);
        return Done{};
      },
      [this, shared, follow](const Result<Done, store::StoreError>& written) {
        // Not written: the lease runs out and the notice is sent again.
        if (!written) report("a notice could not be marked as sent", written.error());
        // The follow-up cannot be read; the notice must not be sent forever because of that.
        if (!written && store::is_of_the_unit(written.error()) && follow == Follow::kAll)
          return finish(*shared, Follow::kAlone);
        {
          const std::lock_guard lock(mutex_);
          const auto of_account = notices_.find(shared->notice.row.account);
          if (--of_account->second == 0) notices_.erase(of_account);
        }
        work_notices();  // Others may wait for its place.
      });
}

void Courier::ask(const AskProvider& asked, delivery::ProviderDone<delivery::VerifierVerdict> done) {
  const auto verifier = providers_.verifiers.find(asked.provider);
  if (verifier == providers_.verifiers.end()) return done(fail(unknown_provider()));
  verifier->second->check(asked.check, std::move(done));
}

void Courier::work_upstream_ends() {
  int room = kEndsAtOnce;
  {
    const std::lock_guard lock(mutex_);
    if (draining_) return;
    room -= std::exchange(ends_, kEndsAtOnce);
    if (room == 0) return;
  }
  lease(
      "what is to be ended at a provider could not be read",
      [&context = context_, room, aside = aside_[std::string(store::kUpstreamEndsTable)]](store::Tx& tx, Moment& now) {
        return lease_due_upstream_ends(tx, context, room, now, aside);
      },
      [this, room](std::vector<store::UpstreamEndRow> rows, bool) {
        {
          const std::lock_guard lock(mutex_);
          ends_ -= room - static_cast<int>(rows.size());
        }
        for (auto& row : rows) end_upstream(std::move(row));
      });
}

void Courier::end_upstream(store::UpstreamEndRow row) {
  const auto verifier = providers_.verifiers.find(row.provider);
  std::string ref = row.provider_ref;
  auto done = [this, row = std::move(row)](Result<Done, delivery::ProviderError> outcome) {
    if (!outcome && hooks_.on_problem)
      hooks_.on_problem("a verification could not be ended at its provider: " + outcome.error().detail);
    transact(
        [row, outcome](store::Tx& tx, Moment& now) {
          finish_upstream_end(tx, row, outcome, now);
          return Done{};
        },
        [this](const Result<Done, store::StoreError>& written) {
          // Not written: the lease runs out, and ending it again changes nothing.
          if (!written)
            report("that a verification was ended at its provider could not be written down", written.error());
          bool was_full = false;
          {
            const std::lock_guard lock(mutex_);
            was_full = ends_-- == kEndsAtOnce;
          }
          if (was_full) work_upstream_ends();  // Others may wait for a free slot.
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
