#include "api/pages/show_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "api/pages/forms.h"
#include "api/pages/methods_page.h"
#include "api/pages/page.h"
#include "api/pages/push_page.h"
#include "assets/assets.h"
#include "base/encoding.h"
#include "base/text.h"
#include "html/format.h"
#include "html/qr_svg.h"
#include "usecase/verification/page_work.h"

namespace countersign::api::pages {

namespace {

using domain::TransactionStatus;
using domain::VerificationStatus;
using usecase::PersonView;
using usecase::Way;

constexpr int kSendsBeforeHelp = 3;  // The first send and two more: then the page offers the other ways.
constexpr int kFailuresBeforeHint = 2;

bool is_channel(const Way& way) { return domain::channel_of(way.method).has_value(); }
bool is_pending(const Way& way) { return way.sent && way.sent->status == VerificationStatus::kPending; }

std::string channel_key(std::string_view prefix, const Way& way) {
  return fmt::format("{}.{}", prefix, domain::to_text(way.method));
}

/// With no-break spaces.
std::string unbroken(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ')
      out += "\u00A0";
    else
      out += c;
  }
  return out;
}

/// The note about a failed send; empty if none failed.
std::string_view send_fault_note(const std::string& fault) {
  constexpr std::array<std::string_view, 5> kPersons{"invalid_address", "unsupported_address", "blocked", "opted_out",
                                                     "landline"};
  return std::ranges::find(kPersons, fault) != kPersons.end() ? "refused_number" : "not_sent";
}

/// The recipient, short enough for a button: the end of a number, or the masked mailbox. The joiner keeps the ellipsis
/// on the line of its digits.
std::string short_target(const Way& way) { return way.ending.empty() ? way.masked : "\u2026\u2060" + way.ending; }

constexpr std::size_t kButtonTextMax = 28;  // Two lines of a button on the narrowest screen, including the verb.

/// What the button confirms: the title; if too long the amount, else the title up to its colon, else nothing.
void set_confirm(Page& page) {
  const auto& display = page.view().display;
  const auto fits = [](std::string_view text) { return !text.empty() && utf8_length(text) <= kButtonTextMax; };
  const bool title = fits(display.title);
  const std::string amount = display.amount ? page.amount_text(*display.amount) : "";
  const auto colon = display.title.find(": ");
  const std::string head = colon == std::string::npos ? "" : display.title.substr(0, colon);
  page.set("confirm_title", title);
  page.set("confirm_amount", !title && fits(amount) ? amount : "");
  page.set("confirm_head", !title && !fits(amount) && fits(head) ? head : "");
}

/// Says of a message that shows the code alone what it will not say; the facts are on every page.
std::string code_alone_text(const Page& page, const Way& way) {
  return way.shows_display ? std::string() : page.text("way.code_alone");
}

/// Why messages do not arrive; the list of ways says it, too.
std::string unreachable_text(const Page& page, const Way& way) {
  return way.unreachable ? page.text(fmt::format("way.{}", domain::to_text(*way.unreachable))) : std::string();
}

http::Response show_send(Page& page, const Way& way) {
  if (way.sent && way.sent->status == VerificationStatus::kExhausted && page.note().word.empty())
    say_note(page, &way, "exhausted");
  page.set("way", way.id);
  page.set("code_alone", code_alone_text(page, way));
  page.set("send_hint", page.text_to(channel_key("send.hint", way), way.masked));
  page.set("send_label", page.text(channel_key("send.button", way), {{"target", short_target(way)}}));
  page.set("unreachable", unreachable_text(page, way));
  page.set("may_send", !way.gets_none());
  page.set("send_at", way.send_from ? to_rfc3339(*way.send_from) : "");
  page.set("send_from", way.send_from ? page.time_from(*way.send_from) : "");
  return page.render("send");
}

/// The browser works for the message, or she waits.
http::Response show_work(Page& page, const Way& way) {
  page.set("way", way.id);
  page.set("work", page.work());
  page.set("work_wait", page.text("work.wait", {{"from", page.time_from(page.now() + usecase::kWorkWait)}}));
  page.set("work_script", assets::url("work.js"));
  page.set("send_label", page.text(channel_key("send.button", way), {{"target", short_target(way)}}));
  return page.render("work");
}

/// When the code can be sent again, if at all.
void set_resend(Page& page, const Way& way) {
  const auto& sent = *way.sent;
  const bool waits = page.now() < sent.resend_at;
  page.set("resend", sent.may_send_again);
  const std::string_view none = page.has_other(&way) ? "resend.none_other" : "resend.none";
  page.set("no_resend", sent.may_send_again ? "" : page.text(none));
  page.set("resend_at", waits ? to_rfc3339(sent.resend_at) : "");
  page.set("resend_from", waits ? page.time_from(sent.resend_at) : "");
  page.set("resend_label", page.text(way.method == domain::Method::kCall ? "resend.call" : "resend.again"));
}

std::string channel_word(const Page& page, contact::Channel channel) {
  return page.text(fmt::format("channel.{}", contact::to_text(channel)));
}

/// Says by which channel of the line a code went that was to go by another one.
std::string went_by_text(const Page& page, const Way& way) {
  const auto& sent = *way.sent;
  if (sent.instead_of)
    return page.text(channel_key("code.instead", way), {{"asked", channel_word(page, *sent.instead_of)}});
  if (sent.once_more_after) return page.text("code.also", {{"asked", channel_word(page, *sent.once_more_after)}});
  return {};
}

http::Response show_sent_code(Page& page, const Way& way) {
  const auto& sent = *way.sent;
  if (sent.send_fault && page.note().word.empty()) say_note(page, &way, send_fault_note(*sent.send_fault));
  page.set("way", way.id);
  page.set("for", sent.id.text());
  page.set("longer", page.view().service != nullptr && way.code_length > page.view().service->code_length);
  page.set("ending", html::spaced(way.ending));
  page.set("code_alone", code_alone_text(page, way));
  page.set("went_by", went_by_text(page, way));
  // What failed was not sent; of several that were asked for, one may have arrived.
  const std::string hint = sent.send_fault ? std::string("code.failed") : channel_key("code.sent", way);
  page.set("hint", page.text_to(hint, way.masked, {{"until", unbroken(page.time(sent.valid_until))}}));
  page.set("deadline", to_rfc3339(sent.valid_until));
  page.set("help_summary", page.text("code.not_received"));
  page.set("help_open", !page.note().word.empty() || sent.send_fault || sent.sends >= kSendsBeforeHelp);
  page.set("clock_hint", false);
  set_confirm(page);
  set_resend(page, way);
  return page.render("code");
}

http::Response show_app_code(Page& page, const Way& way) {
  page.set("way", way.id);
  page.set("for", way.id);
  page.set("longer", false);
  page.set("ending", "");
  page.set("code_alone", "");
  page.set("went_by", "");
  page.set("hint", way.name.empty() ? page.text("code.totp") : page.text("code.totp_named", {{"name", way.name}}));
  page.set("deadline", "");
  page.set("help_summary", page.text("code.trouble"));
  page.set("help_open", way.failures >= kFailuresBeforeHint);
  page.set("clock_hint", true);
  page.set("resend", false);
  page.set("no_resend", "");
  set_confirm(page);
  return page.render("code");
}

http::Response show_recovery_code(Page& page, const Way& way) {
  page.set_recovery_code();
  page.set("way", way.id);
  page.set("for", way.id);
  page.set("longer", false);
  page.set("ending", "");
  page.set("code_alone", "");
  page.set("went_by", "");
  page.set("hint",
           page.text("recovery.hint") + " " + page.text("recovery.left", {{"n", std::to_string(way.codes_left)}}));
  page.set("deadline", "");
  page.set("help_summary", page.text("code.trouble"));
  page.set("help_open", way.failures >= kFailuresBeforeHint);
  page.set("clock_hint", false);
  page.set("resend", false);
  page.set("no_resend", "");
  set_confirm(page);
  return page.render("code");
}

/// The button that opens the browser's dialog; the script is only on this page and its like.
http::Response show_passkey(Page& page, const Way& way) {
  page.set("way", way.id);
  page.set("challenge_url", page.url("challenge"));
  page.set("passkey_script", assets::url("passkey.js"));
  page.set("page_url", page.address());
  page.set("hint", page.text(way.verifies_person ? "passkey.hint_verifies" : "passkey.hint"));
  return page.render("passkey");
}

http::Response show_locked(Page& page, const Way& locked) {
  std::vector<Way> left;
  std::ranges::copy_if(page.view().ways, std::back_inserter(left), &Way::usable);
  page.set("locked_what", label_of(page, locked));
  const std::string_view key = left.empty() ? "locked.until" : "locked.until_or";
  page.set("locked_text", locked.locked_until ? page.text(key, {{"until", page.time_from(*locked.locked_until)}})
                                              : page.text("locked.asleep"));
  page.set("unlock_at", locked.locked_until ? to_rfc3339(*locked.locked_until) : "");
  page.set("ways_left", !left.empty());
  page.set("locked_support", page.text(locked.locked_until ? "locked.support" : "locked.asleep_alone"));
  page.list_ways(left);
  return page.render("locked");
}

http::Response show_choice(Page& page);

std::string_view newer_key(const Way& way) {
  if (way.method == domain::Method::kWebauthn) return "passkey.newer";
  if (way.method == domain::Method::kRecoveryCode) return "code.newer_codes";
  if (way.method == domain::Method::kPush) return "push.newer";
  return way.method == domain::Method::kEmail ? "code.newer_email" : "code.newer_number";
}

http::Response show_way(Page& page, const Way& way) {
  if (!way.counts) return show_choice(page);
  page.set("others", page.has_other(&way));
  page.set("newer", way.newer_from ? page.text(newer_key(way), {{"when", page.date_time(*way.newer_from)}}) : "");
  page.set_code_length(way.code_length);
  if (!way.usable()) return show_locked(page, way);
  say_note(page, &way);
  if (way.method == domain::Method::kRecoveryCode) return show_recovery_code(page, way);
  if (way.method == domain::Method::kWebauthn) return show_passkey(page, way);
  if (way.method == domain::Method::kPush) return show_push(page, way);
  if (!is_channel(way)) return show_app_code(page, way);
  if (page.note().word == "work" && !way.gets_none()) return show_work(page, way);
  return is_pending(way) ? show_sent_code(page, way) : show_send(page, way);
}

http::Response show_choice(Page& page) {
  const auto& view = page.view();
  say_note(page, nullptr);
  page.set("progress", view.judgement.kinds_proven > 0 && view.judgement.kinds_needed > view.judgement.kinds_proven &&
                           page.note().word.empty());
  page.set("n", view.judgement.kinds_proven);
  page.list_ways(view.ways);
  return page.render("methods");
}

http::Response show_blocked(Page& page) {
  const auto& view = page.view();
  say_note(page, nullptr);
  const bool waits = std::ranges::any_of(view.ways, [](const Way& way) { return !way.counts; });
  const bool nothing = view.ways.empty() && view.judgement.kinds_proven == 0;
  std::string why = page.text(nothing ? "blocked.none" : waits ? "blocked.fresh" : "blocked.more");
  if (waits && view.counts_from) why = page.text("blocked.fresh_from", {{"when", page.date_time(*view.counts_from)}});
  if (std::ranges::any_of(view.ways, &Way::stopped)) why = page.text("blocked.stopped");
  page.set("blocked_why", std::move(why));
  page.set("lost", nothing);
  page.set("quiet_back", true);
  return page.render("blocked");
}

http::Response show_enrolment_begin(Page& page) {
  say_note(page, nullptr);
  return page.render("enrol");
}

http::Response show_enrolment_key(Page& page, const usecase::Enrolment& enrolment) {
  page.set_code_length(6);
  say_note(page, nullptr);
  const std::string& key = enrolment.secret_base32.expose();
  page.set("enrol_token", page.visit().enrol);
  page.set("otpauth", enrolment.otpauth_uri.expose());
  page.set("qr", html::Html(html::qr_svg(enrolment.otpauth_uri.expose(), page.text("enrol.qr")).value_or("")));
  page.set("key", html::in_groups_of_four(key));
  page.set("key_plain", key);
  page.set("issuer", page.view().service == nullptr ? "" : html::isolated(page.view().service->totp_issuer));
  page.set("account", html::isolated(enrolment.account));
  page.set("confirm_action", page.url("confirm", {{"enrol", page.visit().enrol}}));
  return page.render("enrol_totp");
}

http::Response show_codes_begin(Page& page) {
  say_note(page, nullptr);
  return page.render("codes");
}

http::Response show_passkey_begin(Page& page) {
  say_note(page, nullptr);
  return page.render("add_passkey");
}

/// The ten codes, until the person says that she keeps them. [BKP-1]
http::Response show_codes(Page& page, const usecase::NewCodes& made) {
  say_note(page, nullptr);
  html::List codes;
  std::string all;
  for (const SecretString& code : made.codes) {
    codes.push_back({{"code", code.expose()}});
    all.append(all.empty() ? "" : "\n").append(code.expose());
  }
  page.set("codes", std::move(codes));
  page.set("all_codes", std::move(all));
  page.set("enrol_token", page.visit().enrol);
  page.set("confirm_action", page.url("confirm", {{"enrol", page.visit().enrol}}));
  return page.render("codes_list");
}

/// What an operation adds, once it was approved.
http::Response show_addition(Page& page) {
  const auto& seen = page.seen();
  if (page.view().adds == domain::Method::kWebauthn) return show_passkey_enrolment(page);
  if (page.view().adds == domain::Method::kPush) return show_device_enrolment(page);
  if (page.may_enrol() && seen.codes) return show_codes(page, *seen.codes);
  if (page.may_enrol() && seen.enrolment) return show_enrolment_key(page, *seen.enrolment);
  return page.view().adds == domain::Method::kRecoveryCode ? show_codes_begin(page) : show_enrolment_begin(page);
}

}  // namespace

http::Response show_change(Page& page) {
  say_note(page, nullptr);
  const auto& stopped = *page.view().stopped;
  page.set("change_lede", page.text("change.lede", {{"what", page.what_was_stopped()}}));
  page.set("may_keep", stopped.may_keep);
  page.set("change_lapse", page.text("change.lapse", {{"when", page.date_time(stopped.lapses_at)}}));
  page.set("binding", stopped.binding.text());
  return page.render("change");
}

namespace {

bool asks_about_change(const Page& page) {
  return page.visit().way == "change" && page.view().stopped && page.view().stopped->may_decide;
}

http::Response show_deny(Page& page) {
  say_note(page, nullptr);
  return page.render("deny");
}

/// The way with a pending code, the newest first; else a passkey; else the only one.
const Way* current_way(const PersonView& view) {
  const Way* current = nullptr;
  for (const auto& way : view.ways) {
    if (is_pending(way) && (current == nullptr || way.sent->id > current->sent->id)) current = &way;
  }
  if (current == nullptr) {
    const Way* passkey = find_way(view, usecase::kPasskeyWay);
    if (passkey != nullptr && passkey->counts) return passkey;
  }
  if (current == nullptr && view.ways.size() == 1 && view.ways.front().counts) current = &view.ways.front();
  return current;
}

http::Response show_held(Page& page) {
  const auto& view = page.view();
  const std::string& asked = page.visit().way;
  if (asked == "deny") return show_deny(page);
  if (asks_about_change(page)) return show_change(page);
  if (page.may_enrol() && page.seen().enrolment) return show_enrolment_key(page, *page.seen().enrolment);
  if ((page.may_enrol() || view.may_add) && asked == "enrol") return show_enrolment_begin(page);
  if (view.may_add_codes && asked == "codes") return show_codes_begin(page);
  if (view.may_add_device && asked == "add_device") return show_device_begin(page);
  if (const Way* way = find_way(view, asked)) return show_way(page, usecase::where_it_went(view, *way));
  if (view.reachable && view.ways.empty() && page.may_enrol()) return show_enrolment_begin(page);
  if (!view.reachable || view.ways.empty()) return show_blocked(page);
  const Way* devices = find_way(view, usecase::kPushWay);
  if (asked.empty() && devices != nullptr && waits_for_device(page)) return show_way(page, *devices);
  if (asked != "choose") {
    if (const Way* way = current_way(view)) return show_way(page, *way);
  }
  return show_choice(page);
}

http::Response show_done(Page& page) {
  const auto& view = page.view();
  const bool fresh = page.note().word == "done" || page.seen().just_proved;
  if (asks_about_change(page)) return show_change(page);
  if (page.declines_passkey() && !view.return_url.empty()) return page.go_back_without_passkey();
  // The operation serves no other purpose.
  if (view.is_operation && page.may_enrol()) return show_addition(page);
  if (page.may_enrol() && page.seen().enrolment) return show_enrolment_key(page, *page.seen().enrolment);
  if ((page.may_enrol() || view.may_add) && page.visit().way == "enrol") return show_enrolment_begin(page);
  if (view.may_add_codes && page.visit().way == "codes") return show_codes_begin(page);
  if (view.may_add_passkey && page.visit().way == "add_passkey") return show_passkey_begin(page);
  if (view.may_add_device && page.visit().way == "add_device") return show_device_begin(page);
  const bool codes_kept = page.note().word == "codes_kept";
  const bool passkey_added = page.note().word == "passkey_added";
  const bool device_added = page.note().word == "device_added";
  const bool added =
      view.is_operation && (page.note().word == "enrolled" || codes_kept || passkey_added || device_added);
  if (!added) say_note(page, nullptr);
  const std::string_view added_head = codes_kept      ? "codes.kept"
                                      : passkey_added ? "manage.passkey_added"
                                      : device_added  ? "device.added"
                                                      : "note.enrolled.head";
  const std::string headline = page.text(added ? added_head : fresh ? "done.title" : "done.again");
  page.set("headline", headline);
  page.set("page_title", headline);
  page.set("explanation", page.text(!added ? "done.text" : codes_kept ? "codes.added" : "enrol.added"));
  page.set("of_title", !added);
  if (view.change) page.set("explanation", page.text(done_key(*view.change)));
  // If the page offers something, or reports a change that the person did not make, it does not redirect by itself.
  page.set("leaves", (fresh || added) && !page.may_enrol() && !view.offers_adding && !view.offers_codes &&
                         !page.may_offer_passkey() && !page.may_offer_device() && !view.codes_left && !view.stopped);
  page.set("when", view.verified_at ? page.date_time(*view.verified_at) : "");
  return page.render("done");
}

http::Response show_ended(Page& page, std::string_view kind, bool with_advice, std::string_view return_key) {
  const auto& view = page.view();
  if (asks_about_change(page)) return show_change(page);
  page.set("headline", page.text(fmt::format("{}.title", kind)));
  page.set("page_title", page.text(fmt::format("{}.title", kind)));
  page.set("explanation", page.text(fmt::format("{}.text", kind)));
  page.set("advice", with_advice ? page.text(fmt::format("{}.advice", kind)) : "");
  const bool waits = view.status == TransactionStatus::kInReview;
  page.set("when", page.date_time(waits ? view.created_at : view.ended_at.value_or(view.expires_at)));
  if (return_key != "back") page.set("return_label", page.text(return_key));
  return page.render("ended");
}

}  // namespace

http::Response show_page(const Site& site, const Visit& visit, const Seen& seen) {
  Page page(site, visit, seen);
  if (seen.approval) return show_approval(page);
  if (seen.methods) return show_methods(page);
  switch (seen.view.status) {
    case TransactionStatus::kHeld:
      return show_held(page);
    case TransactionStatus::kVerified:
    case TransactionStatus::kReleased:
      return show_done(page);
    case TransactionStatus::kDenied:
      if (seen.view.is_refused) return show_ended(page, "turned_away", true, "back");
      return show_ended(page, "denied", true, "back");
    case TransactionStatus::kInReview:
      return show_ended(page, "in_review", true, "back");
    case TransactionStatus::kExpired:
      return show_ended(page, "expired", true, "expired.again");
    case TransactionStatus::kCanceled:
      if (seen.view.is_voided) return show_ended(page, "voided", true, "expired.again");
      return show_ended(page, "canceled", false, "back");
  }
  return unavailable(site, visit.request, 404);
}

http::Response codes_file(const Site& site, const Visit& visit, const Seen& seen) {
  if (!seen.codes || !may_enrol_from(site, visit, seen.view)) return see_other(site, page_url(visit));
  const Page page(site, visit, seen);
  std::string text = page.text("codes.file_head") + "\r\n" + page.date_time(seen.now) + "\r\n\r\n";
  for (const SecretString& code : seen.codes->codes) text.append(code.expose()).append("\r\n");
  text.append("\r\n").append(page.text("codes.file_hint")).append("\r\n");
  http::Response response = html_response(site, 200, std::move(text));
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"recovery-codes.txt\"");
  return response;
}

}  // namespace countersign::api::pages
