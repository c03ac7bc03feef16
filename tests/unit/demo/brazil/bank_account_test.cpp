#include "demo/brazil/bank_account.h"

#include <gtest/gtest.h>

namespace countersign::demo {
namespace {

BankAccount account_of(std::string_view branch, std::string_view account) {
  const auto parsed_branch = parse_branch(branch);
  const auto parsed = parse_account(account);
  EXPECT_TRUE(parsed_branch && parsed) << branch << " " << account;
  return {parsed_branch->number, parsed_branch->digit, parsed->number, parsed->digit};
}

struct Row {
  const char* compe;
  const char* branch;
  const char* account;
};

TEST(CheckDigits, Fit) {
  for (const Row& row :
       {Row{"001", "1584-9", "00210169-6"}, Row{"001", "1513-X", "00012348-X"}, Row{"237", "1425-7", "0238069-2"},
        Row{"237", "1425-7", "0301357-P"}, Row{"237", "1425-7", "0301357-0"}, Row{"237", "1425-7", "0325620-0"},
        Row{"237", "1425-7", "0284025-1"}, Row{"341", "2545", "02366-1"}, Row{"341", "0057", "12345-7"},
        Row{"341", "57", "12345-7"}, Row{"033", "0189", "01017417-9"}, Row{"033", "2006", "01008407-4"},
        Row{"041", "1", "35.850767.0-6"}}) {
    const auto account = account_of(row.branch, row.account);
    const auto verdicts = check_digits(row.compe, account);
    EXPECT_EQ(verdicts.account, DigitVerdict::kFits) << row.compe << " " << row.account;
    if (!account.branch_digit.empty()) {
      EXPECT_EQ(verdicts.branch, DigitVerdict::kFits) << row.compe << " " << row.branch;
    }
  }
}

TEST(CheckDigits, Differ) {
  for (const Row& row :
       {Row{"001", "1584-9", "00210169-5"}, Row{"237", "1425-7", "0238069-1"}, Row{"341", "2545", "02366-2"},
        Row{"033", "0189", "01017417-8"}, Row{"041", "1", "35.850767.0-5"},
        Row{"341", "2545", "1234567-8"}}) {  // Longer than that bank's numbers are.
    EXPECT_EQ(check_digits(row.compe, account_of(row.branch, row.account)).account, DigitVerdict::kDiffers)
        << row.account;
  }
  EXPECT_EQ(check_digits("001", account_of("1584-8", "00210169-6")).branch, DigitVerdict::kDiffers);
}

TEST(CheckDigits, AreUnknownElsewhere) {
  const auto verdicts = check_digits("260", account_of("0001", "1234567-8"));
  EXPECT_EQ(verdicts.account, DigitVerdict::kUnknown);
  EXPECT_EQ(verdicts.branch, DigitVerdict::kUnknown);
}

TEST(BankAccount, CanonicalFormHasTheDigitAndNoLetter) {
  EXPECT_EQ(account_of("2545", "02366-1").canonical(), "023661");
  EXPECT_EQ(account_of("1513-X", "00012348-x").canonical(), "000123480");
  EXPECT_EQ(account_of("1425 7", "35.850767.0 - 6").canonical(), "3585076706");
  EXPECT_EQ(account_of("2545", "02366-1").ending(), "3661");
}

TEST(BankAccount, BranchesAndAccountsHaveAForm) {
  EXPECT_EQ(parse_branch("15849")->digit, "9");
  EXPECT_EQ(parse_branch("1-9")->number, "1");
  EXPECT_EQ(parse_branch("1.584-9")->number, "1584");
  EXPECT_EQ(parse_branch("1.584")->number, "1584");
  for (const auto* typed : {"12345-6", "1.5", "15.84", "1.58", "0000", "A123", "123-45", "12--3", "-"})
    EXPECT_FALSE(parse_branch(typed)) << typed;
  EXPECT_EQ(parse_branch("").error(), BranchFault::kEmpty);
  for (const auto* typed : {"7", "0000-0", "12A4-5", "123-Z", "123456789012345678901", "一二三-4"})
    EXPECT_FALSE(parse_account(typed)) << typed;
  EXPECT_EQ(parse_account(" - ").error(), AccountFault::kEmpty);
}

}  // namespace
}  // namespace countersign::demo
