#pragma once

#include <string_view>
#include <vector>

#include "delivery/ports.h"
#include "store/repository/upstream_ends.h"
#include "store/repository/verifications.h"
#include "usecase/queued_message.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// Schedules a verification that ended here to be ended at its provider after the commit: however it ended, a code sent
/// for it must approve nothing more. Does nothing if no provider is known to have it; an answer that arrives later
/// schedules this again (usecase/verification/upstream.h).
void end_upstream(store::Tx& tx, const store::VerificationRow& row, Moment& moment);

/// The same for what a start of `message` left at the provider that no verification here has taken over.
void end_unclaimed(store::Tx& tx, const QueuedMessage& message, std::string_view provider_ref, Moment& moment);

/// Leases the ends that are due: new ones, retries, and those of a node that died. A verification that has expired at
/// its provider is deleted and not returned. Rows that cannot be read are set aside, and `aside` excludes them.
[[nodiscard]] store::Leased<store::UpstreamEndRow> lease_due_upstream_ends(store::Tx& tx, const Context& context,
                                                                           int limit, Moment& moment,
                                                                           const store::SetAsideKeys& aside = {});

/// Writes the provider's answer: ended (also if the provider does not know the verification), or to be retried with
/// growing pauses for as long as the code could be valid.
void finish_upstream_end(store::Tx& tx, const store::UpstreamEndRow& row,
                         const Result<Done, delivery::ProviderError>& outcome, Moment& moment);

}  // namespace countersign::usecase
