#pragma once

#include <string>
#include <string_view>

namespace countersign::contact {

// What may be shown of an address that the reader should recognise but not learn. [PHN-3] Input that is no address at
// all comes out as bullets alone, so nothing slips through by being malformed.

/// `+55 •••••••4321`: calling code and the last four digits; the last two when the national number has fewer than
/// eight, because four would be most of it.
[[nodiscard]] std::string mask_phone(std::string_view e164);
/// `m•••••@g••••.com`. The number of bullets is fixed, so it does not tell the length. A top-level domain that is more
/// than a short word is hidden too: masks stand in notices, and whoever gives an address must not write to others by
/// it.
[[nodiscard]] std::string mask_email(std::string_view address);

// The same in ASCII, for logs: `+55*******4321`, `m*****@g****.com`.
[[nodiscard]] std::string mask_phone_for_log(std::string_view e164);
[[nodiscard]] std::string mask_email_for_log(std::string_view address);

/// Either kind: an address with an @ is an e-mail address.
[[nodiscard]] std::string mask_contact(std::string_view address);
[[nodiscard]] std::string mask_contact_for_log(std::string_view address);

}  // namespace countersign::contact
