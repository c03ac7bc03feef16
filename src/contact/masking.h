#pragma once

#include <string>
#include <string_view>

namespace countersign::contact {

// Masks an address so that the reader can recognise but not learn it. [PHN-3] Malformed input becomes bullets only, so
// it cannot leak.

/// `+55 •••••••4321`: calling code and the last four digits; the last two when the national number has fewer than
/// eight, because four would reveal most of it.
[[nodiscard]] std::string mask_phone(std::string_view e164);
/// `m•••••@g••••.com`. The number of bullets is fixed, so it does not reveal the length. A top-level domain that is
/// more than a short word is hidden too: masks appear in notices, and an address must not carry a text to others.
[[nodiscard]] std::string mask_email(std::string_view address);

// The same in ASCII, for logs: `+55*******4321`, `m*****@g****.com`.
[[nodiscard]] std::string mask_phone_for_log(std::string_view e164);
[[nodiscard]] std::string mask_email_for_log(std::string_view address);

/// For either kind: an address with an @ is an e-mail address.
[[nodiscard]] std::string mask_contact(std::string_view address);
[[nodiscard]] std::string mask_contact_for_log(std::string_view address);

}  // namespace countersign::contact
