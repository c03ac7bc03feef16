#include "api/pages/page.h"

#include <fmt/format.h>

#include <algorithm>

#include "domain/display.h"
#include "html/format.h"
#include "usecase/notices.h"

namespace countersign::api::pages {

namespace {

/// The words that forms leave behind, and whether each is an error.
struct NoteKind {
  std::string_view word;
  bool alert;
  bool about_field;
};
constexpr std::array kNotes{
    NoteKind{"wrong", true, true},          NoteKind{"wrong_app", true, true},     NoteKind{"empty", true, true},
    NoteKind{"length", true, true},         NoteKind{"name", true, false},         NoteKind{"exhausted", true, false},
    NoteKind{"too_soon", true, false},      NoteKind{"sends_out", true, false},    NoteKind{"busy", true, false},
    NoteKind{"not_yet", true, false},       NoteKind{"upstream", true, false},     NoteKind{"way_gone", true, false},
    NoteKind{"stale", true, false},         NoteKind{"enrol_again", true, false},  NoteKind{"enrol_not", true, false},
    NoteKind{"lost", true, false},          NoteKind{"sent", false, false},        NoteKind{"checking", false, false},
    NoteKind{"one_more", false, false},     NoteKind{"fresh", false, false},       NoteKind{"enrolled", false, false},
    NoteKind{"enrolled_use", false, false}, NoteKind{"stopped_gone", true, false}, NoteKind{"cookies", true, false}};

constexpr int kAttemptsShown = 3;  // More is no help, and tempts.

html::Object fact_of(std::string label, std::string value, std::string previous = "") {
  return {{"label", std::move(label)}, {"value", std::move(value)}, {"previous", std::move(previous)}};
}

std::string compare_key(domain::Method method) { return fmt::format("compare.{}", domain::to_text(method)); }

}  // namespace

Page::Page(const Site& site, const Visit& visit, const Seen& seen)
    : site_(site),
      visit_(visit),
      seen_(seen),
      language_(language_for(site, visit, seen.view)),
      brand_(site.brand(seen.view.service)),
      note_(site.sessions.note_of(visit.request, visit.id)) {
  if (visit.cookies_refused) note_.word = "cookies";
  set_frame();
  set_facts();
}

void Page::set_frame() {
  const ServiceId* service = view().service == nullptr ? nullptr : &view().service->id;
  values_ = frame_values(site_, language_, brand_, service, now());
  set("test", is_test(view().account));
  set("title", view().display.title);
  set("poll", url("state"));
  set("state", state_word(view()));
  set("revision", revision_of(view()));
  set("transaction", view().id.text());
  set("error", false);
  set("note", false);
  set("field_error", false);
  set("return_url", view().return_url);
  set("page_href", url());
  set("choose_href", url("", {{"way", "choose"}}));
  set("deny_href", url("", {{"way", "deny"}}));
  set("change_href", url("", {{"way", "change"}}));
  set_stopped();
  set("enrol_href", url("", {{"way", "enrol"}}));
  for (const std::string_view action : {"send", "check", "deny", "enrol", "confirm", "decide"})
    set(fmt::format("{}_action", action), url(action));
  Moment moment{site_.api.clock.now(), site_.api.random};
  set("token", site_.sessions.form_token(view().id, visit_.browser, moment));
  set("enrol", may_enrol() || view().may_add);
  set("enrol_later", !view().enrol_counts && !view().is_operation && view().status == domain::TransactionStatus::kHeld);
  set("held", view().status == domain::TransactionStatus::kHeld);
  set("leave", !view().is_operation && view().status != domain::TransactionStatus::kHeld);
  set("others", view().ways.size() > 1);
  html::List languages;
  for (const auto& other : site_.catalogue.languages()) {
    if (other.tag() == language_.tag()) continue;
    Visit there{{}, visit_.link, visit_.id, {}, {}, {}, {}, other.tag()};
    languages.push_back({{"href", page_url(there, "", {{"way", visit_.way}, {"enrol", visit_.enrol}})},
                         {"tag", other.tag()},
                         {"label", other.text("language.name")}});
  }
  set("languages", std::move(languages));
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
  if (!display.payee.empty()) facts.push_back(fact_of(text("fact.payee"), display.payee));
  if (display.amount) {
    facts.push_back(fact_of(text("fact.amount"), amount_text(*display.amount)));
  }
  for (const auto& line : display.lines)
    facts.push_back(fact_of(line.label, line.value, line.replaces() ? line.previous : ""));
  if (facts.empty()) facts.push_back(fact_of(text("fact.what"), display.title));
  set("facts", std::move(facts));
}

bool Page::may_enrol() const { return may_enrol_from(site_, visit_, view()); }

std::string Page::text(std::string_view key, const std::map<std::string, std::string>& parameters) const {
  return language_.text(key, [&](std::string_view name) -> std::string {
    if (const auto given = parameters.find(std::string(name)); given != parameters.end()) return given->second;
    return name == "brand" ? brand_.name : "";
  });
}

std::string Page::amount_text(const domain::Amount& amount) const {
  return domain::format_amount(amount, language_.tag());
}

std::string Page::date_time(WallTime time) const {
  return html::format_date_time(time, language_.tag(), brand_.zone.at(time));
}
std::string Page::time(WallTime time) const { return html::format_time(time, language_.tag(), brand_.zone.at(time)); }

std::string Page::url(std::string_view action,
                      std::initializer_list<std::pair<std::string_view, std::string_view>> query) const {
  return page_url(visit_, action, query);
}

void Page::say(std::string_view word, bool alert, std::string_view more, bool about_field) {
  const std::map<std::string, std::string> parameters{
      {"until", note_.until ? time_from(*note_.until) : ""},
      {"host", site_.host},
      {"digits", std::to_string(view().service == nullptr ? 6 : view().service->code_length)}};
  std::string said = text(fmt::format("note.{}.text", word), parameters);
  if (!more.empty()) said.append(" ").append(more);
  const bool is_warning = alert && !about_field;
  set("note", html::Object{{"kind", alert ? (is_warning ? "warn" : "") : "ok"},
                           {"alert", alert},
                           {"head", text(fmt::format("note.{}.head", word), parameters)},
                           {"text", std::move(said)},
                           {"field", about_field}});
  set("error", alert);
  set("field_error", about_field);
}

void Page::list_ways(const std::vector<usecase::Way>& ways) {
  html::List list;
  // What does not count comes last, and leads nowhere.
  auto in_order = ways;
  std::ranges::stable_partition(in_order, &usecase::Way::counts);
  for (const auto& way : in_order) {
    html::Object entry{{"id", way.id},
                       {"label", label_of(*this, way)},
                       {"target", way.masked},
                       {"compare", text(compare_key(way.method))},
                       {"blocked", ""},
                       {"send", false},
                       {"off", !way.counts},
                       {"href", url("", {{"way", way.id}})},
                       {"strongest", ways.size() > 1 && way.id == ways.front().id && way.usable() && way.counts}};
    for (const std::string_view method : {"totp", "sms", "whatsapp", "call", "email"})
      entry.emplace(method, domain::to_text(way.method) == method);
    const bool sent = way.sent && way.sent->status == domain::VerificationStatus::kPending;
    const bool waits = !sent && way.send_from.has_value();
    entry.insert_or_assign("send", html::Value(domain::channel_of(way.method).has_value() && !sent && !waits &&
                                               way.usable() && way.counts));
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
  http::Response response = html_response(site_, 200, site_.templates.render(name, values_, language_));
  site_.sessions.remember(visit_.browser, response);
  if (!note_.word.empty()) site_.sessions.spend_note(response);
  return response;
}

std::string label_of(const Page& page, const usecase::Way& way) {
  if (way.method == domain::Method::kTotp && !way.name.empty())
    return page.text("way.totp_named", {{"name", way.name}});
  return page.text(fmt::format("way.{}", domain::to_text(way.method)));
}

void say_note(Page& page, const usecase::Way* way) {
  const auto kind = std::ranges::find(kNotes, page.note().word, &NoteKind::word);
  if (kind == kNotes.end()) return;
  std::string more;
  if (kind->word == "wrong" && way != nullptr && way->sent && way->sent->attempts_left <= kAttemptsShown)
    more = page.text("attempts_left", {{"n", std::to_string(way->sent->attempts_left)}});
  if (kind->word == "wrong_app" && way != nullptr && way->failures_left <= kAttemptsShown)
    more = page.text("attempts_left", {{"n", std::to_string(way->failures_left)}});
  page.say(kind->word, kind->alert, more, kind->about_field);
}

}  // namespace countersign::api::pages
