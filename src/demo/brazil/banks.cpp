#include "demo/brazil/banks.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/json.h"
#include "demo/brazil/typed.h"
#include "demo/files.h"

namespace countersign::demo {

namespace {

/// Lower case, and the accented letters of Portuguese without their accents.
std::string folded(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 24> kPlain{{
      {"á", 'a'}, {"à", 'a'}, {"â", 'a'}, {"ã", 'a'}, {"é", 'e'}, {"ê", 'e'}, {"í", 'i'}, {"ó", 'o'},
      {"ô", 'o'}, {"õ", 'o'}, {"ú", 'u'}, {"ç", 'c'}, {"Á", 'a'}, {"À", 'a'}, {"Â", 'a'}, {"Ã", 'a'},
      {"É", 'e'}, {"Ê", 'e'}, {"Í", 'i'}, {"Ó", 'o'}, {"Ô", 'o'}, {"Õ", 'o'}, {"Ú", 'u'}, {"Ç", 'c'},
  }};
  std::string out = to_lower(text);
  for (const auto& [accented, plain] : kPlain) {
    for (auto at = out.find(accented); at != std::string::npos; at = out.find(accented, at)) {
      out.replace(at, accented.size(), 1, plain);
    }
  }
  return out;
}

bool looks_like_ispb(std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
  return text.size() == 8 && plain && std::any_of(text.begin(), text.end(), is_digit);
}

}  // namespace

std::optional<Banks> Banks::from_json(std::string_view text) {
  const auto value = parse_json(text);
  if (!value || !value->is_object()) return std::nullopt;
  const auto& object = value->get_object();
  const auto as_of = json_text(object, "as_of");
  const auto* list = object.if_contains("banks");
  if (!as_of || list == nullptr || !list->is_array()) return std::nullopt;
  Banks banks;
  banks.as_of_ = *as_of;
  for (const auto& entry : list->get_array()) {
    if (!entry.is_object()) return std::nullopt;
    const auto ispb = json_text(entry.get_object(), "ispb");
    const auto compe = json_text(entry.get_object(), "compe");
    const auto name = json_text(entry.get_object(), "name");
    if (!ispb || !compe || !name || ispb->size() != 8 || compe->size() != 3) return std::nullopt;
    banks.banks_.push_back({std::string(*ispb), std::string(*compe), std::string(*name)});
  }
  return banks;
}

const Banks& Banks::built_in() {
  static const Banks banks = [] {
    auto read = from_json(file("data/banks.json"));
    CS_CHECK(read.has_value());
    return *std::move(read);
  }();
  return banks;
}

Result<Bank, BankFault> Banks::find(std::string_view typed) const {
  const std::string text = trimmed(typed);
  if (text.empty()) return fail(BankFault::kEmpty);
  const std::string upper = to_upper(text);
  const std::string name = folded(text);
  // A suggestion of the list reads "341 · Itaú": its first word decides.
  const std::string code = upper.substr(0, upper.find(' '));
  std::vector<const Bank*> found;
  for (const auto& bank : banks_) {
    if (bank.compe == code || bank.ispb == code || folded(bank.name) == name) return bank;
    if (folded(bank.name).contains(name)) found.push_back(&bank);
  }
  if (found.size() == 1) return *found.front();
  if (found.size() > 1) return fail(BankFault::kSeveral);
  if (looks_like_ispb(code)) return Bank{code, "", "ISPB " + code};
  return fail(BankFault::kUnknown);
}

}  // namespace countersign::demo
