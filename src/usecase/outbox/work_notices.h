#pragma once

#include <map>
#include <optional>
#include <vector>

#include "delivery/ports.h"
#include "domain/standing/history.h"
#include "store/repository/notices.h"
#include "usecase/outbox/work_deliveries.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// A notice to send now.
struct QueuedNotice {
  store::NoticeRow row;
  delivery::OutgoingMessage message;
};

inline constexpr int kNoticesAtOnce = 16;  ///< Per node.

/// Limits on notices in progress. Notices of one account never delay another's, however many there are and however slow
/// the account's providers are.
struct NoticeRoom {
  int limit = kNoticesAtOnce;  ///< How many to lease now.
  int per_account = 4;         ///< Notices in progress included.
  std::map<AccountId, int> under_way = {};
};

/// Writes the text of a notice that tells several changes (NoticeRow::since), as of now. Without a history it stays as
/// it is, and nobody counts as told.
void write_changes(const Context& context, store::NoticeRow& row, delivery::OutgoingMessage& message,
                   const std::optional<domain::standing::History>& history, WallTime now);

/// Leases notices that are due, one per account in turn, accounts with the fewest in progress first: new notices,
/// retries, and those of a node that died. Expired ones are finished as failed and not returned; those that cannot be
/// read are set aside. A notice counts in the account's and the country's rate windows when it is leased for the first
/// time; where those are used up, it is postponed until they are not (`notice.put_off`). One whose provider is drained
/// or does not work by now goes by another of its channel.
[[nodiscard]] store::Leased<QueuedNotice> lease_due_notices(store::Tx& tx, const Context& context, NoticeRoom room,
                                                            Moment& moment);

struct SentNotice {
  QueuedNotice notice;
  Result<delivery::Accepted, delivery::ProviderError> outcome;
  WallTime answered_at;  ///< When the provider answered: the contact counts as notified from then on.
};

/// Writes the result of a notice. Accepted: the contact was notified, which starts the wait of the source it is about
/// [STD-3]. Permanently refused: it goes to the next provider that can reach the contact. Refused by one that is out of
/// order: it goes by another of the channel's. Otherwise it is retried with growing pauses until it expires, or fails
/// if a retry cannot help. `kAlone`: skips the next provider and the follow-up of an acceptance, for when those cannot
/// be read.
void finish_notice(store::Tx& tx, const Context& context, const SentNotice& sent, Moment& moment,
                   Follow follow = Follow::kAll);

}  // namespace countersign::usecase
