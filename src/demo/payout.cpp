#include "demo/payout.h"

namespace countersign::demo {

namespace {

json::object json_of(const PixKey& pix) {
  return {{"kind", "pix"}, {"key_kind", pix_kind_name(pix.kind)}, {"key", pix.value}};
}

json::object json_of(const BankPayout& payout) {
  return {{"kind", "bank"},
          {"ispb", payout.bank.ispb},
          {"compe", payout.bank.compe},
          {"bank", payout.bank.name},
          {"branch", payout.account.branch},
          {"branch_digit", payout.account.branch_digit},
          {"number", payout.account.number},
          {"digit", std::string(1, payout.account.digit)},
          {"account", payout.account.canonical()},
          {"type", payout.type}};
}

json::object json_of(const IbanPayout& payout) { return {{"kind", "iban"}, {"iban", payout.iban}}; }

}  // namespace

json::object to_json(const Payout& payout) {
  return std::visit([](const auto& one) { return json_of(one); }, payout);
}

std::optional<Payout> payout_from_json(const json::object& object) {
  const auto kind = json_text_or_empty(object, "kind");
  if (kind == "pix") {
    const auto key_kind = pix_kind_of(json_text_or_empty(object, "key_kind"));
    if (key_kind) return PixKey{*key_kind, json_text_or_empty(object, "key")};
  }
  if (kind == "bank") {
    const auto digit = json_text_or_empty(object, "digit");
    if (digit.size() != 1) return std::nullopt;
    return BankPayout{
        {json_text_or_empty(object, "ispb"), json_text_or_empty(object, "compe"), json_text_or_empty(object, "bank")},
        {json_text_or_empty(object, "branch"), json_text_or_empty(object, "branch_digit"),
         json_text_or_empty(object, "number"), digit[0]},
        json_text_or_empty(object, "type")};
  }
  if (kind == "iban" && json_text_or_empty(object, "iban").size() > 4)
    return IbanPayout{json_text_or_empty(object, "iban")};
  return std::nullopt;
}

}  // namespace countersign::demo
