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
#include "usecase/cancel.h"
#include "usecase/check.h"
#include "usecase/code_dispatch.h"
#include "usecase/context.h"
#include "usecase/courier_hooks.h"
#include "usecase/providers.h"
#include "usecase/webhook_dispatch.h"
#include "usecase/work_notices.h"
#include "usecase/work_upstream_ends.h"

namespace countersign::usecase {

/// Works off what is queued in the database: messages to providers, webhooks to endpoints, notices, lapsed
/// transactions, and what ended here and is to be ended at its provider.
///
/// A new message is handed over right after its commit and is sent without being read back; a lease in its row makes
/// another node take it over if this one dies first. Everything else is found by looking for what is due, about every
/// second and whenever nudged. Codes, webhooks and notices wait for nothing of each other's. A row that cannot be read
/// is set aside, and the rest goes on. Thread-safe. drain() before stop(): what stop() cuts off is sent again when its
/// lease has run out.
class Courier {
 public:
  /// All arguments outlive the courier. `codes`: bounds of what is under way at providers.
  Courier(store::Store& store, const Context& context, const Providers& providers, delivery::WebhookSender& webhooks,
          Clock& clock, Random& random, CourierHooks hooks, delivery::FairQueueLimits codes = {});
  ~Courier();

  /// Sends a message that was just committed; not one of a test account.
  void deliver(QueuedMessage message);
  /// There may be webhooks to send, or something to be ended at a provider.
  void nudge() { worker_.nudge(); }
  /// Asks the provider about a code. `done` runs on a background thread.
  void ask(const AskProvider& asked, delivery::ProviderDone<delivery::VerifierVerdict> done);
  /// Takes nothing more on, gives back what waits, and lets what is under way end and be written down, until
  /// `deadline`. False: something was still under way then. Not from a provider's or the store's thread. May be called
  /// again.
  bool drain(MonotonicTime deadline);
  void stop();

 private:
  void work();
  template <class Unit, class Then>
  void transact(Unit unit, Then then);
  template <class Lease, class Take>
  void lease(std::string_view what, Lease lease, Take take);
  template <class Work>
  void work_off(const std::string& table, int batch, std::string_view what, Work work);
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
  Clock& clock_;
  Random& random_;
  CourierHooks hooks_;
  std::mutex mutex_;
  // Guarded by mutex_:
  int units_ = 0;                     ///< Under way at the store, their continuations included.
  std::map<AccountId, int> notices_;  ///< Under way.
  bool leasing_notices_ = false;
  int ends_ = 0;  ///< Of verifications at their providers; being leased or under way.
  bool draining_ = false;
  // Used by the worker's thread alone:
  std::map<std::string, store::SetAsideKeys> aside_;  ///< By table.
  Worker worker_;
  CodeDispatch codes_;
  WebhookDispatch deliveries_;
};

}  // namespace countersign::usecase
