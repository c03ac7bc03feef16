#include "contact/email_address.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"
#include "contact/host_name.h"
#include "contact/unicode/composed.h"

namespace countersign::contact {

namespace {

constexpr std::size_t kLocalPartMax = 64;
constexpr std::size_t kAddressMax = 254;  // RFC 5321's path of 256 includes the angle brackets.

/// Beside ASCII: RFC 6532 lets all of it stand in an atom. What cannot be seen, turns other text, is a space, has no
/// meaning of its own or looks like ASCII's own signs makes one address look like another.
bool may_stand_in_atom(char32_t c) {
  const bool space =
      c == 0xA0 || c == 0x1680 || is_between(c, 0x2000, 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
  const bool nobodys =
      is_between(c, 0xE000, 0xF8FF) || c >= 0xE0000 || is_between(c, 0xFDD0, 0xFDEF) || (c & 0xFFFE) == 0xFFFE;
  const bool selects = is_between(c, 0xFE00, 0xFE0F) || is_between(c, 0x180B, 0x180F) || c == 0xAD || c == 0x34F ||
                       c == 0x115F || c == 0x1160 || c == 0x17B4 || c == 0x17B5 || c == 0x3164 || c == 0xFFA0;
  const bool of_ascii = is_between(c, 0xFF01, 0xFF5E) || c == 0x3002 || c == 0xFE52 || c == 0xFE6B || c == 0xFF61;
  return c != kNotUtf8 && !hides_or_turns(c) && !space && !nobodys && !selects && !of_ascii;
}

bool is_atom_character(char c) { return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c); }

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_atom(std::string_view atom) {
  while (!atom.empty()) {
    if (static_cast<unsigned char>(atom.front()) < 0x80) {
      if (!is_atom_character(atom.front())) return false;
      atom.remove_prefix(1);
    } else if (!may_stand_in_atom(take_code_point(atom))) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string_view to_text(EmailError error) {
  constexpr std::array<std::string_view, 6> kNames{"empty",      "too_long", "missing_at",
                                                   "local_part", "domain",   "international"};
  return kNames[static_cast<std::size_t>(error)];
}

Result<EmailAddress, EmailError> EmailAddress::parse(std::string_view typed) {
  const auto first = typed.find_first_not_of(' ');
  if (first == std::string_view::npos) return fail(EmailError::kEmpty);
  typed = typed.substr(first, typed.find_last_not_of(' ') - first + 1);
  if (typed.size() > kAddressMax) return fail(EmailError::kTooLong);

  const auto at = typed.find('@');
  if (at == std::string_view::npos || typed.find('@', at + 1) != std::string_view::npos) {
    return fail(EmailError::kMissingAt);
  }
  const auto typed_local = typed.substr(0, at);
  if (typed_local.size() > kLocalPartMax) return fail(EmailError::kTooLong);
  if (!all_parts_between_dots(typed_local, is_atom)) return fail(EmailError::kLocalPart);
  // What is composed may begin, or end, with what may not stand there, and be longer.
  const std::string local = is_ascii(typed_local) ? std::string(typed_local) : composed(typed_local);
  if (local.size() > kLocalPartMax) return fail(EmailError::kTooLong);
  if (!all_parts_between_dots(local, is_atom)) return fail(EmailError::kLocalPart);

  const std::string domain = lower_case(typed.substr(at + 1));
  if (!is_ascii(domain)) return fail(EmailError::kInternational);
  if (!is_host_name(domain)) return fail(EmailError::kDomain);
  std::string text = local + '@' + domain;
  if (text.size() > kAddressMax) return fail(EmailError::kTooLong);
  return EmailAddress(std::move(text), local.size());
}

std::string EmailAddress::index_text() const { return needs_smtputf8() ? in_small_letters(text_) : lower_case(text_); }

bool EmailAddress::needs_smtputf8() const { return !is_ascii(text_); }

}  // namespace countersign::contact
