#include "delivery/mail/smtp_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace countersign::delivery {
namespace {

/// `5.1.1`: a class of 2, 4 or 5, and two numbers of at most three digits.
std::string_view enhanced_code(std::string_view text) {
  if (text.size() < 5 || !std::string_view("245").contains(text.front()) || text[1] != '.') return {};
  std::size_t at = 2;
  for (int part = 0; part < 2; ++part) {
    const std::size_t first = at;
    while (at < text.size() && at - first < 3 && is_digit(text[at])) ++at;
    if (at == first) return {};
    if (part == 0 && (at >= text.size() || text[at++] != '.')) return {};
  }
  return at == text.size() || text[at] == ' ' ? text.substr(0, at) : std::string_view();
}

Fault permanent_fault(const SmtpAnswer& answer) {
  const std::string_view detail = std::string_view(answer.enhanced).substr(answer.enhanced.empty() ? 0 : 2);
  constexpr std::array<std::string_view, 6> kNoSuchMailbox = {"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"};
  constexpr std::array<int, 5> kOurSetUp = {530, 534, 535, 538, 555};
  if (std::ranges::find(kNoSuchMailbox, detail) != kNoSuchMailbox.end()) return Fault::kInvalidAddress;
  if (detail == "6.7") return Fault::kUnsupportedAddress;
  if (std::ranges::find(kOurSetUp, answer.code) != kOurSetUp.end()) return Fault::kMisconfigured;
  // Policy and security: relaying, SPF, DMARC, sign-in. Protocol: it does not understand us.
  if (detail.starts_with("7.") || detail.starts_with("5.") || detail == "1.7" || detail == "1.8")
    return Fault::kMisconfigured;
  return Fault::kRejected;
}

Fault passing_fault(const SmtpAnswer& answer) {
  if (answer.code == 454 && answer.enhanced.starts_with("4.7")) return Fault::kMisconfigured;  // No TLS, no sign-in.
  // Greylisting: the next attempt succeeds. Any other 4.7.x asks to slow down.
  const bool slow_down = answer.enhanced.starts_with("4.7.") && answer.enhanced != "4.7.1";
  return slow_down ? Fault::kRateLimited : Fault::kUnavailable;
}

PersonNotice notice_of_refusal(Fault fault) {
  switch (fault) {
    case Fault::kRateLimited:
      return PersonNotice::kWait;
    case Fault::kInvalidAddress:
    case Fault::kUnsupportedAddress:
    case Fault::kRejected:
      return PersonNotice::kTryAnotherWay;
    default:
      return PersonNotice::kTemporarilyUnavailable;
  }
}

}  // namespace

SmtpAnswer read_smtp_answer(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
  if (line.size() < 3 || !std::ranges::all_of(line.substr(0, 3), is_digit) || line[0] < '2' || line[0] > '5') return {};
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return {};
  SmtpAnswer answer{(line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'), ""};
  if (line.size() > 4) answer.enhanced = enhanced_code(line.substr(4));
  return answer;
}

ProviderError provider_error_of(const SmtpAnswer& answer) {
  const Fault fault = answer.code >= 500 ? permanent_fault(answer) : passing_fault(answer);
  ProviderError error{
      fault, notice_of_refusal(fault), fmt::format("{}", answer.code),
      fmt::format("the mail server answered {}{}{}", answer.code, answer.enhanced.empty() ? "" : " ", answer.enhanced),
      std::nullopt};
  if (!answer.enhanced.empty()) error.provider_code = answer.enhanced;
  error.outage = answer.code == 421;  // It closes the connection, whatever the message.
  return error;
}

}  // namespace countersign::delivery
