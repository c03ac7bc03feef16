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

/// One transaction at Countersign, as this side knows it.
///
///   held ──▶ claimed ──▶ released        the account is ours to use from `claimed` on
///    │ └───▶ denied, expired, canceled   nothing has changed
///    └─────▶ withdrawn ──▶ canceled      the person changed what was to be confirmed
struct Confirmation {
  std::string id;
  std::string organizer;
  std::string transaction;  ///< Empty until Countersign has answered the hold.
  std::string state;
  std::string fencing_token;
  std::string receipt_id;
  WallTime looked_at;
};

/// Everything that a review shows, checked.
struct Review {
  Organizer organizer;
  std::string id;
  Account account;
  std::optional<Event> event;  ///< Absent where the organiser's event is there already.
  Payout payout;
  std::optional<Payout> current;  ///< The account that it is to replace.
};

/// The payout account in force, as the last claim has brought it.
struct PayoutInForce {
  Payout payout;
  std::string receipt_id;
  WallTime since;
};
[[nodiscard]] std::optional<PayoutInForce> find_payout(Database& database, std::string_view organizer);

/// Whether this confirmation put the organizer's event on sale: the first claim does, later ones change the account.
[[nodiscard]] bool published_the_event(Database& database, const Confirmation& confirmation);

/// Writes down that this review is about to be held; harmless to repeat. The event and the mobile number are now the
/// organiser's; bank details are in none of it.
void begin_confirmation(Database& database, const Review& review, Moment& moment);
void note_transaction(Database& database, std::string_view confirmation, std::string_view transaction);

[[nodiscard]] std::optional<Confirmation> find_confirmation(Database& database, std::string_view id);
/// The one that the organiser began last.
[[nodiscard]] std::optional<Confirmation> last_confirmation(Database& database, std::string_view organizer);
/// Those that are not over and whose time has come.
[[nodiscard]] std::vector<Confirmation> due_confirmations(Database& database, WallTime now);

/// Asks for a look at Countersign now. A webhook does this by its transaction, a returning person by the confirmation.
void look_soon(Database& database, std::string_view transaction_or_confirmation, WallTime now);
/// Somebody looked, beginning at `began_at`. What was asked for since then stays due: that look may have missed it.
void looked(Database& database, std::string_view confirmation, WallTime began_at, WallTime look_again_at);

/// Takes the account over, once: the change of state and everything that follows from it are one transaction here.
/// False when this confirmation was not `held` any more.
bool record_claim(Database& database, const Confirmation& confirmation, const CountersignClient::Claim& claim,
                  Moment& moment);
void record_release(Database& database, std::string_view confirmation);
/// `denied`, `expired`, `canceled`. What was typed stays, for another try under a new review; unless the person said
/// that it was not her: then the draft goes and payouts pause.
void record_end(Database& database, const Confirmation& confirmation, std::string_view state, Moment& moment);
/// The person gave up: Countersign will be told.
void withdraw(Database& database, std::string_view confirmation, Moment& moment);

}  // namespace countersign::demo
