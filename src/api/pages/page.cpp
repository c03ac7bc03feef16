#include "api/pages/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/pages/page_tables.h"
#include "api/pages/push_page.h"
#include "api/pages/typed_code.h"
#include "assets/assets.h"
#include "base/ascii.h"
#include "base/encoding.h"
#include "base/html_text.h"
#include "base/json.h"
#include "domain/display.h"
#include "domain/recovery.h"
#include "html/format.h"
#include "usecase/subject/change_events.h"
#include "usecase/verification/page_work.h"

namespace countersign::api::pages {

namespace {

constexpr int kAttemptsShown = 3;  // A higher count is no help, and invites guessing.

/// `named` and `told`: label and value are the application's text, in its language and direction.
html::Object fact_of(std::string label, bool named, std::string value, bool told, std::string previous = "") {
  return {{"label", std::move(label)},
          {"named", named},
          {"value", std::move(value)},
          {"told", told},
          {"previous", std::move(previous)}};
}

/// Whether two tags have the same language, in any region.
bool is_same_language(std::string_view a, std::string_view b) {
  return equals_ignoring_case(a.substr(0, a.find('-')), b.substr(0, b.find('-')));
}

std::string compare_key(domain::Method method) { return fmt::format("compare.{}", domain::to_text(method)); }

}  // namespace

namespace {

/// For the script: empty where there is nothing to tell the browser.
std::string signals_text(const std::optional<usecase::PasskeySignals>& signals) {
  if (!signals) return {};
  json::array ids;
  for (const auto& id : signals->credentials) ids.emplace_back(to_base64url(id));
  return canonical_json(json::object{{"rpId", signals->rp_id},
                                     {"userId", to_base64url(signals->user_id)},
                                     {"allAcceptedCredentialIds", std::move(ids)},
                                     {"name", signals->name},
                                     {"displayName", signals->name}});
}

}  // namespace

Page::Page(const Site& site, const Visit& visit, const Seen& seen)
    : site_(site),
      visit_(visit),
      seen_(seen),
      language_(language_for(site, visit, seen.view)),
      brand_(site.brand(seen.view.service)),
      note_(visit.said ? *visit.said : site.sessions.note_of(visit.request, visit.id)) {
  if (visit.cookies_refused) note_.word = "cookies";
  set_frame();
  set_facts();
}

void Page::set_frame() {
  const ServiceId* service = view().service == nullptr ? nullptr : &view().service->id;
  values_ = frame_values(site_, language_, brand_, service, now());
  set("test", is_test(view().account));
  set("title", view().display.title);
  const bool same = view().locale.empty() || is_same_language(view().locale, language_.tag());
  set("foreign", same ? "" : view().locale);
  set("page_title", view().display.title);
  set("poll", url("state"));
  set("state", state_word(view()));
  set("revision", revision_of(view()));
  set("transaction", view().id.text());
  set("channel", view().id.text());
  set("quick", false);
  set("error", false);
  set("note", false);
  set("code_error", "");
  set("name_error", "");
  set("typed_code", "");
  set("typed_name", visit_.typed_name);
  set("signals", signals_text(seen_.signals));
  const bool unknown = note_.word == "passkey_unknown" || note_.word == "passkey_gone";
  const bool may_tell = unknown && view().service != nullptr && view().service->passkeys;
  set("unknown_rp", may_tell ? view().service->passkeys->party.id : "");
  set("passkey_script", seen_.signals || may_tell ? assets::url("passkey.js") : "");
  set("here", visit_.said ? url("", {{"way", visit_.way}, {"enrol", visit_.enrol}}) : "");
  set("acted", !note_.word.empty());
  set_way_back();
  set("page_href", url());
  set("choose_href", url("", {{"way", "choose"}}));
  set("deny_href", url("", {{"way", "deny"}}));
  set("change_href", url("", {{"way", "change"}}));
  set_stopped();
  set_approval();
  set("enrol_href", url("", {{"way", "enrol"}}));
  for (const std::string_view action : {"send", "check", "deny", "enrol", "confirm", "decide", "codes", "passkey"})
    set(fmt::format("{}_action", action), url(action));
  Moment moment{site_.api.clock.now(), site_.api.random};
  set("token", site_.sessions.form_token(view().id, visit_.browser, moment));
  // Of several offers the page makes one; new codes come first where few are left, and then the strongest method.
  const bool offers_passkey = may_offer_passkey();
  const bool offers_app = !offers_passkey && !may_offer_device() && (may_enrol() || view().offers_adding);
  const bool needs_codes = view().codes_left && domain::asks_for_new_set(*view().codes_left);
  set("offer_codes", view().offers_codes && (needs_codes || !(offers_app || offers_passkey || may_offer_device())));
  set("enrol", offers_app && !(view().offers_codes && needs_codes));
  set("offer_passkey", offers_passkey && !(view().offers_codes && needs_codes));
  set("offer_device", may_offer_device() && !(view().offers_codes && needs_codes));
  set("add_device_href", url("", {{"way", "add_device"}}));
  set("add_passkey_href", url("", {{"way", "add_passkey"}}));
  set("decline_href", url("", {{"way", "later"}}));
  set("codes_href", url("", {{"way", "codes"}}));
  set("codes_left", codes_left_text());
  set("recovery", false);
  set("enrol_later", !view().enrol_counts && !view().is_operation && view().status == domain::TransactionStatus::kHeld);
  set("held", view().status == domain::TransactionStatus::kHeld);
  set("leave", !view().is_operation && view().status != domain::TransactionStatus::kHeld);
  set("proof_first",
      !may_enrol() && (view().may_add || view().may_add_codes || view().may_add_passkey || view().may_add_device));
  set("others", has_other(nullptr));
  html::List languages;
  for (const auto& other : site_.catalogue.languages()) {
    if (other.tag() == language_.tag()) continue;
    Visit there{{}, visit_.link, visit_.id, {}, {}, {}, {}, other.tag()};
    there.methods = visit_.methods;
    there.approval = visit_.approval;
    languages.push_back({{"href", page_url(there, "", {{"way", visit_.way}, {"enrol", visit_.enrol}})},
                         {"tag", other.tag()},
                         {"label", other.text("language.name")}});
  }
  set("languages", std::move(languages));
}

void Page::set_way_back() {
  const std::string& back = view().return_url;
  // An operation leads back to the page where it began; a transaction of an application leads to the application's
  // page.
  const bool to_page = view().is_operation && back.starts_with(site_.api.context.settings.public_url + "/verify/");
  const bool to_methods = view().is_operation && back.starts_with(site_.api.context.settings.public_url + "/methods/");
  const std::string label = text(to_page ? "deny.keep" : to_methods ? "manage.back" : "back");
  set("return_url", back);
  set("return_label", label);
  set("back_url", back.empty() ? brand_.home_url : back);
  set("back_label", label);
  set("quiet_back", false);
  set("leaves", false);
  set("return_in", text(to_page      ? "done.return_to_request"
                        : to_methods ? "manage.return_in"
                                     : "done.return_in",
                        {{"time", "{time}"}}));
}

/// The page on the device leads nowhere else, and is told of nothing but its prompt.
void Page::set_approval() {
  if (!seen_.approval) return;
  set("state", approval_state(seen_));
  set("revision", approval_revision(seen_));
  set("channel", visit_.link);
  set("return_url", "");
  set("back_url", "");
}

bool Page::has_other(const usecase::Way* shown) const {
  return std::ranges::any_of(view().ways, [&](const usecase::Way& way) {
    return way.usable() && way.counts && (shown == nullptr || way.id != shown->id);
  });
}

std::string Page::codes_left_text() const {
  if (!view().codes_left) return {};
  std::string said = text("recovery.left", {{"n", std::to_string(*view().codes_left)}});
  if (domain::asks_for_new_set(*view().codes_left)) said.append(" ").append(text("recovery.renew"));
  return said;
}

void Page::set_recovery_code() {
  set("recovery", true);
  set("long_code", true);
  set("typed_code", kept_recovery_code(visit_.typed_code.expose()));
}

void Page::set_code_length(int digits) {
  digits_ = digits;
  set("digits", digits);
  set("long_code", digits > 6);
  set("typed_code", kept_code(visit_.typed_code.expose(), static_cast<std::size_t>(digits)));
}

void Page::set_stopped() {
  const auto& stopped = view().stopped;
  set("stopped", stopped.has_value());
  set("stopped_decide", stopped && stopped->may_decide);
  set("stopped_text", "");
  if (stopped)
    set("stopped_text", text("stopped.text", {{"what", what_was_stopped()}, {"when", date_time(stopped->lapses_at)}}));
}

std::string Page::what_was_stopped() const {
  const auto& stopped = *view().stopped;
  std::string what = text(fmt::format("change.{}", usecase::public_kind(stopped.kind)));
  if (!stopped.masked.empty()) what.append(" (").append(stopped.masked).append(")");
  return what;
}

void Page::set_facts() {
  const auto& display = view().display;
  html::List facts;
  if (!display.payee.empty()) facts.push_back(fact_of(text("fact.payee"), false, display.payee, true));
  if (display.amount) facts.push_back(fact_of(text("fact.amount"), false, amount_text(*display.amount), false));
  for (const auto& line : display.lines)
    facts.push_back(fact_of(line.label, true, line.value, true, line.replaces() ? line.previous : ""));
  if (facts.empty()) facts.push_back(fact_of(text("fact.what"), false, display.title, true));
  set("facts", std::move(facts));
}

bool Page::declines_passkey() const { return view().verified_at && visit_.way == "later"; }

bool Page::may_offer_passkey() const {
  const bool approved = view().verified_at && view().status != domain::TransactionStatus::kHeld;
  return approved && view().offers_passkey && seen_.proved_here && !declines_passkey() &&
         !site_.sessions.has_declined(visit_.request, view().account, view().identity);
}

bool Page::may_offer_device() const {
  const bool approved = view().verified_at && view().status != domain::TransactionStatus::kHeld;
  return approved && view().offers_device && seen_.proved_here && !declines_passkey() &&
         !site_.sessions.has_declined(visit_.request, view().account, view().identity);
}

std::string Page::manifest_url() const {
  const bool hands_over = view().is_operation && may_enrol();
  std::string url = fmt::format("/approve/manifest/{}?way={}", visit_.link, hands_over ? "" : "add_device");
  if (hands_over) url += "&k=" + site_.sessions.handover_token(view().id, site_.api.clock.now());
  return url;
}

bool Page::may_enrol() const { return may_enrol_from(site_, visit_, view()); }

std::string Page::text(std::string_view key, const std::map<std::string, std::string>& parameters) const {
  return language_.text(key, [&](std::string_view name) -> std::string {
    if (const auto given = parameters.find(std::string(name)); given != parameters.end())
      return html::isolated(given->second);
    return name == "brand" ? html::isolated(brand_.name) : "";
  });
}

std::string Page::amount_text(const domain::Amount& amount) const {
  return domain::format_amount(amount, language_.tag());
}

html::Html Page::text_to(std::string_view key, std::string_view target,
                         std::map<std::string, std::string> parameters) const {
  constexpr std::string_view kHere = "\x01";  // Occurs in no text.
  parameters.insert_or_assign("target", std::string(kHere));
  const std::string all = text(key, parameters);
  const auto at = all.find(kHere);
  if (at == std::string::npos) return html::Html(html_escaped(all));
  // The full stop after it stays with the word: it must not begin a line.
  const auto rest = all.find_first_not_of(".,", at + 1);
  const std::string stop = all.substr(at + 1, rest == std::string::npos ? rest : rest - at - 1);
  return html::Html(html_escaped(all.substr(0, at)) +
                    (target.contains('@') ? "<span class=\"target mail\">" : "<span class=\"target\">") +
                    html_escaped(target) + stop + "</span>" + html_escaped(all.substr(at + 1 + stop.size())));
}

std::string Page::date_time(WallTime time) const {
  return html::format_date_time(time, language_.tag(), brand_.zone.at(time));
}
std::string Page::date(WallTime time) const { return html::format_date(time, language_.tag(), brand_.zone.at(time)); }
std::string Page::time(WallTime time) const {
  std::string text = html::format_time(time, language_.tag(), brand_.zone.at(time));
  // In Spanish a time has an article: `a la 1:05 p.m.`, `a las 2:05 p.m.`
  if (is_same_language(language_.tag(), "es")) text.insert(0, text.starts_with("1:") ? "la " : "las ");
  return text;
}

std::string Page::url(std::string_view action,
                      std::initializer_list<std::pair<std::string_view, std::string_view>> query) const {
  return page_url(visit_, action, query);
}

std::string Page::address() const { return site_.api.context.settings.public_url + url(); }

void Page::say(std::string_view word, bool alert, std::string_view more, std::string_view field) {
  const std::map<std::string, std::string> parameters{
      {"until", note_.until ? time_from(*note_.until) : ""}, {"host", site_.host}, {"digits", std::to_string(digits_)}};
  said_ = text(fmt::format("note.{}.head", word), parameters);
  std::string said = text(fmt::format("note.{}.text", word), parameters);
  if (!more.empty()) said.append(" ").append(more);
  const bool is_warning = alert && field.empty();
  set("note", html::Object{{"kind", alert ? (is_warning ? "warn" : "") : "ok"},
                           {"alert", alert},
                           {"head", said_},
                           {"text", std::move(said)},
                           {"field", field}});
  set("error", alert);
  set("code_error", field == "code" ? said_ : "");
  set("name_error", field == "name" ? said_ : "");
}

std::string Page::compare_text(const usecase::Way& way) const {
  std::string said = text(compare_key(way.method));
  if (way.method == domain::Method::kRecoveryCode)
    said.append(" ").append(text("recovery.left", {{"n", std::to_string(way.codes_left)}}));
  if (!way.shows_display) said.append(" ").append(text("way.code_alone"));
  return said;
}

void Page::list_ways(const std::vector<usecase::Way>& ways) {
  html::List list;
  // A way that does not count comes last, and has no link.
  auto in_order = ways;
  std::ranges::stable_partition(in_order, &usecase::Way::counts);
  for (const auto& way : in_order) {
    html::Object entry{{"id", way.id},
                       {"label", label_of(*this, way)},
                       {"target", way.masked},
                       {"compare", compare_text(way)},
                       {"blocked", ""},
                       {"send", false},
                       {"off", !way.counts},
                       {"href", url("", {{"way", way.id}})},
                       {"strongest", ways.size() > 1 && way.id == ways.front().id && way.usable() && way.counts}};
    for (const std::string_view method :
         {"webauthn", "totp", "push", "sms", "whatsapp", "call", "email", "recovery_code"})
      entry.emplace(method, domain::to_text(way.method) == method);
    const bool sent = way.sent && way.sent->status == domain::VerificationStatus::kPending;
    const bool waits = !sent && way.send_from.has_value();
    // Devices are asked by a form of their own: it says which of them this browser is.
    const bool sends = domain::channel_of(way.method).has_value() && way.method != domain::Method::kPush;
    entry.insert_or_assign("send",
                           html::Value(sends && !sent && !waits && way.usable() && way.counts && !way.gets_none()));
    if (way.locked_until)
      entry.insert_or_assign("blocked", html::Value(text("way.locked", {{"until", time_from(*way.locked_until)}})));
    else if (way.disabled)
      entry.insert_or_assign("blocked", html::Value(text("way.disabled")));
    else if (way.stopped)
      entry.insert_or_assign("blocked", html::Value(text("way.stopped")));
    else if (way.counts_from)
      entry.insert_or_assign("blocked", html::Value(text("way.fresh_from", {{"when", date_time(*way.counts_from)}})));
    else if (!way.counts)
      entry.insert_or_assign("blocked", html::Value(text("way.fresh")));
    else if (way.unreachable)
      entry.insert_or_assign("blocked", html::Value(text(fmt::format("way.{}", domain::to_text(*way.unreachable)))));
    else if (waits)
      entry.insert_or_assign("blocked", html::Value(text("way.wait", {{"until", time_from(*way.send_from)}})));
    else if (!way.completes && view().judgement.kinds_needed == 1)
      entry.insert_or_assign("blocked", html::Value(text("way.company")));
    list.push_back(std::move(entry));
  }
  set("ways", std::move(list));
}

http::Response Page::render(std::string_view name) {
  set("page", name);
  set("asks_code", name == "code" || name == "enrol_totp");
  const auto title = std::ranges::find(kTitles, name, &std::pair<std::string_view, std::string_view>::first);
  if (!said_.empty())
    set("page_title", said_);
  else if (title != kTitles.end())
    set("page_title", text(title->second));
  http::Response response = html_response(site_, 200, site_.templates.render(name, values_, language_));
  if (with_worker_) pages::allow_worker(response);
  set_cookies(response);
  return response;
}

http::Response Page::go_back_without_passkey() const {
  http::Response response = see_other(site_, view().return_url);
  set_cookies(response);
  return response;
}

std::string Page::work() const {
  Moment moment{now(), site_.api.random};
  return usecase::work_for_page(site_.api.context.vault, visit_.id, moment);
}

void Page::set_cookies(http::Response& response) const {
  site_.sessions.remember(visit_.browser, response);
  if (visit_.lang_asked) site_.sessions.set_language(visit_.lang, response);
  if (!note_.word.empty()) site_.sessions.spend_note(response);
  if (seen_.just_proved) site_.sessions.set_proved(visit_.id, visit_.browser, site_.api.clock.now(), response);
  if (declines_passkey()) site_.sessions.set_declined(visit_.request, view().account, view().identity, response);
}

std::string label_of(const Page& page, const usecase::Way& way) {
  if (way.method == domain::Method::kTotp && !way.name.empty())
    return page.text("way.totp_named", {{"name", way.name}});
  return page.text(fmt::format("way.{}", domain::to_text(way.method)));
}

void say_note(Page& page, const usecase::Way* way) { say_note(page, way, page.note().word); }

void say_note(Page& page, const usecase::Way* way, std::string_view word) {
  const auto kind = std::ranges::find(kNotes, word, &NoteKind::word);
  if (kind == kNotes.end()) return;
  std::string more;
  if (kind->word == "wrong" && way != nullptr && way->sent && way->sent->attempts_left <= kAttemptsShown)
    more = page.text("attempts_left", {{"n", std::to_string(way->sent->attempts_left)}});
  const bool of_factor = kind->word == "wrong_app" || kind->word == "wrong_recovery";
  if (of_factor && way != nullptr && way->failures_left <= kAttemptsShown)
    more = page.text("attempts_left", {{"n", std::to_string(way->failures_left)}});
  if (kind->names_other_way && page.has_other(way)) more = page.text("or_other_way");
  if (kind->word == "one_more") more = page.codes_left_text();
  page.say(kind->word, kind->alert, more, kind->field);
}

}  // namespace countersign::api::pages
