#include "demo/brazil/phone.h"

#include <algorithm>
#include <array>

#include "demo/brazil/typed.h"

namespace countersign::demo {

namespace {

/// The 67 assigned area codes (Anatel).
bool is_area_code(std::string_view two_digits) {
  static constexpr std::array<std::string_view, 67> kCodes{
      "11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "22", "24", "27", "28", "31", "32", "33",
      "34", "35", "37", "38", "41", "42", "43", "44", "45", "46", "47", "48", "49", "51", "53", "54", "55",
      "61", "62", "63", "64", "65", "66", "67", "68", "69", "71", "73", "74", "75", "77", "79", "81", "82",
      "83", "84", "85", "86", "87", "88", "89", "91", "92", "93", "94", "95", "96", "97", "98", "99"};
  return std::find(kCodes.begin(), kCodes.end(), two_digits) != kCodes.end();
}

}  // namespace

Result<std::string, PhoneFault> parse_mobile(std::string_view typed) {
  std::string digits = without(typed, " ()-.");
  if (digits.empty()) return fail(PhoneFault::kEmpty);
  if (digits.starts_with("+55")) {
    digits.erase(0, 3);
  } else if (digits.starts_with("55") && digits.size() >= 12) {
    digits.erase(0, 2);
  } else if (digits.starts_with('0')) {
    digits.erase(0, 1);
  }
  if (!all_digits(digits) || (digits.size() != 10 && digits.size() != 11)) return fail(PhoneFault::kLength);
  if (!is_area_code(std::string_view(digits).substr(0, 2))) return fail(PhoneFault::kAreaCode);
  if (digits.size() == 10) return fail(digits[2] >= '6' ? PhoneFault::kMissingNine : PhoneFault::kNotMobile);
  if (digits[2] != '9') return fail(PhoneFault::kNotMobile);
  return "+55" + digits;
}

std::string format_mobile(std::string_view e164) { return with_mask(e164.substr(3), "(##) #####-####"); }

std::string mask_mobile(std::string_view e164) {
  return "(" + std::string(e164.substr(3, 2)) + ") •••••-" + std::string(e164.substr(e164.size() - 4));
}

}  // namespace countersign::demo
