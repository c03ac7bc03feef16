#include "demo/steps/payout.h"

#include <algorithm>
#include <array>

#include "demo/iban.h"

namespace countersign::demo {

namespace {

constexpr std::array<std::string_view, 3> kAccountTypes{"CACC", "SVGS", "TRAN"};

constexpr std::string_view text_of(PixFault fault) {
  switch (fault) {
    case PixFault::kEmpty:
      return "fault.pix.empty";
    case PixFault::kDocument:
      return "fault.pix.document";
    case PixFault::kPhone:
      return "fault.pix.phone";
    case PixFault::kEmail:
      return "fault.email.form";
    case PixFault::kEmailTooLong:
      return "fault.pix.email_long";
    case PixFault::kRandom:
      return "fault.pix.random";
  }
  return "";
}

constexpr std::string_view text_of(IbanFault fault) {
  switch (fault) {
    case IbanFault::kEmpty:
      return "fault.iban.empty";
    case IbanFault::kForm:
      return "fault.iban.form";
    case IbanFault::kCountry:
      return "fault.iban.country";
    case IbanFault::kLength:
      return "fault.iban.length";
    case IbanFault::kCheckDigits:
      return "fault.iban.digits";
  }
  return "";
}

constexpr std::string_view text_of(BankFault fault) {
  switch (fault) {
    case BankFault::kEmpty:
      return "fault.bank.empty";
    case BankFault::kUnknown:
      return "fault.bank.unknown";
    case BankFault::kSeveral:
      return "fault.bank.several";
    case BankFault::kTooMany:
      return "fault.bank.too_many";
  }
  return "";
}

Checked<Payout> check_pix(const Fields& fields, const Document& holder) {
  Faults faults;
  const auto kind = pix_kind_of(field(fields, "pix_kind"));
  if (!kind) faults.add("pix_kind", "fault.pix.kind");
  const auto key = parse_pix_key(kind.value_or(PixKind::kEmail), field(fields, "pix_key"));
  if (!key && (kind || key.error() == PixFault::kEmpty)) faults.add("pix_key", text_of(key.error()));
  if (key && kind == PixKind::kDocument && key->value != holder.characters)
    faults.add("pix_key", "fault.pix.not_the_holder");
  return std::move(faults).conclude(Payout(key ? *key : PixKey{}));
}

Checked<Payout> check_bank(const Fields& fields) {
  Faults faults;
  BankPayout payout;
  if (auto bank = Banks::built_in().find(field(fields, "bank"), field(fields, "bank_choice"))) {
    payout.bank = *std::move(bank);
  } else {
    faults.add(bank.error() == BankFault::kSeveral ? "bank_choice" : "bank", text_of(bank.error()));
  }
  if (auto branch = parse_branch(field(fields, "branch"))) {
    payout.account.branch = branch->number;
    payout.account.branch_digit = branch->digit;
  } else {
    faults.add("branch", branch.error() == BranchFault::kEmpty ? "fault.branch.empty" : "fault.branch.form");
  }
  if (auto account = parse_account(field(fields, "account"))) {
    payout.account.number = account->number;
    payout.account.digit = account->digit;
  } else {
    faults.add("account", account.error() == AccountFault::kEmpty ? "fault.account.empty" : "fault.account.form");
  }
  payout.type = field(fields, "account_type");
  if (std::find(kAccountTypes.begin(), kAccountTypes.end(), payout.type) == kAccountTypes.end())
    faults.add("account_type", "fault.account.type");

  auto checked = std::move(faults).conclude(Payout(payout));
  if (!checked.value || field(fields, "digit_confirmed") == "yes") return checked;
  const auto digits = check_digits(payout.bank.compe, payout.account);
  if (digits.branch == DigitVerdict::kDiffers) checked.faults.push_back({"branch", "fault.branch.digit"});
  if (digits.account == DigitVerdict::kDiffers) checked.faults.push_back({"account", "fault.account.digit"});
  if (!checked.faults.empty()) checked.value.reset();
  return checked;
}

Checked<Payout> check_iban(const Fields& fields) {
  Faults faults;
  const auto iban = parse_iban(field(fields, "iban"));
  if (!iban) faults.add("iban", text_of(iban.error()));
  return std::move(faults).conclude(Payout(IbanPayout{iban.value_or("")}));
}

}  // namespace

Checked<Payout> check_payout(const Fields& fields, const Document& holder) {
  const auto kind = field(fields, "kind");
  if (kind == "pix") return check_pix(fields, holder);
  if (kind == "bank") return check_bank(fields);
  if (kind == "iban") return check_iban(fields);
  return {std::nullopt, {{"kind", "fault.kind"}}};
}

bool asks_about_digit(const FieldError& fault) {
  return fault.text == "fault.account.digit" || fault.text == "fault.branch.digit";
}

}  // namespace countersign::demo
