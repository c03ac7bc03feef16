#pragma once

#include <functional>

#include "delivery/ports.h"
#include "delivery/providers/inbox_outage.h"

namespace countersign::delivery {

/// Stores what the development inbox would have sent. Called on the sender's thread; must not throw. Calls `kept` once,
/// from any thread: true when the message is stored, false when it could not be.
using InboxSink = std::function<void(const OutgoingMessage&, std::move_only_function<void(bool kept)>)>;

/// The development inbox: accepts every channel, sends nothing, and shows everything, codes included. The composition
/// root must build it only in development mode.
class Inbox final : public Sender {
 public:
  /// `outage` outlives this; null: never an outage.
  explicit Inbox(InboxSink sink, InboxOutage* outage = nullptr);

  /// `done` runs when the sink has stored the message, so that after an earlier crash it is sent again.
  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "inbox"; }
  [[nodiscard]] bool supports(Channel) const override { return true; }

 private:
  InboxSink sink_;
  InboxOutage* const outage_;
};

}  // namespace countersign::delivery
