#include "demo/brazil/bank_account.h"

#include <array>
#include <optional>
#include <span>

#include "demo/brazil/typed.h"

namespace countersign::demo {

namespace {

constexpr std::size_t kAccountMax = 20;

/// `1.234`: in a branch number a dot only groups digits.
std::string without_grouping_dot(std::string_view branch) {
  std::string text(branch);
  if (text.size() >= 5 && text[1] == '.' && (text.size() == 5 || text[5] == '-')) text.erase(1, 1);
  return text;
}

bool is_check_character(char c) { return is_digit(c) || c == 'X' || c == 'P'; }

/// The digits, padded with zeros to `width`; nothing if there are more.
std::optional<std::string> padded(std::string_view digits, std::size_t width) {
  while (digits.size() > width && digits.front() == '0') digits.remove_prefix(1);
  if (digits.size() > width) return std::nullopt;
  return std::string(width - digits.size(), '0') + std::string(digits);
}

enum class Products : std::uint8_t { kWhole, kUnits, kDigitSums };

int weighted_sum(std::string_view digits, std::span<const int> weights, Products products) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const int product = (digits[i] - '0') * weights[i];
    switch (products) {
      case Products::kWhole:
        sum += product;
        break;
      case Products::kUnits:
        sum += product % 10;
        break;
      case Products::kDigitSums:
        sum += product / 10 + product % 10;
        break;
    }
  }
  return sum;
}

char as_digit(int value) { return static_cast<char>('0' + value); }

/// 11 − (sum mod 11), where ten becomes `ten` and eleven becomes 0.
char modulo_11(int sum, char ten) {
  const int digit = 11 - sum % 11;
  return digit == 11 ? '0' : digit == 10 ? ten : as_digit(digit);
}

char modulo_10(int sum) { return as_digit((10 - sum % 10) % 10); }

constexpr std::array kFourDown{5, 4, 3, 2};

DigitVerdict verdict(char digit, char expected) {
  return digit == expected ? DigitVerdict::kFits : DigitVerdict::kDiffers;
}

DigitVerdict branch_verdict(const BankAccount& account, char ten) {
  if (account.branch_digit.empty()) return DigitVerdict::kUnknown;
  const auto branch = padded(account.branch, 4);
  return verdict(account.branch_digit.front(), modulo_11(weighted_sum(*branch, kFourDown, Products::kWhole), ten));
}

DigitVerdict banco_do_brasil(const BankAccount& account) {
  constexpr std::array kWeights{9, 8, 7, 6, 5, 4, 3, 2};
  const auto number = padded(account.number, 8);
  if (!number) return DigitVerdict::kDiffers;
  return verdict(account.digit, modulo_11(weighted_sum(*number, kWeights, Products::kWhole), 'X'));
}

DigitVerdict bradesco(const BankAccount& account) {
  constexpr std::array kWeights{2, 7, 6, 5, 4, 3, 2};
  const auto number = padded(account.number, 7);
  if (!number) return DigitVerdict::kDiffers;
  const char expected = modulo_11(weighted_sum(*number, kWeights, Products::kWhole), 'P');
  // The bank's own systems write 0 for P where only digits fit.
  return account.digit == '0' && expected == 'P' ? DigitVerdict::kFits : verdict(account.digit, expected);
}

DigitVerdict itau(const BankAccount& account) {
  constexpr std::array kWeights{2, 1, 2, 1, 2, 1, 2, 1, 2};
  const auto number = padded(account.number, 5);
  if (!number) return DigitVerdict::kDiffers;
  return verdict(account.digit,
                 modulo_10(weighted_sum(*padded(account.branch, 4) + *number, kWeights, Products::kDigitSums)));
}

DigitVerdict santander(const BankAccount& account) {
  constexpr std::array kWeights{9, 7, 3, 1, 0, 0, 9, 7, 1, 3, 1, 9, 7, 3};
  const auto number = padded(account.number, 8);
  if (!number) return DigitVerdict::kDiffers;
  const std::string all = *padded(account.branch, 4) + "00" + *number;
  return verdict(account.digit, modulo_10(weighted_sum(all, kWeights, Products::kUnits)));
}

DigitVerdict banrisul(const BankAccount& account) {
  constexpr std::array kWeights{3, 2, 4, 7, 6, 5, 4, 3, 2};
  const auto number = padded(account.number, 9);
  if (!number) return DigitVerdict::kDiffers;
  return verdict(account.digit, modulo_11(weighted_sum(*number, kWeights, Products::kWhole), '6'));
}

}  // namespace

std::string BankAccount::canonical() const { return number + (is_digit(digit) ? digit : '0'); }

std::string BankAccount::ending() const {
  const std::string all = number + digit;
  return all.size() <= 4 ? all : all.substr(all.size() - 4);
}

std::string BankAccount::to_text() const { return number + "-" + digit; }

Result<Branch, BranchFault> parse_branch(std::string_view typed) {
  const std::string text = without_grouping_dot(upper_case(without(typed, " ")));
  if (text.empty()) return fail(BranchFault::kEmpty);
  const auto hyphen = text.find('-');
  Branch branch{text.substr(0, hyphen), hyphen == std::string::npos ? "" : text.substr(hyphen + 1)};
  if (hyphen == std::string::npos && text.size() == 5) branch = {text.substr(0, 4), text.substr(4)};
  const bool digit_fits = branch.digit.empty() || (branch.digit.size() == 1 && is_check_character(branch.digit[0]));
  if (!all_digits(branch.number) || branch.number.size() > 4 || !digit_fits ||
      branch.number.find_first_not_of('0') == std::string::npos) {
    return fail(BranchFault::kForm);
  }
  return branch;
}

Result<AccountNumber, AccountFault> parse_account(std::string_view typed) {
  const std::string text = upper_case(without(typed, " .-/"));
  if (text.empty()) return fail(AccountFault::kEmpty);
  const std::string number = text.substr(0, text.size() - 1);
  if (!all_digits(number) || text.size() > kAccountMax || !is_check_character(text.back()) ||
      text.find_first_not_of('0') == std::string::npos) {
    return fail(AccountFault::kForm);
  }
  return AccountNumber{number, text.back()};
}

DigitVerdicts check_digits(std::string_view compe, const BankAccount& account) {
  if (compe == "001") return {branch_verdict(account, 'X'), banco_do_brasil(account)};
  if (compe == "033") return {DigitVerdict::kUnknown, santander(account)};
  if (compe == "041") return {DigitVerdict::kUnknown, banrisul(account)};
  if (compe == "237") return {branch_verdict(account, 'P'), bradesco(account)};
  if (compe == "341") return {DigitVerdict::kUnknown, itau(account)};
  return {};
}

}  // namespace countersign::demo
