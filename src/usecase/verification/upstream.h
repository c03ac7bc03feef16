#pragma once

#include <optional>
#include <string>

#include "domain/upstream.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/problem.h"
#include "usecase/queued_message.h"
#include "usecase/verification/start.h"
#include "usecase/work.h"

namespace countersign::usecase {

// A provider that makes and checks codes (domain/upstream.h) has at most one of our verifications per address at a
// time. State is committed here before the provider is called; what a crash leaves undone there is done by the next
// request for the address.

/// Permission to start or resend a verification at its provider.
struct UpstreamPlace {
  std::string upstream;
  std::string address_index;
  domain::UpstreamTurn turn = domain::UpstreamTurn::kOwn;
  std::optional<domain::UpstreamClaim> holder;  ///< Previous holder of the address.
};

/// Read-only. Empty: we make the codes of this provider. kResendTooSoon while another verification holds the address,
/// of any subject; it has the same text and time as after a recent send of one's own.
[[nodiscard]] Answer<std::optional<UpstreamPlace>> find_upstream_place(
    const Work& work, const ChannelProvider& provider, const domain::Limits& limits, const store::ContactRow& contact,
    std::string_view address, const std::optional<store::VerificationRow>& own);

/// Takes the address for `row`, ends the older verification here if it is still open, and puts into `start` what the
/// provider must end first. Returns what was ended: if it is of the same transaction, in `held`, which the caller
/// writes.
std::optional<Superseded> take_upstream_place(const Work& work, const UpstreamPlace& place,
                                              const store::ContactRow& contact, store::TransactionRow& held,
                                              const store::VerificationRow& row, delivery::VerificationStart& start);

/// The provider's reference for `row`, for a check: kNotSentYet until there is one, kWrongCode once another
/// verification holds the address.
[[nodiscard]] Answer<std::string> upstream_ref(store::Tx& tx, const ChannelProvider& provider,
                                               const store::VerificationRow& row);

/// A request that was not made, or not answered, must be repeated by `call_before`. False: do not make it, because its
/// verification is over or another one holds the address.
[[nodiscard]] bool begin_upstream_call(store::Tx& tx, const Context& context, QueuedMessage& message,
                                       WallTime call_before, WallTime now);
/// Applies the provider's answer to a start; absent: no answer, or an error. An answer that arrives after a later
/// request, or for an address that another verification holds, changes nothing here. What it names, or what the answer
/// names of a verification that has ended meanwhile, is scheduled to be ended at the provider.
void end_upstream_call(store::Tx& tx, const Context& context, const QueuedMessage& message,
                       const std::optional<std::string>& provider_ref, Moment& moment);

}  // namespace countersign::usecase
