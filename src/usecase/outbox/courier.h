#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/worker.h"
#include "delivery/ports.h"
#include "delivery/webhook_sender.h"
#include "store/store.h"
#include "usecase/background.h"
#include "usecase/outbox/code_dispatch.h"
#include "usecase/outbox/courier_hooks.h"
#include "usecase/outbox/providers.h"
#include "usecase/outbox/webhook_dispatch.h"
#include "usecase/outbox/work_notices.h"
#include "usecase/outbox/work_upstream_ends.h"
#include "usecase/transaction/cancel.h"
#include "usecase/verification/check.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Processes the work queued in the database: messages to providers, webhooks to endpoints, notices, lapsed
/// transactions, and verifications that ended here and must be ended at their provider.
///
/// A new message is sent right after its commit, without being read back; the lease in its row lets another node take
/// it over if this node dies first. Everything else is found by polling for due rows, about every second; webhooks, and
/// what is to be ended at a provider, also on nudge(). Codes, webhooks and notices do not wait for each other. A row
/// that cannot be read is set aside; the rest goes on. Thread-safe. Call drain() before stop(): what stop() interrupts
/// is sent again when its lease has run out.
class Courier {
 public:
  /// All arguments outlive the courier. `codes`: limits on concurrent requests to providers; `period`: how often it
  /// looks for everything that is due.
  Courier(const Background& with, const Providers& providers, delivery::WebhookSender& webhooks,
          AttemptWithoutEndpoint without_endpoint, CourierHooks hooks, delivery::LaneLimits codes = {},
          Duration period = std::chrono::seconds(1));
  ~Courier();

  /// Sends a message that was just committed. Not for messages of test accounts.
  void deliver(QueuedMessage message);
  void deliver(std::unique_ptr<QueuedMessage> message);  ///< The same without moving its texts about; not null.
  /// There may be webhooks to send, or verifications to end at a provider: looks for them in one unit at a time,
  /// however often it is called meanwhile.
  void nudge();
  /// Looks for everything that is due now: for tests, whose time may run faster.
  void look() { worker_.nudge(); }
  /// Asks the provider to check a code. `done` runs on a background thread.
  void ask(const AskProvider& asked, delivery::ProviderDone<delivery::VerifierVerdict> done);
  /// Accepts no more work, gives back what waits, and waits until `deadline` for work in progress to finish and be
  /// written. False if something was still in progress then. Do not call from a thread of a provider or the store. May
  /// be called again.
  bool drain(MonotonicTime deadline);
  void stop();

 private:
  void work();
  void look_for_nudged();
  void look_for_webhooks();
  template <class Unit, class Then>
  void transact(Unit unit, Then then);
  template <class Lease, class Take>
  void lease(std::string_view what, Lease lease, Take take);
  template <class Unit>
  void work_off(const std::string& table, int batch, std::string_view what, Unit unit);
  void work_conversion();
  void write_counted();
  void work_risk();
  void write_decided();
  void write_learned();
  void work_upstream_ends();
  void end_upstream(store::UpstreamEndRow row);
  void work_notices();
  void send_notice(QueuedNotice notice);
  void finish(SentNotice sent, Follow follow);
  [[nodiscard]] bool idle();
  bool set_aside(const store::SetAsideRow& row);
  void report(std::string_view where, const store::StoreError& error) const;

  store::Store& store_;
  const Context& context_;
  const Providers& providers_;
  AttemptWithoutEndpoint without_endpoint_;
  Clock& clock_;
  Random& random_;
  CourierHooks hooks_;
  std::mutex mutex_;
  // Guarded by mutex_:
  int units_ = 0;                     ///< In progress at the store, continuations included.
  std::map<AccountId, int> notices_;  ///< In progress.
  bool leasing_notices_ = false;
  int ends_ = 0;  ///< Verifications being ended at their providers: being leased or in progress.
  bool draining_ = false;
  bool looking_ = false;  ///< For webhooks that are due, or about to.
  bool syncing_risk_ = false;
  bool look_again_ = false;  ///< Nudged since the last look began.
  // Only on the worker's thread:
  std::map<std::string, store::SetAsideKeys> aside_;  ///< By table.
  MonotonicTime counted_at_;                          ///< When what was counted was last written.
  MonotonicTime pruned_at_;                           ///< When counts of the fraud rules were.
  MonotonicTime stepped_at_;                          ///< When weights were last judged.
  Worker worker_;
  CodeDispatch codes_;
  WebhookDispatch deliveries_;
};

}  // namespace countersign::usecase
