#include "demo/brazil/document.h"

#include <algorithm>

#include "demo/brazil/typed.h"

namespace countersign::demo {

namespace {

bool is_digit_or_letter(char c) { return is_digit(c) || is_upper(c); }

/// The check digit over `characters`: weights 2, 3, … `highest`, 2, 3, … from the right; a letter counts as ASCII − 48.
char check_digit(std::string_view characters, int highest) {
  int sum = 0;
  int weight = 2;
  for (auto c = characters.rbegin(); c != characters.rend(); ++c) {
    sum += (*c - '0') * weight;
    weight = weight == highest ? 2 : weight + 1;
  }
  const int rest = sum % 11;
  return static_cast<char>(rest < 2 ? '0' : '0' + (11 - rest));
}

bool check_digits_fit(std::string_view characters, int highest) {
  const std::size_t body = characters.size() - 2;
  return check_digit(characters.substr(0, body), highest) == characters[body] &&
         check_digit(characters.substr(0, body + 1), highest) == characters[body + 1];
}

bool all_the_same(std::string_view characters) {
  return std::all_of(characters.begin(), characters.end(), [&](char c) { return c == characters.front(); });
}

}  // namespace

Result<Document, DocumentFault> parse_document(std::string_view typed) {
  const std::string characters = upper_case(without(typed, "./- "));
  if (characters.empty()) return fail(DocumentFault::kEmpty);
  if (!std::all_of(characters.begin(), characters.end(), is_digit_or_letter)) return fail(DocumentFault::kCharacters);
  if (characters.size() != 11 && characters.size() != 14) return fail(DocumentFault::kLength);
  const bool is_cpf = characters.size() == 11;
  if (is_cpf && !all_digits(characters)) return fail(DocumentFault::kCharacters);
  if (!is_cpf && !all_digits(std::string_view(characters).substr(12))) return fail(DocumentFault::kCnpjEnd);
  if (all_the_same(characters) || !check_digits_fit(characters, is_cpf ? 11 : 9)) {
    return fail(is_cpf                   ? DocumentFault::kCpfDigits
                : all_digits(characters) ? DocumentFault::kCnpjDigits
                                         : DocumentFault::kCnpjLetters);
  }
  return Document{is_cpf ? Document::Kind::kCpf : Document::Kind::kCnpj, characters};
}

std::string format_document(const Document& document) {
  return with_mask(document.characters,
                   document.kind == Document::Kind::kCpf ? "###.###.###-##" : "##.###.###/####-##");
}

std::string mask_document(const Document& document) {
  auto text = format_document(document);
  if (document.kind == Document::Kind::kCpf) text.replace(0, 3, "***").replace(12, 2, "**");
  return text;
}

}  // namespace countersign::demo
