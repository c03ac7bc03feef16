#pragma once

#include <string_view>
#include <vector>

#include "delivery/ports.h"
#include "store/repository/notices.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// A notice to send now.
struct QueuedNotice {
  store::NoticeRow row;
  delivery::OutgoingMessage message;
};

/// Takes notices that are due: new ones, those to be tried again, and those of a node that died. Ones whose time is
/// over are finished as failed and not handed out.
[[nodiscard]] std::vector<QueuedNotice> lease_due_notices(store::Tx& tx, const Context& context, int limit,
                                                          Moment& moment);

struct SentNotice {
  QueuedNotice notice;
  Result<delivery::Accepted, delivery::ProviderError> outcome;
  WallTime answered_at;  ///< When the provider had answered: from then on the contact counts as told.
};

/// Writes down what became of a notice. Accepted: the contact was told, which begins the wait of what it is about
/// [STD-3]. Else it is tried again for as long as it lives, with growing pauses, or failed where that cannot help.
void finish_notice(store::Tx& tx, const Context& context, const SentNotice& sent, Moment& moment);

}  // namespace countersign::usecase
