#include "demo/brazil/typed.h"

#include <algorithm>

#include "base/typed.h"

namespace countersign::demo {

namespace {

constexpr std::string_view kNoBreakSpace = "\u00a0";

}  // namespace

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

std::string without(std::string_view text, std::string_view characters) {
  std::string out;
  std::ranges::copy_if(plain_typed(text), std::back_inserter(out), [&](char c) { return !characters.contains(c); });
  return out;
}

std::string trimmed(std::string_view text) {
  for (;;) {
    const auto size = text.size();
    while (!text.empty() && std::string_view(" \t\r\n").contains(text.front())) text.remove_prefix(1);
    while (!text.empty() && std::string_view(" \t\r\n").contains(text.back())) text.remove_suffix(1);
    if (text.starts_with(kNoBreakSpace)) text.remove_prefix(kNoBreakSpace.size());
    if (text.ends_with(kNoBreakSpace)) text.remove_suffix(kNoBreakSpace.size());
    if (text.size() == size) return std::string(text);
  }
}

std::string with_mask(std::string_view characters, std::string_view mask) {
  std::string out;
  auto next = characters.begin();
  for (const char c : mask) {
    if (c != '#') {
      out.push_back(c);
    } else if (next != characters.end()) {
      out.push_back(*next++);
    }
  }
  return out;
}

}  // namespace countersign::demo
