#pragma once

#include "demo/visit.h"

namespace countersign::demo {

// One function per request.

[[nodiscard]] http::Response home_page(Visit& visit);
[[nodiscard]] http::Response event_page(Visit& visit);

[[nodiscard]] http::Response account_step(Visit& visit);  ///< 1 of 4
[[nodiscard]] http::Response save_account_step(Visit& visit);
[[nodiscard]] http::Response event_step(Visit& visit);  ///< 2 of 4
[[nodiscard]] http::Response save_event_step(Visit& visit);
[[nodiscard]] http::Response payout_step(Visit& visit);  ///< 3 of 4
[[nodiscard]] http::Response save_payout_step(Visit& visit);

[[nodiscard]] http::Response review_page(Visit& visit);        ///< 4 of 4
[[nodiscard]] http::Response confirm(Visit& visit);            ///< Holds, and redirects the person to Countersign.
[[nodiscard]] http::Response confirmation_page(Visit& visit);  ///< Where the person returns.
[[nodiscard]] http::Response give_up(Visit& visit);
[[nodiscard]] http::Response dashboard(Visit& visit);
[[nodiscard]] http::Response open_security(Visit& visit);      ///< Redirects the person to Countersign, to all methods.
[[nodiscard]] http::Response add_authenticator(Visit& visit);  ///< Redirects the person to Countersign, to add an app.
[[nodiscard]] http::Response add_device(Visit& visit);  ///< Shows where another browser of hers becomes a device.

/// Example events for a new site.
void seed_events(Database& database, Moment& moment);

}  // namespace countersign::demo
