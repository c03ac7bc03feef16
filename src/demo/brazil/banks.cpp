#include "demo/brazil/banks.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/json.h"
#include "base/typed.h"
#include "demo/brazil/typed.h"
#include "demo/files.h"

namespace countersign::demo {

namespace {

constexpr std::size_t kChoicesMax = 12;

/// Lower case, without accents, with other characters than letters and digits as one space.
std::string folded(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, char>, 32> kPlain{{
      {"á", 'a'}, {"à", 'a'}, {"â", 'a'}, {"ã", 'a'}, {"ä", 'a'}, {"é", 'e'}, {"ê", 'e'}, {"í", 'i'},
      {"ó", 'o'}, {"ô", 'o'}, {"õ", 'o'}, {"ö", 'o'}, {"ú", 'u'}, {"ü", 'u'}, {"ç", 'c'}, {"ñ", 'n'},
      {"Á", 'a'}, {"À", 'a'}, {"Â", 'a'}, {"Ã", 'a'}, {"Ä", 'a'}, {"É", 'e'}, {"Ê", 'e'}, {"Í", 'i'},
      {"Ó", 'o'}, {"Ô", 'o'}, {"Õ", 'o'}, {"Ö", 'o'}, {"Ú", 'u'}, {"Ü", 'u'}, {"Ç", 'c'}, {"Ñ", 'n'},
  }};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto found =
        std::ranges::find_if(kPlain, [&](const auto& pair) { return text.substr(at).starts_with(pair.first); });
    const std::string_view one = found == kPlain.end() ? text.substr(at, 1) : found->first;
    const char c = found == kPlain.end() ? to_lower(one.front()) : found->second;
    at += one.size();
    if (is_digit(c) || is_lower(c)) {
      out.push_back(c);
    } else if (!out.empty() && out.back() != ' ') {
      out.push_back(' ');
    }
  }
  return trimmed(out);
}

/// Words without information, such as the type of company.
bool is_noise(std::string_view word) {
  static constexpr std::array<std::string_view, 8> kNoise{"banco", "bco", "s", "a", "sa", "ltda", "do", "da"};
  return std::ranges::find(kNoise, word) != kNoise.end();
}

std::vector<std::string> telling_words(std::string_view folded_text) {
  std::vector<std::string> words;
  while (!folded_text.empty()) {
    const auto word = folded_text.substr(0, folded_text.find(' '));
    folded_text.remove_prefix(std::min(word.size() + 1, folded_text.size()));
    if (!word.empty() && !is_noise(word)) words.emplace_back(word);
  }
  return words;
}

bool begins_a_word_of(const Banks::Entry& entry, std::string_view word) {
  return std::ranges::any_of(entry.words, [&](const auto& one) { return one.starts_with(word); });
}

bool fits(const Banks::Entry& entry, std::span<const std::string> words) {
  return std::ranges::all_of(words, [&](const auto& word) { return begins_a_word_of(entry, word); });
}

/// A code of up to three digits without leading zeros, or an ISPB that lost its zeros in a spreadsheet.
std::string padded_code(std::string_view digits) {
  const std::size_t zeros = std::min(digits.find_first_not_of('0'), digits.size());
  const std::size_t width = digits.size() == 8 || digits.size() - zeros > 3 ? 8 : 3;
  if (digits.size() - zeros > width) return "";
  return std::string(width - (digits.size() - zeros), '0').append(digits.substr(zeros));
}

/// `237-2`, as printed on forms and cheques: a code with a check digit.
bool is_code_with_digit(std::string_view code, std::string_view digit) {
  return code.size() == 3 && all_digits(code) && digit.size() == 1 && all_digits(digit);
}

bool looks_like_ispb(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || is_upper(c); });
  return text.size() == 8 && plain && std::any_of(text.begin(), text.end(), is_digit);
}

void add_name(Banks::Entry& entry, std::string_view name) {
  auto words = telling_words(folded(name));
  std::string whole;
  for (const auto& word : words) whole += (whole.empty() ? "" : " ") + word;
  entry.names.push_back(std::move(whole));
  entry.words.insert(entry.words.end(), std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
}

std::optional<Banks::Entry> entry_of(const json::object& object) {
  const auto ispb = json_text(object, "ispb");
  const auto compe = json_text(object, "compe");
  const auto name = json_text(object, "name");
  const auto legal = json_text(object, "legal");
  const auto* also = object.if_contains("also");
  if (!ispb || !compe || !name || !legal || ispb->size() != 8 || compe->size() != 3) return std::nullopt;
  if (also == nullptr || !also->is_array()) return std::nullopt;
  Banks::Entry entry{{std::string(*ispb), std::string(*compe), std::string(*name)}, std::string(*legal), {}, {}};
  add_name(entry, *name);
  add_name(entry, *legal);
  for (const auto& other : also->get_array()) {
    if (!other.is_string()) return std::nullopt;
    add_name(entry, other.get_string());
  }
  return entry;
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
  for (const auto& one : list->get_array()) {
    auto entry = one.is_object() ? entry_of(one.get_object()) : std::nullopt;
    if (!entry) return std::nullopt;
    banks.entries_.push_back(*std::move(entry));
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

const Banks::Entry* Banks::by_code(std::string_view digits) const {
  const std::string code = padded_code(digits);
  const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return !code.empty() && (entry.bank.compe == code || entry.bank.ispb == code);
  });
  return found == entries_.end() ? nullptr : &*found;
}

std::vector<const Banks::Entry*> Banks::by_words(std::span<const std::string> words) const {
  std::vector<const Entry*> found;
  for (const auto& entry : entries_) {
    if (fits(entry, words)) found.push_back(&entry);
  }
  return found;
}

std::vector<const Banks::Entry*> Banks::search(std::string_view text) const {
  if (all_digits(text)) {
    const auto* entry = by_code(text);
    return entry == nullptr ? std::vector<const Entry*>{} : std::vector{entry};
  }
  if (text.empty()) return {};
  auto words = telling_words(text);
  if (words.size() == 2 && is_code_with_digit(words.front(), words.back())) words.pop_back();
  std::string whole;
  for (const auto& word : words) whole += (whole.empty() ? "" : " ") + word;
  std::vector<const Entry*> named;
  for (const auto& entry : entries_) {
    if (!whole.empty() && std::ranges::find(entry.names, whole) != entry.names.end()) named.push_back(&entry);
  }
  if (!named.empty()) return named;
  // `341 Itaú`, `Itaú (341)`: a code with a name. `banco` alone leaves no words, and matches all.
  const auto code = std::ranges::find_if(words, [](const auto& word) { return all_digits(word); });
  const Entry* coded = code == words.end() ? nullptr : by_code(*code);
  if (coded == nullptr) return by_words(words);
  words.erase(code);
  if (fits(*coded, words)) return {coded};
  auto found = by_words(words);
  std::erase(found, coded);
  found.insert(found.begin(), coded);
  return found.size() == 1 ? std::vector<const Entry*>{} : found;
}

Result<Bank, BankFault> Banks::find(std::string_view typed, std::string_view chosen) const {
  const std::string text = trimmed(plain_typed(typed));
  if (text.empty()) return fail(BankFault::kEmpty);
  const auto found = search(folded(text));
  if (found.size() == 1) return found.front()->bank;
  const std::string code = upper_case(text);
  if (found.empty()) {
    if (looks_like_ispb(code)) return Bank{code, "", "ISPB " + code};
    return fail(BankFault::kUnknown);
  }
  if (found.size() > kChoicesMax) return fail(BankFault::kTooMany);
  for (const auto* entry : found) {
    if (entry->bank.ispb == chosen) return entry->bank;
  }
  return fail(BankFault::kSeveral);
}

std::vector<Bank> Banks::alike(std::string_view typed) const {
  std::vector<Bank> banks;
  const auto found = search(folded(trimmed(plain_typed(typed))));
  if (found.size() < 2 || found.size() > kChoicesMax) return banks;
  for (const auto* entry : found) banks.push_back(entry->bank);
  return banks;
}

}  // namespace countersign::demo
