#include "contact/email_address.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "contact/host_name.h"

namespace countersign::contact {

namespace {

constexpr std::size_t kLocalPartMax = 64;
constexpr std::size_t kAddressMax = 254;  // RFC 5321's path of 256 includes the angle brackets.

bool is_atom_character(char c) { return is_letter_or_digit(c) || std::string_view("!#$%&'*+-/=?^_`{|}~").contains(c); }

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
  const auto local = typed.substr(0, at);
  if (local.size() > kLocalPartMax) return fail(EmailError::kTooLong);
  if (!all_parts_between_dots(local,
                              [](std::string_view atom) { return std::ranges::all_of(atom, is_atom_character); })) {
    return fail(EmailError::kLocalPart);
  }

  std::string text(typed);
  std::ranges::transform(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(),
                         text.begin() + static_cast<std::ptrdiff_t>(at), to_lower);
  const auto domain = std::string_view(text).substr(at + 1);
  if (std::ranges::any_of(domain, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return fail(EmailError::kInternational);
  }
  if (!is_host_name(domain)) return fail(EmailError::kDomain);
  return EmailAddress(std::move(text), at);
}

std::string EmailAddress::index_text() const { return lower_case(text_); }

}  // namespace countersign::contact
