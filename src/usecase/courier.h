#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/worker.h"
#include "delivery/ports.h"
#include "delivery/webhook_sender.h"
#include "store/store.h"
#include "usecase/cancel.h"
#include "usecase/check.h"
#include "usecase/context.h"
#include "usecase/work_deliveries.h"
#include "usecase/work_messages.h"
#include "usecase/work_notices.h"
#include "usecase/work_upstream_ends.h"

namespace countersign::usecase {

/// The providers of the configuration, by name. A name is in one of the two maps.
struct Providers {
  std::map<std::string, delivery::Sender*, std::less<>> senders;
  std::map<std::string, delivery::Verifier*, std::less<>> verifiers;
};

/// For logs and metrics. Called on background threads; must not block or throw. All optional.
struct CourierHooks {
  std::function<void(std::string_view provider, contact::Channel channel, std::string_view outcome)> on_message;
  std::function<void(std::string_view outcome)> on_delivery;
  std::function<void(std::string_view what)> on_problem;
};

/// Works off what is queued in the database: messages to providers, webhooks to endpoints, notices, lapsed
/// transactions, and what ended here and is to be ended at its provider.
///
/// A new message is handed over right after its commit and is sent without being read back; a lease in its row makes
/// another node take it over if this one dies first. Everything else is found by looking for what is due, about every
/// second and whenever nudged. Thread-safe. stop() waits for nothing that is under way at a provider: its lease runs
/// out.
class Courier {
 public:
  /// All arguments outlive the courier.
  Courier(store::Store& store, const Context& context, const Providers& providers, delivery::WebhookSender& webhooks,
          Clock& clock, Random& random, CourierHooks hooks);
  ~Courier();

  /// Sends a message that was just committed.
  void deliver(QueuedMessage message);
  /// There may be webhooks to send, or something to be ended at a provider.
  void nudge() { worker_.nudge(); }
  /// Asks the provider about a code. `done` runs on a background thread.
  void ask(const AskProvider& asked, delivery::ProviderDone<delivery::VerifierVerdict> done);
  void stop();

 private:
  void work();
  void flush();
  void send_webhook(WebhookJob job);
  void work_upstream_ends();
  void end_upstream(store::UpstreamEndRow row);
  void work_notices();
  void send_notice(QueuedNotice notice);
  void finish(SentNotice sent);
  [[nodiscard]] Moment moment() { return {clock_.now(), random_}; }
  void report(std::string_view where, const store::StoreError& error) const;

  store::Store& store_;
  const Context& context_;
  const Providers& providers_;
  delivery::WebhookSender& webhooks_;
  Clock& clock_;
  Random& random_;
  CourierHooks hooks_;
  std::mutex mutex_;
  // Guarded by mutex_:
  std::vector<SentMessage> sent_;  ///< Written down by flush(), all in one unit; one such unit at a time.
  bool flushing_ = false;
  std::map<AccountId, int> notices_;  ///< Under way.
  bool leasing_notices_ = false;
  Worker worker_;
};

}  // namespace countersign::usecase
