// Links: cs_contact
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/text.h"
#include "contact/email_address.h"
#include "contact/masking.h"

using countersign::is_utf8;
using countersign::contact::EmailAddress;
using countersign::contact::mask_email;

// An accepted address can be used in a header unchanged, and parses as itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)mask_email(input);
  const auto address = EmailAddress::parse(input);
  if (!address) return 0;
  CS_CHECK(address->text().size() <= 254 && address->local_part().size() <= 64);
  CS_CHECK(is_utf8(address->text()));
  CS_CHECK(std::ranges::all_of(address->text(), [&](unsigned char c) {
    return c > 0x20 && c != 0x7F && (c < 0x80 || address->needs_smtputf8());
  }));
  CS_CHECK(address->text().find_first_of("<>()[]\\,;:\"") == std::string::npos);
  const auto again = EmailAddress::parse(address->text());
  CS_CHECK(again.has_value() && again->text() == address->text());
  // Small letters may be longer than the large ones, and then be no address any more.
  const auto index = EmailAddress::parse(address->index_text());
  CS_CHECK(!index || index->index_text() == address->index_text());
  CS_CHECK(index || address->needs_smtputf8());
  return 0;
}
