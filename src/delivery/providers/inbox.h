#pragma once

#include <functional>

#include "delivery/ports.h"
#include "delivery/providers/inbox_outage.h"

namespace countersign::delivery {

/// Where the development inbox puts what would have been sent. Called on the sender's thread; must not throw. Calls
/// `kept` once, from any thread: true when the message is safe, false when it could not be kept.
using InboxSink = std::function<void(const OutgoingMessage&, std::move_only_function<void(bool kept)>)>;

/// The development inbox: accepts every channel, sends nothing, and shows everything, codes included. It is the
/// composition root's duty to build it in development mode alone.
class Inbox final : public Sender {
 public:
  /// `outage` outlives this; null: never down.
  explicit Inbox(InboxSink sink, InboxOutage* outage = nullptr);

  /// `done` runs when the sink has kept the message, so that a crash before that sends it again.
  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "inbox"; }
  [[nodiscard]] bool supports(Channel) const override { return true; }

 private:
  InboxSink sink_;
  InboxOutage* const outage_;
};

}  // namespace countersign::delivery
