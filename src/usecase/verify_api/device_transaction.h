#pragma once

#include <optional>

#include "usecase/problem.h"
#include "usecase/verify_api/device_challenge.h"

namespace countersign::usecase::verify_api {

// A transaction of the native API that a device is asked about. What the app shows and signs is the transaction's own
// display and the hash that all its proofs are bound to, so an answer for one proves nothing for another. [TXN-2]

struct AskedDevice {
  Id challenge;  ///< `YC…`
  FactorId factor;
  WallTime expires_at;
};
/// Asks that device of the transaction's subject. The same challenge again while it is open. kNotFound, also for a
/// factor that is not the subject's; kMethodNotAllowed if the policy names no push; kFactorUnusable for a factor that
/// is no confirmed device of the mobile SDKs; kSourceDoesNotCount for one that does not count for this transaction
/// [STD-1, STD-9]; kRateLimited if it may not be asked by now (domain/push.h). [THR-8]
[[nodiscard]] Answer<AskedDevice> ask_device(const Work& work, const TransactionId& id, const FactorId& factor);

/// The device answered a challenge: adds the proof to its transaction, or denies it. Nothing for a challenge of no
/// transaction. What it signed is kept for the receipt. The refusal, with nothing written, where the transaction is
/// over, or the device does not count for it.
[[nodiscard]] std::optional<Refusal> tell_transaction(const Work& work, const Challenge& challenge,
                                                      const FactorId& factor, bool approved,
                                                      const SignedAnswer& answer);

}  // namespace countersign::usecase::verify_api
