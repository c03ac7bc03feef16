#include "delivery/providers/inbox.h"

#include "base/check.h"

namespace countersign::delivery {

Inbox::Inbox(InboxSink sink) : sink_(std::move(sink)) { CS_CHECK(sink_); }

void Inbox::send(OutgoingMessage message, ProviderDone<Accepted> done) {
  sink_(message);
  done(Accepted{message.id.text()});
}

}  // namespace countersign::delivery
