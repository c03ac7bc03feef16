#include "domain/push.h"

#include <algorithm>

namespace countersign::domain {

namespace {

/// Null if nothing is known of that asker, or it is long ago.
const Denied* denials_of(const PromptHistory& history, std::string_view asker, WallTime now) {
  const auto found = std::ranges::find(history.denied, asker, &Denied::asker);
  return found != history.denied.end() && now < found->last + kDenialsKept ? &*found : nullptr;
}

bool is_prompt_open(const Prompt& prompt, WallTime now) { return status_at(prompt, now) == PromptStatus::kOpen; }

}  // namespace

std::string_view to_text(PromptStatus status) {
  switch (status) {
    case PromptStatus::kOpen:
      return "open";
    case PromptStatus::kApproved:
      return "approved";
    case PromptStatus::kDenied:
      return "denied";
    case PromptStatus::kSpent:
      return "spent";
    case PromptStatus::kReplaced:
      return "replaced";
    case PromptStatus::kExpired:
      return "expired";
  }
  return "";
}

PromptStatus status_at(const Prompt& prompt, WallTime now) {
  if (prompt.status == PromptStatus::kOpen && now >= prompt.until) return PromptStatus::kExpired;
  return prompt.status;
}

std::optional<Prompt> number_right(Prompt prompt, WallTime now) {
  if (!is_prompt_open(prompt, now)) return std::nullopt;
  prompt.status = PromptStatus::kApproved;
  return prompt;
}

std::optional<Prompt> number_wrong(Prompt prompt, WallTime now) {
  if (!is_prompt_open(prompt, now)) return std::nullopt;
  ++prompt.wrong;
  if (prompt.wrong >= kWrongNumbersMax) prompt.status = PromptStatus::kSpent;
  return prompt;
}

std::optional<Prompt> prompt_denied(Prompt prompt, WallTime now) {
  if (!is_prompt_open(prompt, now)) return std::nullopt;
  prompt.status = PromptStatus::kDenied;
  return prompt;
}

std::optional<Prompt> prompt_replaced(Prompt prompt, WallTime now) {
  if (!is_prompt_open(prompt, now)) return std::nullopt;
  prompt.status = PromptStatus::kReplaced;
  return prompt;
}

std::string_view to_text(NotPrompted::Why why) {
  switch (why) {
    case NotPrompted::Why::kUnanswered:
      return "unanswered";
    case NotPrompted::Why::kTooMany:
      return "too_many";
    case NotPrompted::Why::kSilent:
      return "silent";
    case NotPrompted::Why::kOff:
      return "off";
  }
  return "";
}

std::optional<NotPrompted> why_not_prompted(const PromptHistory& history, std::string_view asker, bool proved,
                                            WallTime now) {
  using enum NotPrompted::Why;
  if (!proved) {
    const auto* denied = denials_of(history, asker, now);
    if (denied != nullptr && denied->times >= kDenialsMax) return NotPrompted{kOff};
    // A clock that was set back makes it no shorter.
    if (denied != nullptr && now < denied->last + kSilence) return NotPrompted{kSilent, denied->last + kSilence - now};
    if (history.unanswered >= kUnansweredMax) return NotPrompted{kUnanswered};
    if (history.denials >= kDenialsOfAllMax) return NotPrompted{kOff};
  }
  const auto allowance = count_event(history.asked, kPromptsOfDevice, now);
  if (!allowance.allowed) return NotPrompted{kTooMany, allowance.retry_after};
  return std::nullopt;
}

PromptHistory after_prompt(PromptHistory history, WallTime now) {
  ++history.unanswered;
  history.asked = count_event(history.asked, kPromptsOfDevice, now).next;
  return history;
}

PromptHistory after_approval(PromptHistory history) {
  history.unanswered = 0;
  history.denials = 0;
  history.denied.clear();
  return history;
}

PromptHistory after_denial(PromptHistory history, std::string_view asker, WallTime now) {
  history.unanswered = 0;  // It was answered.
  ++history.denials;
  std::erase_if(history.denied, [&](const Denied& one) { return now >= one.last + kDenialsKept; });
  auto found = std::ranges::find(history.denied, asker, &Denied::asker);
  if (found == history.denied.end()) {
    if (history.denied.size() >= kAskersMax)
      history.denied.erase(std::ranges::min_element(history.denied, {}, &Denied::last));
    found = history.denied.insert(history.denied.end(), {std::string(asker), 0, now});
  }
  ++found->times;
  found->last = now;
  return history;
}

PromptHistory after_other_proof(PromptHistory history, std::string_view asker) {
  history.unanswered = 0;
  history.denials = 0;
  std::erase_if(history.denied, [&](const Denied& one) { return one.asker == asker; });
  return history;
}

PromptText prompt_text(std::string_view locale, std::string_view service_name) {
  const std::string name(service_name);
  const auto language = locale.substr(0, 2);
  if (language == "pt") return {name + ": confirme ou recuse", "Abra para ver o pedido. Não foi você? Recuse."};
  if (language == "es") return {name + ": confirma o rechaza", "Abre para ver la solicitud. ¿No fuiste tú? Recházala."};
  return {name + ": approve or refuse", "Open to see the request. Not you? Refuse it."};
}

}  // namespace countersign::domain
