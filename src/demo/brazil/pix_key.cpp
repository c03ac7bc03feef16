#include "demo/brazil/pix_key.h"

#include <algorithm>
#include <array>

#include "base/names.h"
#include "base/typed.h"
#include "demo/brazil/document.h"
#include "demo/brazil/phone.h"
#include "demo/brazil/typed.h"

namespace countersign::demo {

namespace {

constexpr std::array<std::string_view, 4> kNames{"document", "phone", "email", "random"};
constexpr std::size_t kEmailMax = 77;

bool is_email_character(char c) {
  return is_digit(c) || is_lower(c) || std::string_view(".!#$%&'*+/=?^_`{|}~-").contains(c);
}

bool is_host(std::string_view host) {
  const bool plain =
      std::all_of(host.begin(), host.end(), [](char c) { return is_digit(c) || is_lower(c) || c == '-' || c == '.'; });
  return plain && host.contains('.') && !host.starts_with('.') && !host.ends_with('.') && !host.contains("..");
}

Result<PixKey, PixFault> email_key(std::string_view typed) {
  const std::string address = lower_case(typed);
  const auto at = address.find('@');
  if (at == std::string::npos || at == 0 || !is_host(std::string_view(address).substr(at + 1)) ||
      !std::all_of(address.begin(), address.begin() + static_cast<std::ptrdiff_t>(at), is_email_character)) {
    return fail(PixFault::kEmail);
  }
  if (address.size() > kEmailMax) return fail(PixFault::kEmailTooLong);
  return PixKey{PixKind::kEmail, address};
}

Result<PixKey, PixFault> random_key(std::string_view typed) {
  const std::string digits = lower_case(without(typed, "- "));
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  if (digits.size() != 32 || !std::all_of(digits.begin(), digits.end(), is_hex)) return fail(PixFault::kRandom);
  return PixKey{PixKind::kRandom, with_mask(digits, "########-####-####-####-############")};
}

}  // namespace

Result<PixKey, PixFault> parse_pix_key(PixKind kind, std::string_view typed) {
  const std::string text = trimmed(plain_typed(typed));
  if (text.empty()) return fail(PixFault::kEmpty);
  switch (kind) {
    case PixKind::kDocument:
      if (const auto document = parse_document(text)) return PixKey{kind, document->characters};
      return fail(PixFault::kDocument);
    case PixKind::kPhone:
      if (const auto phone = parse_mobile(text)) return PixKey{kind, *phone};
      return fail(PixFault::kPhone);
    case PixKind::kEmail:
      return email_key(text);
    case PixKind::kRandom:
      return random_key(text);
  }
  return fail(PixFault::kEmpty);
}

std::string mask_pix_key(const PixKey& key) {
  switch (key.kind) {
    case PixKind::kDocument:
      if (const auto document = parse_document(key.value)) return mask_document(*document);
      return "***";
    case PixKind::kPhone:
      return mask_mobile(key.value);
    case PixKind::kEmail:
      return key.value.substr(0, 1) + "•••" + key.value.substr(key.value.find('@'));
    case PixKind::kRandom:
      return key.value.substr(0, 4) + "…" + key.value.substr(key.value.size() - 4);
  }
  return "***";
}

std::string_view pix_kind_name(PixKind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

std::optional<PixKind> pix_kind_of(std::string_view name) { return value_named<PixKind>(kNames, name); }

}  // namespace countersign::demo
