#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace countersign::demo {

struct Bank {
  std::string ispb;   ///< Eight characters; the primary key. Banco do Brasil's is all zeros.
  std::string compe;  ///< Three digits; known to people.
  std::string name;   ///< Its common name.
};

enum class BankFault : std::uint8_t {
  kEmpty,
  kUnknown,
  kSeveral,  ///< The input matches several, listed by alike(): ask for one.
  kTooMany,  ///< Too many matches to list.
};

/// All participants of Brazil's payment system, from data/banks.json.
class Banks {
 public:
  /// A bank with its search keys.
  struct Entry {
    Bank bank;
    std::string legal_name;
    std::vector<std::string> names;  ///< All names, folded.
    std::vector<std::string> words;  ///< The words of all names, folded.
  };

  /// `{"as_of", "source", "license", "banks": [{"ispb", "compe", "name", "legal", "also": [other names]}]}`. Nothing if
  /// the form differs.
  [[nodiscard]] static std::optional<Banks> from_json(std::string_view text);
  /// From data/banks.json.
  [[nodiscard]] static const Banks& built_in();

  [[nodiscard]] std::span<const Entry> all() const { return entries_; }  ///< Most used first.
  [[nodiscard]] const std::string& as_of() const { return as_of_; }

  /// Finds by code (COMPE) with or without leading zeros, ISPB, a common name, or beginnings of its words, in any case,
  /// accents and punctuation: `33`, `0260`, `BB`, `caixa economica federal`, `341 · Itaú Unibanco`, `nu pag`. A full
  /// name of one bank selects it (`itau`), even if others begin with it. A code and a name of different banks give
  /// kSeveral. An unknown ISPB is accepted: new banks are founded every month. `chosen`: the ISPB selected by the
  /// person; used if it is one of several matches.
  [[nodiscard]] Result<Bank, BankFault> find(std::string_view typed, std::string_view chosen = "") const;
  /// The choices if find() gives kSeveral without `chosen`; else empty.
  [[nodiscard]] std::vector<Bank> alike(std::string_view typed) const;

 private:
  [[nodiscard]] std::vector<const Entry*> search(std::string_view folded) const;
  [[nodiscard]] const Entry* by_code(std::string_view digits) const;
  [[nodiscard]] std::vector<const Entry*> by_words(std::span<const std::string> words) const;

  std::string as_of_;
  std::vector<Entry> entries_;
};

}  // namespace countersign::demo
