#pragma once

#include <vector>

#include "delivery/ports.h"
#include "store/repository/upstream_ends.h"
#include "store/repository/verifications.h"
#include "usecase/context.h"

namespace countersign::usecase {

/// A verification that ended here is to be ended at its provider, too, after the commit: whatever ended it, a code that
/// was sent for it approves nothing more. Nothing where no provider has it, as far as is known; an answer that comes
/// later says so again (usecase/upstream.h).
void end_upstream(store::Tx& tx, const store::VerificationRow& row, Moment& moment);

/// Takes those that are due: new ones, those to be tried again, and those of a node that died. What is over at its
/// provider by itself is forgotten and not handed out. What cannot be read is set aside, and passed over by `aside`.
[[nodiscard]] store::Leased<store::UpstreamEndRow> lease_due_upstream_ends(store::Tx& tx, const Context& context,
                                                                           int limit, Moment& moment,
                                                                           const store::SetAsideKeys& aside = {});

/// Writes down what the provider said: ended, which one that it does not know is as well, or to be tried again for as
/// long as the code could live, with growing pauses.
void finish_upstream_end(store::Tx& tx, const store::UpstreamEndRow& row,
                         const Result<Done, delivery::ProviderError>& outcome, Moment& moment);

}  // namespace countersign::usecase
