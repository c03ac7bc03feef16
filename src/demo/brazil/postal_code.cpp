#include "demo/brazil/postal_code.h"

#include "demo/brazil/typed.h"

namespace countersign::demo {

std::optional<std::string> parse_postal_code(std::string_view typed) {
  const std::string text = trimmed(typed);
  std::string digits = text;
  if (digits.size() == 9 && digits[5] == '-') digits.erase(5, 1);
  if (digits.size() != 8 || !all_digits(digits) || digits == "00000000") return std::nullopt;
  return with_mask(digits, "#####-###");
}

}  // namespace countersign::demo
