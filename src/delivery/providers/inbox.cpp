#include "delivery/providers/inbox.h"

#include "base/check.h"

namespace countersign::delivery {

Inbox::Inbox(InboxSink sink) : sink_(std::move(sink)) { CS_CHECK(sink_); }

void Inbox::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  sink_(message, [id = message.id, done = std::move(done)](bool kept) mutable {
    if (kept) return done(Accepted{id.text()});
    done(fail(ProviderError{Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable, "",
                            "the inbox could not be written", std::nullopt, false}));
  });
}

}  // namespace countersign::delivery
