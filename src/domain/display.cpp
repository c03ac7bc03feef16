#include "domain/display.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/check.h"
#include "base/encoding.h"
#include "base/text.h"
#include "base/typed.h"
#include "domain/currency.h"

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

bool is_currency(std::string_view text) { return text.size() == 3 && std::all_of(text.begin(), text.end(), is_upper); }

/// Zero width non-joiner and joiner.
bool is_joiner(char32_t c) { return c == 0x200C || c == 0x200D; }

/// Characters after which a joiner has a meaning in Unicode 17 (3.13, 9.2, 12, 23.2; UTS #51).
bool takes_joiner(char32_t c) {
  if (is_decimal_digit(c)) return false;
  return is_between(c, 0x0620, 0x08FF) ||  // Arabic, Syriac, Thaana, NKo and their like
         is_between(c, 0x0900, 0x0DFF) ||  // the Indic scripts, Sinhala among them
         is_between(c, 0x1000, 0x109F) || is_between(c, 0x1780, 0x18AF) ||  // Myanmar, Khmer, Mongolian
         is_between(c, 0xA840, 0xA8FF) || is_between(c, 0xFB50, 0xFDFF) ||  // Phags-pa, Arabic forms
         is_between(c, 0xFE70, 0xFEFC) || is_between(c, 0x2190, 0x21FF) ||
         is_between(c, 0x2600, 0x27BF) ||  // arrows, pictographs
         is_between(c, 0x1F000, 0x1FAFF);
}

std::optional<DisplayFault> amount_fault(const Amount& amount) {
  if (!is_amount_value(amount.value))
    return DisplayFault{"display.amount.value", "must be digits with at most four decimals, such as \"12480.00\""};
  if (!is_currency(amount.currency))
    return DisplayFault{"display.amount.currency", "must be an ISO 4217 code, such as \"BRL\""};
  const std::size_t point = amount.value.find('.');
  const std::size_t written = point == std::string::npos ? 0 : amount.value.size() - point - 1;
  const std::size_t most = decimals_of(amount.currency).value_or(kDecimalsMax);
  if (written <= most) return std::nullopt;
  return DisplayFault{"display.amount.value",
                      most == 0
                          ? fmt::format("has decimals, and {} has none: such as \"12480\"", amount.currency)
                          : fmt::format("has {} decimals, and {} has at most {}", written, amount.currency, most)};
}

}  // namespace

bool is_showable(std::string_view text, std::size_t characters_max) {
  if (!is_utf8(text) || utf8_length(text) > characters_max) return false;
  char32_t before = 0;
  while (!text.empty()) {
    const char32_t c = take_code_point(text);
    if (is_joiner(c) ? !takes_joiner(before) : hides_or_turns(c)) return false;
    if (c != 0xFE0F) before = c;  // Selects how the preceding pictograph is drawn.
  }
  return true;
}

std::optional<DisplayFault> display_fault(const Display& display) {
  constexpr std::string_view kText = "must be plain text without control or direction characters, within its length";
  if (display.title.empty()) return DisplayFault{"display.title", "must not be empty"};
  if (!is_showable(display.title, 120)) return DisplayFault{"display.title", std::string(kText)};
  if (!is_showable(display.payee, 140)) return DisplayFault{"display.payee", std::string(kText)};
  if (display.amount) {
    if (auto fault = amount_fault(*display.amount)) return fault;
  }
  if (display.lines.size() > 20) return DisplayFault{"display.lines", "must have at most 20 entries"};
  for (const auto& line : display.lines) {
    if (line.label.empty() || !is_showable(line.label, 40))
      return DisplayFault{"display.lines.label", std::string(kText)};
    if (!is_showable(line.value, 200)) return DisplayFault{"display.lines.value", std::string(kText)};
    if (line.value.empty() && !line.previous.empty())
      return DisplayFault{"display.lines.value", "must not be empty beside previous"};
    if (!is_showable(line.previous, 200)) return DisplayFault{"display.lines.previous", std::string(kText)};
  }
  if (!is_showable(display.short_line, 60)) return DisplayFault{"display.short", std::string(kText)};
  return std::nullopt;
}

json::value to_json(const Display& display) {
  json::object out;
  out["title"] = display.title;
  if (display.amount)
    out["amount"] = json::object{{"value", display.amount->value}, {"currency", display.amount->currency}};
  if (!display.payee.empty()) out["payee"] = display.payee;
  json::array lines;
  for (const auto& line : display.lines) {
    json::object object{{"label", line.label}, {"value", line.value}};
    if (!line.previous.empty()) object["previous"] = line.previous;
    lines.push_back(std::move(object));
  }
  out["lines"] = std::move(lines);
  if (!display.short_line.empty()) out["short"] = display.short_line;
  return out;
}

Display display_from_json(const json::value& value) {
  CS_CHECK(value.is_object());
  const auto& object = value.get_object();
  Display display;
  display.title = json_text_or_empty(object, "title");
  display.payee = json_text_or_empty(object, "payee");
  display.short_line = json_text_or_empty(object, "short");
  if (const auto* amount = object.if_contains("amount")) {
    display.amount =
        Amount{json_text_or_empty(amount->as_object(), "value"), json_text_or_empty(amount->as_object(), "currency")};
  }
  for (const auto& line : object.at("lines").as_array()) {
    const auto& members = line.as_object();
    display.lines.push_back({json_text_or_empty(members, "label"), json_text_or_empty(members, "value"),
                             json_text_or_empty(members, "previous")});
  }
  return display;
}

std::string format_amount(const Amount& amount, std::string_view locale) {
  const bool brazilian = locale == "pt-BR";
  const std::size_t point = amount.value.find('.');
  std::string whole = amount.value.substr(0, point);
  std::string decimals = point == std::string::npos ? "" : amount.value.substr(point + 1);
  const std::size_t least = decimals_of(amount.currency).value_or(2);
  if (decimals.size() < least) decimals.append(least - decimals.size(), '0');
  for (std::size_t at = whole.size(); at > 3;) {
    at -= 3;
    whole.insert(at, 1, brazilian ? '.' : ',');
  }
  const std::string_view sign =
      brazilian && amount.currency == "BRL" ? std::string_view("R$") : std::string_view(amount.currency);
  const std::string_view point_sign = decimals.empty() ? "" : brazilian ? "," : ".";
  return fmt::format("{} {}{}{}", sign, whole, point_sign, decimals);
}

}  // namespace countersign::domain
