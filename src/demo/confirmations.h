#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/moment.h"
#include "base/result.h"
#include "demo/countersign_client.h"
#include "demo/organizers.h"
#include "demo/payout.h"
#include "demo/steps/account.h"
#include "demo/steps/event.h"

namespace countersign::demo {

/// One transaction at Countersign, as recorded here.
///
///   held ──▶ claimed ──▶ released        the account may be used from `claimed` on
///    │ └───▶ denied, expired, canceled   nothing has changed
///    └─────▶ withdrawn ──▶ canceled      the person changed the draft
struct Confirmation {
  std::string id;
  std::string organizer;
  std::string transaction;  ///< Empty until Countersign has answered the hold.
  std::string state;
  std::string fencing_token;
  std::string receipt_id;
  WallTime looked_at;
};

/// The validated data of a review.
struct Review {
  Organizer organizer;
  std::string id;
  Account account;
  std::optional<Event> event;  ///< Absent if the organiser already has an event.
  Payout payout;
  std::optional<Payout> current;  ///< The account to be replaced.
};

/// The current payout account, set by the last claim.
struct PayoutInForce {
  Payout payout;
  std::string receipt_id;
  WallTime since;
};
[[nodiscard]] std::optional<PayoutInForce> find_payout(Database& database, std::string_view organizer);

/// Whether this confirmation published the organizer's event: the first claim does, later ones change the account.
[[nodiscard]] bool published_the_event(Database& database, const Confirmation& confirmation);

/// Records that this review is about to be held; idempotent. Stores the event and the mobile number for the organiser;
/// it stores no bank details.
void begin_confirmation(Database& database, const Review& review, Moment& moment);
void note_transaction(Database& database, std::string_view confirmation, std::string_view transaction);

[[nodiscard]] std::optional<Confirmation> find_confirmation(Database& database, std::string_view id);
/// The organiser's newest confirmation.
[[nodiscard]] std::optional<Confirmation> last_confirmation(Database& database, std::string_view organizer);
/// The open confirmations that are due.
[[nodiscard]] std::vector<Confirmation> due_confirmations(Database& database, WallTime now);

/// Makes a confirmation due now. A webhook passes its transaction, a returning person the confirmation.
void look_soon(Database& database, std::string_view transaction_or_confirmation, WallTime now);
/// Records a poll that began at `began_at`. Requests made since then stay due: the poll may have missed them.
void looked(Database& database, std::string_view confirmation, WallTime began_at, WallTime look_again_at);

/// Stores the claimed account, once: the change of state and its effects are one transaction here. False if this
/// confirmation was no longer `held`.
bool record_claim(Database& database, const Confirmation& confirmation, const CountersignClient::Claim& claim,
                  Moment& moment);
void record_release(Database& database, std::string_view confirmation);
/// `denied`, `expired`, `canceled`. The input stays, for a new review; but if the person denied it ("it wasn't me"),
/// the draft is deleted and payouts pause.
void record_end(Database& database, const Confirmation& confirmation, std::string_view state, Moment& moment);
/// The person gave up: Countersign will be told to cancel.
void withdraw(Database& database, std::string_view confirmation, Moment& moment);

}  // namespace countersign::demo
