#include "demo/pages/view.h"

#include <fmt/format.h>

#include <array>

#include "demo/brazil/document.h"
#include "demo/brazil/phone.h"
#include "demo/iban.h"

namespace countersign::demo {

namespace {

std::string whole_key(const PixKey& pix) {
  if (pix.kind == PixKind::kPhone) return format_mobile(pix.value);
  const auto document = pix.kind == PixKind::kDocument ? parse_document(pix.value) : fail(DocumentFault::kEmpty);
  return document ? format_document(*document) : pix.value;
}

std::vector<Fact> facts_of(const PixKey& pix, const html::Language& language, Detail detail) {
  return {{language.text("label.pix_key"), detail == Detail::kFull ? whole_key(pix) : mask_pix_key(pix)},
          {language.text("label.pix_kind"), language.text(fmt::format("pix.{}", pix_kind_name(pix.kind)))}};
}

std::vector<Fact> facts_of(const BankPayout& payout, const html::Language& language, Detail detail) {
  const auto& account = payout.account;
  const std::string branch = account.branch + (account.branch_digit.empty() ? "" : "-" + account.branch_digit);
  return {
      {language.text("label.bank"),
       payout.bank.compe.empty() ? payout.bank.name : payout.bank.compe + " · " + payout.bank.name},
      {language.text("label.branch"), branch},
      {language.text("label.account"),
       detail == Detail::kFull ? account.to_text() : language.text("account.ending", {{"ending", account.ending()}})},
      {language.text("label.account_type"), language.text("account_type." + payout.type)}};
}

std::vector<Fact> facts_of(const IbanPayout& payout, const html::Language& language, Detail detail) {
  return {{language.text("label.iban"), detail == Detail::kFull ? format_iban(payout.iban) : short_name(payout)}};
}

}  // namespace

std::string format_price(std::int64_t cents, const html::Language& language) {
  const bool portuguese = language.tag() == "pt-BR";
  std::string whole = std::to_string(cents / 100);
  for (auto at = static_cast<std::ptrdiff_t>(whole.size()) - 3; at > 0; at -= 3)
    whole.insert(static_cast<std::size_t>(at), portuguese ? "." : ",");
  return fmt::format("{} {}{}{:02}", portuguese ? "R$" : "BRL", whole, portuguese ? ',' : '.', cents % 100);
}

std::string format_event_time(const Event& event, const html::Language& language) {
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto part = [&](std::size_t at, std::size_t size) { return event.date.substr(at, size); };
  if (language.tag() != "en") return fmt::format("{}/{}/{}, {}", part(8, 2), part(5, 2), part(0, 4), event.time);
  return fmt::format("{} {}, {}, {}", kMonths.at(static_cast<std::size_t>(std::stoi(part(5, 2)) - 1)),
                     std::stoi(part(8, 2)), part(0, 4), event.time);
}

html::List facts_view(const std::vector<Fact>& facts) {
  html::List list;
  for (const auto& fact : facts) list.push_back({{"label", fact.label}, {"value", fact.value}});
  return list;
}

std::vector<Fact> payout_facts(const Payout& payout, const html::Language& language, Detail detail) {
  return std::visit([&](const auto& one) { return facts_of(one, language, detail); }, payout);
}

}  // namespace countersign::demo
