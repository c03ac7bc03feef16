#include "contact/masking.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "contact/phone_number.h"

namespace countersign::contact {

namespace {

constexpr std::string_view kBullet = "\u2022";
constexpr std::string_view kStar = "*";

void append_times(std::string& out, std::string_view sign, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) out += sign;
}

std::string phone_masked_by(std::string_view e164, std::string_view sign, std::string_view gap) {
  constexpr std::size_t kHiddenAlways = 8;
  std::string out;
  const std::size_t code_length = calling_code_digits(e164);
  if (code_length == 0) {
    append_times(out, sign, kHiddenAlways);
    return out;
  }
  const auto national = e164.substr(1 + code_length);
  const std::size_t shown = national.size() >= 8 ? 4 : national.size() >= 4 ? 2 : 0;
  out += e164.substr(0, 1 + code_length);
  out += gap;
  append_times(out, sign, national.size() - shown);
  out += national.substr(national.size() - shown);
  return out;
}

/// The first character and a fixed number of signs; a part of one character is hidden completely.
void append_part(std::string& out, std::string_view part, std::string_view sign, std::size_t count) {
  const std::size_t first = code_point_size(part);
  if (part.size() > first) out += part.substr(0, first);
  append_times(out, sign, count);
}

/// A top-level domain of a few letters reveals little. A longer one, or one with other characters, can be a text
/// written for the readers of the mask: notices also go to people other than the one who gave the address.
bool is_short_word(std::string_view label) {
  constexpr std::size_t kShownMax = 6;
  return label.size() <= kShownMax && std::ranges::all_of(label, is_letter);
}

std::string email_masked_by(std::string_view address, std::string_view sign) {
  std::string out;
  const auto at = address.rfind('@');
  const auto dot = address.rfind('.');
  if (at == std::string_view::npos || dot == std::string_view::npos || dot < at) {
    append_times(out, sign, 8);
    return out;
  }
  append_part(out, address.substr(0, at), sign, 5);
  out += '@';
  append_part(out, address.substr(at + 1, dot - at - 1), sign, 4);
  out += '.';
  const auto top = address.substr(dot + 1);
  if (is_short_word(top))
    out += top;
  else
    append_times(out, sign, 4);
  return out;
}

}  // namespace

std::string mask_phone(std::string_view e164) { return phone_masked_by(e164, kBullet, " "); }
std::string mask_phone_for_log(std::string_view e164) { return phone_masked_by(e164, kStar, ""); }
std::string mask_email(std::string_view address) { return email_masked_by(address, kBullet); }
std::string mask_email_for_log(std::string_view address) { return email_masked_by(address, kStar); }

std::string mask_contact(std::string_view address) {
  return address.contains('@') ? mask_email(address) : mask_phone(address);
}

std::string mask_contact_for_log(std::string_view address) {
  return address.contains('@') ? mask_email_for_log(address) : mask_phone_for_log(address);
}

}  // namespace countersign::contact
