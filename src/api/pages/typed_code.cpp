#include "api/pages/typed_code.h"

#include <algorithm>
#include <vector>

namespace countersign::api::pages {

namespace {

constexpr std::size_t kTypedMax = 1000;  // A long message; what is more is no code.

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Full-width digits as digits; dashes and spaces of every kind as `-`; everything else that is not ASCII as `?`.
std::string plain(std::string_view typed) {
  std::string out;
  for (std::size_t at = 0; at < typed.size();) {
    const auto c = static_cast<unsigned char>(typed[at]);
    if (c < 0x80) {
      out += c == ' ' || c == '\t' || c == '.' ? '-' : static_cast<char>(c);
      ++at;
      continue;
    }
    const std::string_view three = typed.substr(at, 3);
    if (three.starts_with("\xEF\xBC") && three.size() == 3) {  // U+FF00…: full-width forms, digits from U+FF10.
      const auto last = static_cast<unsigned char>(three[2]);
      out += last >= 0x90 && last <= 0x99 ? static_cast<char>('0' + last - 0x90) : last == 0x8D ? '-' : '?';
      at += 3;
    } else if (three.starts_with("\xE2\x80") || three.starts_with("\xE3\x80") || three.starts_with("\xE2\x88")) {
      out += '-';  // General punctuation (dashes, thin spaces), the wide space, the minus sign.
      at += 3;
    } else if (three.starts_with("\xC2\xA0")) {
      out += '-';
      at += 2;
    } else {
      out += '?';
      ++at;
    }
    at = std::min(at, typed.size());
  }
  return out;
}

}  // namespace

std::string code_in(std::string_view typed, std::size_t digits) {
  const std::string text = plain(typed.substr(0, kTypedMax));
  std::string all;
  std::copy_if(text.begin(), text.end(), std::back_inserter(all), is_digit);
  const bool only_code = std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '-' || c == '#'; });
  if (only_code) return all;

  std::vector<std::string> runs;  // Digits, each with the character before them.
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    std::string run(1, at > 0 ? text[at - 1] : ' ');
    for (; at < text.size() && is_digit(text[at]); ++at) run += text[at];
    if (run.size() == digits + 1) runs.push_back(std::move(run));
  }
  if (runs.empty()) return all;
  const bool bound = runs.back().front() == '#';
  const bool same = std::ranges::all_of(runs, [&](const auto& r) { return r.substr(1) == runs.front().substr(1); });
  return bound || same ? runs.back().substr(1) : all;
}

}  // namespace countersign::api::pages
