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
  std::string name;
};

enum class BankFault : std::uint8_t {
  kEmpty,
  kUnknown,
  kSeveral,  ///< What was typed fits more than one name.
};

/// The banks that the program comes with (data/banks.json).
class Banks {
 public:
  /// `{"as_of": "2026-11", "banks": [{"ispb", "compe", "name"}]}`. Nothing for a file of another form.
  [[nodiscard]] static std::optional<Banks> from_json(std::string_view text);
  /// Those of data/banks.json.
  [[nodiscard]] static const Banks& built_in();

  [[nodiscard]] std::span<const Bank> all() const { return banks_; }
  [[nodiscard]] const std::string& as_of() const { return as_of_; }

  /// By COMPE, ISPB, or (part of) the name, whatever its case and accents: `341`, `itau`, `341 · Itaú`. An ISPB that is
  /// not in the list is taken as it is, because the list is not complete.
  [[nodiscard]] Result<Bank, BankFault> find(std::string_view typed) const;

 private:
  std::string as_of_;
  std::vector<Bank> banks_;
};

}  // namespace countersign::demo
