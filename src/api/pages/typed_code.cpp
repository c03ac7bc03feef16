#include "api/pages/typed_code.h"

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "base/typed.h"
#include "crypto/recovery_code.h"

namespace countersign::api::pages {

namespace {

constexpr std::size_t kTypedMax = 1000;  // Length of a long message; longer input is not a code.

/// In ASCII (base/typed.h): spaces and dots become `-`, anything that no code contains `?`.
std::string plain(std::string_view typed) {
  std::string out;
  while (!typed.empty()) {
    const auto sign = take_typed(typed);
    if (!sign)
      out += '?';
    else if (*sign == ' ' || *sign == '\t' || *sign == '.')
      out += '-';
    else if (*sign != '\0')
      out += *sign;
  }
  return out;
}

}  // namespace

std::string kept_code(std::string_view typed, std::size_t digits) {
  constexpr std::size_t kKeptMax = 40;
  if (typed.size() > kKeptMax) return {};
  const std::string text = plain(typed);
  const auto typed_digits = std::ranges::count_if(text, is_digit);
  return static_cast<std::size_t>(typed_digits) < digits ? std::string(typed) : std::string();
}

std::string kept_recovery_code(std::string_view typed) {
  constexpr std::size_t kKeptMax = 40;
  if (typed.size() > kKeptMax) return {};
  const std::string text = plain(typed);
  const auto characters = std::ranges::count_if(text, is_letter_or_digit);
  return static_cast<std::size_t>(characters) < crypto::kRecoveryCodeLength ? std::string(typed) : std::string();
}

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
