#include "delivery/mail/delivery_status.h"

#include <algorithm>

#include "base/ascii.h"
#include "delivery/mail/smtp_answer.h"

namespace countersign::delivery {
namespace {

constexpr std::size_t kWordsMax = 8;

/// The value of the first line `name: value`, whatever its case; empty if there is none.
std::string_view field_of(std::string_view report, std::string_view name) {
  while (!report.empty()) {
    std::string_view line = report.substr(0, report.find('\n'));
    report.remove_prefix(std::min(report.size(), line.size() + 1));
    if (line.size() <= name.size() || line[name.size()] != ':' || lower_case(line.substr(0, name.size())) != name)
      continue;
    line.remove_prefix(name.size() + 1);
    const auto first = line.find_first_not_of(" \t");
    const auto last = line.find_last_not_of(" \t\r");
    return first == std::string_view::npos ? std::string_view() : line.substr(first, last - first + 1);
  }
  return {};
}

}  // namespace

std::optional<MailStatus> read_mail_status(std::string_view report) {
  const std::string action = lower_case(field_of(report, "action"));
  if (action != "failed" && action != "delivered") return std::nullopt;
  // As in an answer of the server, whose three digits it lacks.
  const auto status = read_smtp_answer("250 " + std::string(field_of(report, "status")));
  return MailStatus{action == "failed", status.enhanced};
}

std::vector<std::string> base32_words(std::string_view text, std::size_t size) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size() && words.size() < kWordsMax;) {
    const std::size_t first = at;
    while (at < text.size() && is_letter_or_digit(text[at])) ++at;
    if (at - first == size) {
      std::string word = upper_case(text.substr(first, size));
      const bool is_base32 = std::ranges::none_of(word, [](char c) { return is_digit(c) && (c < '2' || c > '7'); });
      if (is_base32 && std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
    }
    at = std::max(at, first + 1);
  }
  return words;
}

}  // namespace countersign::delivery
