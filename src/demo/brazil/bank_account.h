#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace countersign::demo {

/// A branch and an account, each as number and check digit. A digit is upper case and may be the letter X or P.
struct BankAccount {
  std::string branch;        ///< One to four digits.
  std::string branch_digit;  ///< Empty for most banks.
  std::string number;        ///< Without its check digit.
  char digit = '0';

  /// The account as in the directory (DICT): number and digit in one, 1 to 20 digits, a letter digit as 0.
  [[nodiscard]] std::string canonical() const;
  /// The last four characters, including the digit, by which people recognise an account.
  [[nodiscard]] std::string ending() const;
  [[nodiscard]] std::string to_text() const;  ///< `02366-1`
};

enum class BranchFault : std::uint8_t { kEmpty, kForm };
enum class AccountFault : std::uint8_t { kEmpty, kForm };

struct Branch {
  std::string number;
  std::string digit;
};

/// One to four digits, with a check digit after a hyphen or as a fifth character if the bank has one.
[[nodiscard]] Result<Branch, BranchFault> parse_branch(std::string_view typed);

/// "Account with digit": dots, hyphens and spaces are dropped; the last character is the digit.
struct AccountNumber {
  std::string number;
  char digit;
};
[[nodiscard]] Result<AccountNumber, AccountFault> parse_account(std::string_view typed);

enum class DigitVerdict : std::uint8_t {
  kFits,
  kDiffers,  ///< Ask the person to check, and accept it if confirmed: banks do not publish their rules.
  kUnknown,  ///< A bank without a rule here, or no branch digit.
};

struct DigitVerdicts {
  DigitVerdict branch = DigitVerdict::kUnknown;
  DigitVerdict account = DigitVerdict::kUnknown;
};

/// Compares the check digits with the rule of the bank with that COMPE code: Banco do Brasil, Santander, Banrisul,
/// Bradesco, Itaú. The rules are unofficial, so kDiffers leads to a question and never to a refusal.
[[nodiscard]] DigitVerdicts check_digits(std::string_view compe, const BankAccount& account);

}  // namespace countersign::demo
