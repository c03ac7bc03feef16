#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

/// Selected with the key, because `11987654374` is both a valid CPF and a mobile number.
enum class PixKind : std::uint8_t { kDocument, kPhone, kEmail, kRandom };

/// A key as in the directory (DICT): a CPF or CNPJ without punctuation, a phone number in E.164, an address in lower
/// case, or a random key of 8-4-4-4-12 hexadecimal digits.
struct PixKey {
  PixKind kind;
  std::string value;

  friend bool operator==(const PixKey&, const PixKey&) = default;
};

enum class PixFault : std::uint8_t { kEmpty, kDocument, kPhone, kEmail, kEmailTooLong, kRandom };

/// Normalises the key: punctuation, spaces and case; a random key may lack its hyphens.
[[nodiscard]] Result<PixKey, PixFault> parse_pix_key(PixKind kind, std::string_view typed);

/// Enough to recognise one's own key, but not to use it: `(11) •••••-4321`, `p•••@bcb.gov.br`, `123e…0000`.
[[nodiscard]] std::string mask_pix_key(const PixKey& key);

[[nodiscard]] std::string_view pix_kind_name(PixKind kind);  ///< `document`, `phone`, `email`, `random`
[[nodiscard]] std::optional<PixKind> pix_kind_of(std::string_view name);

}  // namespace countersign::demo
