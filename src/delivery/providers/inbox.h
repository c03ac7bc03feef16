#pragma once

#include <functional>

#include "delivery/ports.h"

namespace countersign::delivery {

/// Where the development inbox puts what would have been sent. Called on the sender's thread; must not throw.
using InboxSink = std::function<void(const OutgoingMessage&)>;

/// The development inbox: accepts every channel, sends nothing, and shows everything, codes included. It is the
/// composition root's duty to build it in development mode alone.
class Inbox final : public Sender {
 public:
  explicit Inbox(InboxSink sink);

  /// `done` runs within the call, after the sink.
  void send(OutgoingMessage message, ProviderDone<Accepted> done) override;
  [[nodiscard]] std::string_view name() const override { return "inbox"; }
  [[nodiscard]] bool supports(Channel) const override { return true; }

 private:
  InboxSink sink_;
};

}  // namespace countersign::delivery
