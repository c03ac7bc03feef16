#include "domain/display.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/check.h"
#include "base/encoding.h"

namespace countersign::domain {

namespace {

/// `12480`, `12480.00`: up to 15 digits, then up to 4 decimals.
bool is_amount_value(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  return !whole.empty() && whole.size() <= 15 && !decimals.empty() && decimals.size() <= 4 &&
         (whole.size() == 1 || whole.front() != '0') && std::all_of(whole.begin(), whole.end(), is_digit) &&
         std::all_of(decimals.begin(), decimals.end(), is_digit);
}

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

/// Reads the code point at `at` of well-formed UTF-8 and moves past it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  char32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  at += length;
  return code;
}

bool hides_or_turns(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) ||                          // controls, line breaks among them
         c == 0x061C || (c >= 0x200B && c <= 0x200F) ||                   // zero width, marks of direction
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||  // separators, embeddings, isolates
         c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

}  // namespace

bool is_showable(std::string_view text, std::size_t characters_max) {
  if (!is_utf8(text) || utf8_length(text) > characters_max) return false;
  for (std::size_t at = 0; at < text.size();) {
    if (hides_or_turns(next_code_point(text, at))) return false;
  }
  return true;
}

std::optional<DisplayFault> display_fault(const Display& display) {
  constexpr std::string_view kText = "must be plain text without control or direction characters, within its length";
  if (display.title.empty()) return DisplayFault{"display.title", "must not be empty"};
  if (!is_showable(display.title, 120)) return DisplayFault{"display.title", kText};
  if (!is_showable(display.payee, 140)) return DisplayFault{"display.payee", kText};
  if (display.amount) {
    if (!is_amount_value(display.amount->value)) {
      return DisplayFault{"display.amount.value", "must be digits with at most four decimals, such as \"12480.00\""};
    }
    if (!is_currency(display.amount->currency)) {
      return DisplayFault{"display.amount.currency", "must be an ISO 4217 code, such as \"BRL\""};
    }
  }
  if (display.lines.size() > 20) return DisplayFault{"display.lines", "must have at most 20 entries"};
  for (const auto& line : display.lines) {
    if (line.label.empty() || !is_showable(line.label, 40)) return DisplayFault{"display.lines.label", kText};
    if (!is_showable(line.value, 200)) return DisplayFault{"display.lines.value", kText};
  }
  return std::nullopt;
}

json::value to_json(const Display& display) {
  json::object out;
  out["title"] = display.title;
  if (display.amount)
    out["amount"] = json::object{{"value", display.amount->value}, {"currency", display.amount->currency}};
  if (!display.payee.empty()) out["payee"] = display.payee;
  json::array lines;
  for (const auto& line : display.lines) lines.push_back(json::object{{"label", line.label}, {"value", line.value}});
  out["lines"] = std::move(lines);
  return out;
}

Display display_from_json(const json::value& value) {
  CS_CHECK(value.is_object());
  const auto& object = value.get_object();
  Display display;
  display.title = json_text_or_empty(object, "title");
  display.payee = json_text_or_empty(object, "payee");
  if (const auto* amount = object.if_contains("amount")) {
    display.amount =
        Amount{json_text_or_empty(amount->as_object(), "value"), json_text_or_empty(amount->as_object(), "currency")};
  }
  for (const auto& line : object.at("lines").as_array()) {
    display.lines.push_back(
        {json_text_or_empty(line.as_object(), "label"), json_text_or_empty(line.as_object(), "value")});
  }
  return display;
}

std::string format_amount(const Amount& amount, std::string_view locale) {
  const bool brazilian = locale == "pt-BR";
  const std::size_t point = amount.value.find('.');
  std::string whole = amount.value.substr(0, point);
  std::string decimals = point == std::string::npos ? "" : amount.value.substr(point + 1);
  if (decimals.size() < 2) decimals.append(2 - decimals.size(), '0');
  for (std::size_t at = whole.size(); at > 3;) {
    at -= 3;
    whole.insert(at, 1, brazilian ? '.' : ',');
  }
  const std::string_view sign =
      brazilian && amount.currency == "BRL" ? std::string_view("R$") : std::string_view(amount.currency);
  return std::string(sign) + ' ' + whole + (brazilian ? ',' : '.') + decimals;
}

}  // namespace countersign::domain
