#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

/// A CPF (a person's number) or a CNPJ (a company's), without punctuation, with valid check digits. Text, not a number:
/// leading zeros count, and since July 2026 a CNPJ may contain letters.
struct Document {
  enum class Kind : std::uint8_t { kCpf, kCnpj } kind;
  std::string characters;  ///< 11 digits; or 12 digits and upper-case letters, then 2 digits.

  friend bool operator==(const Document&, const Document&) = default;
};

enum class DocumentFault : std::uint8_t {
  kEmpty,
  kLength,       ///< Neither 11 nor 14 characters.
  kCharacters,   ///< An invalid character.
  kCnpjEnd,      ///< A letter instead of a CNPJ's check digit.
  kCpfDigits,    ///< The check digits of a CPF are wrong.
  kCnpjDigits,   ///< Those of a CNPJ with digits only.
  kCnpjLetters,  ///< Those of a CNPJ with letters; O for 0 and I for 1 are common mistakes.
};

/// Accepts dots, slashes, hyphens, spaces and lower case. Numbers with valid check digits that are never assigned (all
/// digits the same) are refused like those with wrong ones.
[[nodiscard]] Result<Document, DocumentFault> parse_document(std::string_view typed);

[[nodiscard]] std::string format_document(const Document& document);  ///< `529.982.247-25`, `12.ABC.345/01DE-35`
/// `***.982.247-**`, as payment apps show a payee; a CNPJ is public and not masked.
[[nodiscard]] std::string mask_document(const Document& document);

}  // namespace countersign::demo
