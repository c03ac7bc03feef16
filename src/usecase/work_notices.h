#pragma once

#include <map>
#include <vector>

#include "delivery/ports.h"
#include "store/repository/notices.h"
#include "usecase/context.h"
#include "usecase/work_deliveries.h"

namespace countersign::usecase {

/// A notice to send now.
struct QueuedNotice {
  store::NoticeRow row;
  delivery::OutgoingMessage message;
};

inline constexpr int kNoticesAtOnce = 16;  ///< On one node.

/// How many notices may be under way. What an account has to tell never keeps another's waiting, however much it is and
/// however slow its providers are.
struct NoticeRoom {
  int limit = kNoticesAtOnce;  ///< To take now.
  int per_account = 4;         ///< Those that are under way included.
  std::map<AccountId, int> under_way = {};
};

/// Takes notices that are due, in turns: one of each account, those first that have the fewest under way. New ones,
/// those to be tried again, and those of a node that died. Ones whose time is over are finished as failed and not
/// handed out; ones that cannot be read are set aside. A notice is counted when it is taken for the first time, in the
/// account's and the country's windows; where they are used up it is put off until they are not (`notice.put_off`).
[[nodiscard]] store::Leased<QueuedNotice> lease_due_notices(store::Tx& tx, const Context& context, NoticeRoom room,
                                                            Moment& moment);

struct SentNotice {
  QueuedNotice notice;
  Result<delivery::Accepted, delivery::ProviderError> outcome;
  WallTime answered_at;  ///< When the provider had answered: from then on the contact counts as told.
};

/// Writes down what became of a notice. Accepted: the contact was told, which begins the wait of what it is about
/// [STD-3]. Refused for certain, it goes to the next provider that can reach the contact. Else it is tried again for as
/// long as it lives, with growing pauses, or failed where that cannot help.
/// `kAlone`: without another provider, and without what else follows from its being accepted, where that cannot be
/// read.
void finish_notice(store::Tx& tx, const Context& context, const SentNotice& sent, Moment& moment,
                   Follow follow = Follow::kAll);

}  // namespace countersign::usecase
