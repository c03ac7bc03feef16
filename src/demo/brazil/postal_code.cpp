#include "demo/brazil/postal_code.h"

#include "base/typed.h"
#include "demo/brazil/typed.h"

namespace countersign::demo {

std::optional<std::string> parse_postal_code(std::string_view typed) {
  std::string digits = trimmed(plain_typed(typed));
  if (digits.size() > 2 && digits[2] == '.') digits.erase(2, 1);
  if (digits.size() == 9 && (digits[5] == '-' || digits[5] == ' ')) digits.erase(5, 1);
  if (digits.size() != 8 || !all_digits(digits) || digits == "00000000") return std::nullopt;
  return with_mask(digits, "#####-###");
}

}  // namespace countersign::demo
