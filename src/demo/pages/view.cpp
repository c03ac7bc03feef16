#include "demo/pages/view.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "demo/brazil/document.h"
#include "demo/brazil/phone.h"
#include "demo/iban.h"
#include "demo/numbers.h"

namespace countersign::demo {

namespace {

std::string whole_key(const PixKey& pix) {
  if (pix.kind == PixKind::kPhone) return format_mobile(pix.value);
  const auto document = pix.kind == PixKind::kDocument ? parse_document(pix.value) : fail(DocumentFault::kEmpty);
  return document ? format_document(*document) : pix.value;
}

std::string kind_of_key(const PixKey& pix, const html::Language& language) {
  const auto document = pix.kind == PixKind::kDocument ? parse_document(pix.value) : fail(DocumentFault::kEmpty);
  if (document) return document->kind == Document::Kind::kCpf ? "CPF" : "CNPJ";
  return language.text(fmt::format("pix.{}", pix_kind_name(pix.kind)));
}

std::string name_of(const PixKey& pix, const html::Language&) { return "Pix " + mask_pix_key(pix); }
std::string name_of(const BankPayout& payout, const html::Language& language) {
  return language.text("short.bank", {{"bank", payout.bank.name}, {"ending", payout.account.ending()}});
}
std::string name_of(const IbanPayout& payout, const html::Language& language) {
  return language.text("short.iban",
                       {{"country", payout.iban.substr(0, 2)}, {"ending", payout.iban.substr(payout.iban.size() - 4)}});
}

std::vector<Fact> facts_of(const PixKey& pix, const html::Language& language, Detail detail) {
  return {{language.text("label.pix_key"), detail == Detail::kFull ? whole_key(pix) : mask_pix_key(pix)},
          {language.text("label.pix_kind"), kind_of_key(pix, language)}};
}

std::vector<Fact> facts_of(const BankPayout& payout, const html::Language& language, Detail detail) {
  const auto& account = payout.account;
  const std::string branch = account.branch + (account.branch_digit.empty() ? "" : "-" + account.branch_digit);
  return {
      {language.text("label.bank"),
       payout.bank.compe.empty() ? payout.bank.name : payout.bank.compe + " · " + payout.bank.name},
      {language.text("label.branch"), branch},
      {language.text("label.account_number"),
       detail == Detail::kFull ? account.to_text() : language.text("account.ending", {{"ending", account.ending()}})},
      {language.text("label.account_type"), language.text("account_type." + payout.type)}};
}

std::vector<Fact> facts_of(const IbanPayout& payout, const html::Language& language, Detail detail) {
  return {
      {language.text("label.iban"), detail == Detail::kFull ? format_iban(payout.iban) : name_of(payout, language)}};
}

}  // namespace

std::string unbroken(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ') {
      out += "\u00a0";
    } else if (c == '-') {
      out += "\u2011";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string format_price(std::int64_t cents, const html::Language& language) {
  return fmt::format("{} {}", language.tag() == "pt-BR" ? "R$" : "BRL",
                     format_cents(cents, number_style(language.tag())));
}

std::string format_tickets(std::int64_t tickets, const html::Language& language) {
  return format_count(tickets, number_style(language.tag()));
}

std::string format_event_time(const Event& event, const html::Language& language) {
  static constexpr std::array kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto part = [&](std::size_t at, std::size_t size) { return event.date.substr(at, size); };
  const int hour = std::stoi(event.time.substr(0, 2));
  if (language.tag() != "en") return fmt::format("{}/{}/{}, {}", part(8, 2), part(5, 2), part(0, 4), event.time);
  return fmt::format("{} {}, {}, {}:{} {}", kMonths.at(static_cast<std::size_t>(std::stoi(part(5, 2)) - 1)),
                     std::stoi(part(8, 2)), part(0, 4), hour % 12 == 0 ? 12 : hour % 12, event.time.substr(3),
                     hour < 12 ? "AM" : "PM");
}

std::string other_language(std::string_view of_text, const html::Language& of_page) {
  return of_text == of_page.tag() ? "" : std::string(of_text);
}

html::List facts_view(const std::vector<Fact>& facts) {
  html::List list;
  for (const auto& fact : facts) {
    list.push_back({{"label", fact.label},
                    {"value", fact.value},
                    {"label_lang", fact.label_language},
                    {"value_lang", fact.value_language}});
  }
  return list;
}

std::string short_name(const Payout& payout, const html::Language& language) {
  return std::visit([&](const auto& one) { return name_of(one, language); }, payout);
}

std::string message_name(Payout payout, const html::Language& language) {
  constexpr std::size_t kRoom = 30;  // Characters: fits beside any code, for any host.
  std::string name = short_name(payout, language);
  const auto room_of = [](const std::string& text) {  // A text message has `...` instead of `…`.
    return utf8_length(text) + (text.contains("…") ? 2 : 0);
  };
  auto* bank = std::get_if<BankPayout>(&payout);
  if (bank == nullptr) return room_of(name) <= kRoom ? name : "";
  std::string& cut = bank->bank.name;
  while (!cut.empty() && room_of(name) > kRoom) {
    while ((static_cast<unsigned char>(cut.back()) & 0xC0) == 0x80) cut.pop_back();
    cut.pop_back();
    while (cut.ends_with(' ')) cut.pop_back();
    name = short_name(payout, language);
  }
  return name;
}

std::vector<Fact> payout_facts(const Payout& payout, const html::Language& language, Detail detail) {
  return std::visit([&](const auto& one) { return facts_of(one, language, detail); }, payout);
}

}  // namespace countersign::demo
