#include "api/pages/push_page.h"

#include <fmt/format.h>

#include "assets/assets.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "domain/push.h"
#include "html/format.h"

namespace countersign::api::pages {

namespace {

using domain::PromptStatus;

/// Who does not have a device at hand takes another way by then.
constexpr Duration kOfferOthersAfter = std::chrono::seconds(20);

/// Loads the script for devices, under the one policy that lets it register the worker.
void use_push_script(Page& page) {
  page.set("push_script", assets::url("push.js"));
  page.allow_worker();
}

std::string_view ended_key(PromptStatus status) {
  switch (status) {
    case PromptStatus::kApproved:
      return "approved";
    case PromptStatus::kDenied:
      return "denied";
    case PromptStatus::kSpent:
      return "spent";
    case PromptStatus::kReplaced:
      return "replaced";
    case PromptStatus::kOpen:
    case PromptStatus::kExpired:
      break;
  }
  return "expired";
}

/// The note about the prompt before, where no form has just said anything.
void say_what_became(Page& page, const usecase::PromptSeen& prompt) {
  if (!page.note().word.empty() || !page.seen().asked_here) return;
  if (prompt.status == PromptStatus::kSpent) say_note(page, nullptr, "push_spent");
  if (prompt.status == PromptStatus::kExpired) say_note(page, nullptr, "push_expired");
}

/// Digits in two groups for the eye, and one by one for the ear.
void set_number(Page& page, const SecretString& number) {
  const std::string& digits = number.expose();
  page.set("number", digits.substr(0, 3) + "\u00A0" + digits.substr(3));
  page.set("number_spoken", html::spaced(digits));
}

http::Response show_number(Page& page, const usecase::PromptSeen& prompt) {
  if (page.note().word.empty() && prompt.wrong > 0)
    page.say("push_wrong", true, page.text("attempts_left", {{"n", std::to_string(prompt.numbers_left)}}));
  set_number(page, *prompt.number);
  page.set("deadline", to_rfc3339(prompt.until));
  const WallTime late = prompt.asked_at + kOfferOthersAfter;
  page.set("late", page.now() >= late);
  page.set("late_at", to_rfc3339(late));
  page.set("asking", false);
  page.set("quick", true);
  return page.render("push");
}

}  // namespace

bool waits_for_device(const Page& page) {
  const auto& prompt = page.view().prompt;
  return page.seen().asked_here && prompt && prompt->status == PromptStatus::kOpen;
}

http::Response show_push(Page& page, const usecase::Way& way) {
  use_push_script(page);
  const auto& prompt = page.view().prompt;
  const bool several = way.devices > 1;
  page.set("way", way.id);
  page.set("ask_action", page.url("ask"));
  page.set("push_hint", several            ? page.text("push.hint_several", {{"n", std::to_string(way.devices)}})
                        : way.name.empty() ? page.text("push.hint")
                                           : page.text("push.hint_named", {{"name", way.name}}));
  if (waits_for_device(page)) return show_number(page, *prompt);
  if (prompt) say_what_became(page, *prompt);
  // Another window of hers, or somebody else who has the link.
  page.set("elsewhere", prompt && prompt->status == PromptStatus::kOpen);
  page.set("again", prompt.has_value() && page.seen().asked_here);
  page.set("asking", true);
  return page.render("push");
}

http::Response show_device_begin(Page& page) {
  say_note(page, nullptr);
  use_push_script(page);
  page.set("manifest", page.manifest_url());
  return page.render("add_device");
}

http::Response show_device_enrolment(Page& page) {
  say_note(page, nullptr);
  use_push_script(page);
  page.set("manifest", page.manifest_url());
  page.set("options_url", page.url("new-device-options"));
  page.set("known", page.seen().known_devices);
  page.set("new_device_action", page.url("new-device"));
  page.set("quiet_back", true);
  page.set("poll", "");
  return page.render("enrol_device");
}

http::Response show_approval(Page& page) {
  const auto& prompt = *page.seen().approval;
  const auto& view = page.view();
  const bool held = view.status == domain::TransactionStatus::kHeld;
  if (prompt.status == PromptStatus::kOpen && held) {
    say_note(page, nullptr);
    if (page.note().word == "push_number")
      page.say("push_number", true, page.text("attempts_left", {{"n", std::to_string(prompt.numbers_left)}}), "code");
    use_push_script(page);
    page.set("answer_action", page.url("answer"));
    page.set("challenge", to_base64url(prompt.challenge));
    std::string devices;
    for (const auto& id : prompt.devices) devices.append(devices.empty() ? "" : " ").append(id.text());
    page.set("devices", std::move(devices));
    page.set("asked_at", page.text("approve.asked_at", {{"when", page.date_time(prompt.asked_at)}}));
    page.set("asked_from", !page.seen().same_network ? ""
                                                     : page.text(*page.seen().same_network ? "approve.same_network"
                                                                                           : "approve.other_network"));
    page.set("deadline", to_rfc3339(prompt.until));
    page.set("digits", static_cast<int>(domain::kPromptDigits));
    page.set("long_code", false);
    return page.render("approve");
  }
  // What the transaction came to says more than what the prompt did.
  std::string_view kind = ended_key(prompt.status);
  if (!held && prompt.status == PromptStatus::kOpen)
    kind = view.status == domain::TransactionStatus::kDenied ? "denied" : "over";
  if (page.note().word == "push_approved") kind = "approved_here";
  if (page.note().word == "push_denied") kind = "denied_here";
  page.set("headline", page.text(fmt::format("approve.{}_title", kind)));
  page.set("page_title", page.text(fmt::format("approve.{}_title", kind)));
  page.set("explanation", page.text(fmt::format("approve.{}_text", kind)));
  page.set("good", kind.starts_with("approved"));
  page.set("poll", "");
  return page.render("approve_over");
}

std::string approval_state(const Seen& seen) {
  return fmt::format("{} {}", domain::to_text(seen.view.status), domain::to_text(seen.approval->status));
}

std::string approval_revision(const Seen& seen) {
  const auto all = fmt::format("{} {}", approval_state(seen), seen.approval->numbers_left);
  return to_hex(crypto::sha256(all).substr(0, 6));
}

}  // namespace countersign::api::pages
