#include "delivery/providers/inbox.h"

#include "base/check.h"

namespace countersign::delivery {

Inbox::Inbox(InboxSink sink, InboxOutage* outage) : sink_(std::move(sink)), outage_(outage) { CS_CHECK(sink_); }

void Inbox::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  if (outage_ != nullptr) {
    auto spared = outage_->strike(message.channel, std::move(done));
    if (!spared) return;
    done = *std::move(spared);
  }
  sink_(message, [id = message.id, done = std::move(done)](bool kept) mutable {
    if (kept) return done(Accepted{id.text()});
    done(fail(ProviderError{Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable, "",
                            "the inbox could not be written", std::nullopt, false}));
  });
}

}  // namespace countersign::delivery
