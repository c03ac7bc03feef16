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
  std::string ispb;   ///< Eight characters; the key of everything. Banco do Brasil's is all zeros.
  std::string compe;  ///< Three digits; what people know.
  std::string name;   ///< What people call it.
};

enum class BankFault : std::uint8_t {
  kEmpty,
  kUnknown,
  kSeveral,  ///< What was typed fits some of them, which alike() gives: one is to be chosen.
  kTooMany,  ///< It fits more than anybody wants to choose from.
};

/// All participants of Brazil's payment system, as the program comes with them (data/banks.json).
class Banks {
 public:
  /// One in the list, with all that it is found by.
  struct Entry {
    Bank bank;
    std::string legal_name;
    std::vector<std::string> names;  ///< Each of them whole, folded.
    std::vector<std::string> words;  ///< Of all names, folded.
  };

  /// `{"as_of", "source", "license", "banks": [{"ispb", "compe", "name", "legal", "also": [other names]}]}`. Nothing
  /// for a file of another form.
  [[nodiscard]] static std::optional<Banks> from_json(std::string_view text);
  /// Those of data/banks.json.
  [[nodiscard]] static const Banks& built_in();

  [[nodiscard]] std::span<const Entry> all() const { return entries_; }  ///< The most used first.
  [[nodiscard]] const std::string& as_of() const { return as_of_; }

  /// By code (COMPE) with or without its zeros, ISPB, a name that people use, or the beginnings of words of one,
  /// whatever case, accents and punctuation: `33`, `0260`, `BB`, `caixa economica federal`, `341 · Itaú Unibanco`, `nu
  /// pag`. A name that is one bank's own is that bank (`itau`), though others begin with it. A code and a name that do
  /// not belong together are kSeveral. An ISPB that is not in the list is taken as it is: banks are founded every
  /// month. `chosen` is the ISPB that the person chose where several fit; it counts if it is one of those.
  [[nodiscard]] Result<Bank, BankFault> find(std::string_view typed, std::string_view chosen = "") const;
  /// Those to choose from where find() says kSeveral without a choice; empty otherwise.
  [[nodiscard]] std::vector<Bank> alike(std::string_view typed) const;

 private:
  [[nodiscard]] std::vector<const Entry*> search(std::string_view folded) const;
  [[nodiscard]] const Entry* by_code(std::string_view digits) const;
  [[nodiscard]] std::vector<const Entry*> by_words(std::span<const std::string> words) const;

  std::string as_of_;
  std::vector<Entry> entries_;
};

}  // namespace countersign::demo
