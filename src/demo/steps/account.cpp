#include "demo/steps/account.h"

#include "demo/brazil/phone.h"
#include "demo/brazil/pix_key.h"

namespace countersign::demo {

namespace {

constexpr std::string_view text_of(DocumentFault fault) {
  switch (fault) {
    case DocumentFault::kEmpty:
      return "fault.document.empty";
    case DocumentFault::kLength:
      return "fault.document.length";
    case DocumentFault::kCharacters:
      return "fault.document.characters";
    case DocumentFault::kCnpjEnd:
      return "fault.document.cnpj_end";
    case DocumentFault::kCpfDigits:
      return "fault.document.cpf_digits";
    case DocumentFault::kCnpjDigits:
      return "fault.document.cnpj_digits";
    case DocumentFault::kCnpjLetters:
      return "fault.document.cnpj_letters";
  }
  return "";
}

constexpr std::string_view text_of(PhoneFault fault) {
  switch (fault) {
    case PhoneFault::kEmpty:
      return "fault.mobile.empty";
    case PhoneFault::kLength:
      return "fault.mobile.length";
    case PhoneFault::kAreaCode:
      return "fault.mobile.area_code";
    case PhoneFault::kMissingNine:
      return "fault.mobile.missing_nine";
    case PhoneFault::kNotMobile:
      return "fault.mobile.not_mobile";
  }
  return "";
}

}  // namespace

Checked<Account> check_account(const Fields& fields) {
  Faults faults;
  Account account{};
  account.name = faults.name(fields, "name", 100, "fault.name.empty");
  if (auto document = parse_document(field(fields, "document"))) {
    account.document = *std::move(document);
  } else {
    faults.add("document", text_of(document.error()));
  }
  if (const auto email = parse_pix_key(PixKind::kEmail, field(fields, "email"))) {
    account.email = email->value;
  } else {
    faults.add("email", email.error() == PixFault::kEmpty ? "fault.email.empty" : "fault.email.form");
  }
  if (auto mobile = parse_mobile(field(fields, "mobile"))) {
    account.mobile = *std::move(mobile);
  } else {
    faults.add("mobile", text_of(mobile.error()));
  }
  return std::move(faults).conclude(std::move(account));
}

}  // namespace countersign::demo
