#include "demo/iban.h"

#include <algorithm>
#include <array>
#include <utility>

#include "demo/brazil/typed.h"

namespace countersign::demo {

namespace {

/// 0 for a country without IBANs.
std::size_t length_in(std::string_view country) {
  static constexpr std::array<std::pair<std::string_view, std::size_t>, 88> kLengths{{
      {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22}, {"BH", 22},
      {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27},
      {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27},
      {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HN", 28}, {"HR", 21}, {"HU", 28},
      {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28},
      {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22},
      {"MK", 19}, {"MN", 20}, {"MR", 27}, {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23},
      {"PK", 24}, {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24},
      {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28},
      {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20},
  }};
  const auto found = std::find_if(kLengths.begin(), kLengths.end(), [&](const auto& c) { return c.first == country; });
  return found == kLengths.end() ? 0 : found->second;
}

/// The remainder by 97 with the first four characters moved to the end, A = 10 to Z = 35.
int remainder(std::string_view iban) {
  int rest = 0;
  const auto take = [&](char c) { rest = is_upper(c) ? (rest * 100 + c - 'A' + 10) % 97 : (rest * 10 + c - '0') % 97; };
  std::for_each(iban.begin() + 4, iban.end(), take);
  std::for_each(iban.begin(), iban.begin() + 4, take);
  return rest;
}

}  // namespace

Result<std::string, IbanFault> parse_iban(std::string_view typed) {
  const std::string iban = upper_case(trimmed(without(typed, " -")));
  if (iban.empty()) return fail(IbanFault::kEmpty);
  const bool plain = std::all_of(iban.begin(), iban.end(), [](char c) { return is_digit(c) || is_upper(c); });
  if (!plain || iban.size() < 5 || !is_upper(iban[0]) || !is_upper(iban[1]) || !is_digit(iban[2]) ||
      !is_digit(iban[3])) {
    return fail(IbanFault::kForm);
  }
  const std::size_t length = length_in(std::string_view(iban).substr(0, 2));
  if (length == 0) return fail(IbanFault::kCountry);
  if (iban.size() != length) return fail(IbanFault::kLength);
  if (remainder(iban) != 1) return fail(IbanFault::kCheckDigits);
  return iban;
}

std::string format_iban(std::string_view iban) {
  std::string out;
  for (std::size_t i = 0; i < iban.size(); ++i) {
    if (i > 0 && i % 4 == 0) out.push_back(' ');
    out.push_back(iban[i]);
  }
  return out;
}

}  // namespace countersign::demo
