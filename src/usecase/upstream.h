#pragma once

#include <optional>
#include <string>

#include "domain/upstream.h"
#include "store/repository/subjects.h"
#include "store/repository/verifications.h"
#include "usecase/context.h"
#include "usecase/outgoing.h"
#include "usecase/problem.h"
#include "usecase/start_verification.h"

namespace countersign::usecase {

// One verification of ours at a time for an address at a provider that makes and checks codes (domain/upstream.h). What
// is written here is committed before the provider hears of it, and what a crash leaves undone there is done by the
// next request for the address.

/// Where a verification may begin, or be sent once more, at its provider.
struct UpstreamPlace {
  std::string upstream;
  std::string address_index;
  domain::UpstreamTurn turn = domain::UpstreamTurn::kOwn;
  std::optional<domain::UpstreamClaim> holder;  ///< Whose the address was until now.
};

/// Writes nothing. Nothing in it: this road's codes are our own. kResendTooSoon while another verification has the
/// address, whoever's it is, in the words and the time of one's own code that was sent a moment ago.
[[nodiscard]] Answer<std::optional<UpstreamPlace>> find_upstream_place(
    store::Tx& tx, const Context& context, const Caller& caller, const Road& road, const Limits& limits,
    const store::ContactRow& contact, std::string_view address, const std::optional<store::VerificationRow>& own,
    WallTime now);

/// Takes the place for `row`, ends the older verification here if it is still open, and says in `start` what the
/// provider must end first. Answers what was ended.
std::optional<Superseded> take_upstream_place(store::Tx& tx, const Context& context, const Caller& caller,
                                              const UpstreamPlace& place, const store::ContactRow& contact,
                                              const store::VerificationRow& row, delivery::VerificationStart& start,
                                              Moment& moment);

/// The provider's name for `row`, if the provider may be asked about it: kNotSentYet until it has one, kWrongCode once
/// another verification has the address.
[[nodiscard]] Answer<std::string> upstream_ref(store::Tx& tx, const Road& road, const store::VerificationRow& row);

/// A request that was not made, or not answered, is to be made again by `call_before`. False: it must not be, its
/// verification is over or another one has the address.
[[nodiscard]] bool begin_upstream_call(store::Tx& tx, const Context& context, QueuedMessage& message,
                                       WallTime call_before, WallTime now);
/// The provider's answer to a start; absent: it gave none, or an error. One that comes after a later request, or for an
/// address that another verification has, changes nothing. Of a verification that has ended meanwhile, the provider is
/// told that too.
void end_upstream_call(store::Tx& tx, const Context& context, const QueuedMessage& message,
                       const std::optional<std::string>& provider_ref, Moment& moment);

}  // namespace countersign::usecase
