// Links: cs_contact
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "contact/masking.h"
#include "contact/phone_number.h"

using countersign::contact::calling_code_digits;
using countersign::contact::mask_phone;
using countersign::contact::PhoneNumber;

// The first two bytes are the default region. An accepted number is E.164 and parses as itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto region = input.substr(0, 2);
  const auto typed = input.substr(region.size());
  (void)mask_phone(typed);
  for (const auto& number : {PhoneNumber::parse(typed, region), PhoneNumber::parse(typed, "BR")}) {
    if (!number) continue;
    CS_CHECK(number->text().size() <= 16 && calling_code_digits(number->text()) > 0);
    for (const char c : number->text().substr(1)) CS_CHECK(c >= '0' && c <= '9');
    const auto again = PhoneNumber::parse(number->text(), region);
    CS_CHECK(again.has_value() && *again == *number && again->kind() == number->kind());
  }
  return 0;
}
