#include <charconv>

#include "demo/brazil/phone.h"
#include "demo/pages/pages.h"
#include "demo/pages/progress.h"
#include "demo/pages/view.h"
#include "html/qr_svg.h"

// Where the person returns. The page shows what the clerk has learnt from Countersign; returning proves nothing.
namespace countersign::demo {

namespace {

constexpr int kTriesMax = 20;  // Seconds of automatic reloads; after that a link is shown.

std::int64_t number_in_query(const Visit& visit, std::string_view name) {
  const auto text = visit.request.query_value(name).value_or("");
  std::int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

http::Response processed(Visit& visit, const Confirmation& confirmation) {
  const auto payout = find_payout(visit.desk.database, confirmation.organizer);
  return visit.page("confirmed",
                    {{"title", visit.text("confirmed.title")},
                     {"text", visit.text(published_the_event(visit.desk.database, confirmation) ? "confirmed.published"
                                                                                                : "confirmed.changed")},
                     {"account", facts_view(payout_facts(payout->payout, visit.language, Detail::kMasked))},
                     {"receipt", confirmation.receipt_id}});
}

/// Countersign was not polled since the person returned: trigger it now, and the page reloads itself.
http::Response waiting(Visit& visit, const Confirmation& confirmation, WallTime since) {
  look_soon(visit.desk.database, confirmation.id, visit.desk.clock.now());
  visit.desk.clerk.nudge();
  const auto tries = number_in_query(visit, "n");
  const std::string again = "?since=" + std::to_string(to_micros(since)) + "&n=" + std::to_string(tries + 1);
  return visit.page("confirming", {{"title", visit.text("confirming.title")},
                                   {"refresh", tries < kTriesMax ? "1;url=" + again : ""},
                                   {"slow", tries >= kTriesMax},
                                   {"again", "?n=0"}});
}

http::Response not_confirmed(Visit& visit, const Confirmation& confirmation, std::string_view how) {
  const std::string prefix = "ended." + std::string(how);
  const bool first_denied = how == "denied" && visit.organizer->payouts != "paused";
  return visit.page("not_confirmed", {{"title", visit.text(prefix + ".title")},
                                      {"text", visit.text(prefix + (first_denied ? ".text_first" : ".text"))},
                                      {"open", how == "held"},
                                      {"denied", how == "denied"},
                                      {"confirmation", confirmation.id}});
}

/// Only if this browser's organiser began it.
std::optional<Confirmation> own_confirmation(const Visit& visit) {
  auto found = find_confirmation(visit.desk.database, visit.request.params.front());
  if (!found || !visit.organizer || found->organizer != visit.organizer->id) return std::nullopt;
  return found;
}

/// The sentence that names what she confirms with.
std::string_view by_what(const CountersignClient::Methods& methods) {
  if (methods.app) return methods.device ? "security.three" : "security.both";
  return methods.device ? "security.both_device" : "security.sms";
}

/// Where she adds a method, at Countersign, and returns to `return_url`; empty where it has no such page now. Returning
/// proves nothing: the dashboard asks Countersign.
std::string page_that_adds(const Visit& visit, std::string_view method, std::string_view return_url) {
  const auto page =
      visit.desk.countersign.begin_addition(visit.organizer->identity, method, return_url, visit.language.tag());
  if (page) return *page;
  visit.desk.on_problem("add " + std::string(method) + ": " +
                        (page.error().status == 0 ? "no answer" : page.error().code));
  return {};
}

}  // namespace

http::Response confirmation_page(Visit& visit) {
  const auto confirmation = own_confirmation(visit);
  if (!confirmation) {
    html::Object values{{"title", visit.text("not_found.title")}};
    if (!visit.has_cookie) values.insert({"notice", visit.text("notice.no_cookies")});
    return visit.page("not_found", std::move(values), 404);
  }
  const auto& state = confirmation->state;
  if (state == "claimed" || state == "released") return processed(visit, *confirmation);
  if (state != "held") return not_confirmed(visit, *confirmation, state == "withdrawn" ? "canceled" : state);
  const auto asked_since = number_in_query(visit, "since");
  const auto since = asked_since > 0 ? from_micros(asked_since) : visit.desk.clock.now();
  if (confirmation->looked_at < since) return waiting(visit, *confirmation, since);
  return not_confirmed(visit, *confirmation, "held");
}

http::Response give_up(Visit& visit) {
  const auto confirmation = own_confirmation(visit);
  if (!confirmation || !visit.form_is_genuine) return visit.go_back("/organizar");
  Moment moment = visit.desk.moment();
  withdraw(visit.desk.database, confirmation->id, moment);
  visit.desk.clerk.nudge();
  return visit.go("/organizar/revisao");
}

http::Response dashboard(Visit& visit) {
  if (!visit.organizer || !visit.organizer->is_established()) return visit.go(next_step(visit));
  auto& database = visit.desk.database;
  const auto payout = find_payout(database, visit.organizer->id);
  const auto event =
      database.one("SELECT id, details FROM events WHERE organizer = :organizer", {{"organizer", visit.organizer->id}});
  const auto last = last_confirmation(database, visit.organizer->id);
  const auto shown = event_from_json(event->text("details"));
  // Where Countersign does not answer, the offers stand: they are harmless to an app or a device that is there.
  const auto methods =
      visit.desk.countersign.methods_of(visit.organizer->identity).value_or(CountersignClient::Methods{});
  html::Object values{
      {"title", visit.text("dashboard.title")},
      {"event", shown.name},
      {"event_lang", other_language(shown.language, visit.language)},
      {"href", "/eventos/" + event->text("id")},
      {"payouts_on", visit.organizer->payouts == "on"},
      {"account", facts_view(payout_facts(payout->payout, visit.language, Detail::kMasked))},
      {"receipt", payout->receipt_id},
      {"by_what", visit.text(by_what(methods), {{"mobile", unbroken(mask_mobile(visit.organizer->mobile))}})},
      {"has_app", methods.app},
      {"has_device", methods.device},
      {"open", last && last->state == "held" ? "/organizar/confirmacao/" + last->id : ""}};
  if (visit.request.query_value("app")) values.insert({"notice", visit.text("notice.app_unavailable")});
  return visit.page("dashboard", std::move(values));
}

http::Response add_authenticator(Visit& visit) {
  if (!visit.form_is_genuine || !visit.organizer || !visit.organizer->is_established())
    return visit.go_back("/organizar/painel");
  const auto page = page_that_adds(visit, "totp", visit.desk.public_url + "/organizar/painel");
  return visit.go(page.empty() ? "/organizar/painel?app=unavailable" : page);
}

http::Response add_device(Visit& visit) {
  if (!visit.form_is_genuine || !visit.organizer || !visit.organizer->is_established())
    return visit.go_back("/organizar/painel");
  const auto page = page_that_adds(visit, "push", "");  // The telephone is not signed in here.
  if (page.empty()) return visit.go("/organizar/painel?app=unavailable");
  // The device is another browser than this one, so the address is shown. It adds nothing without a proof there.
  auto qr = html::qr_svg(page, visit.text("device.qr")).value_or("");
  return visit.page("device",
                    {{"title", visit.text("device.title")}, {"address", page}, {"qr", html::Html(std::move(qr))}});
}

http::Response open_security(Visit& visit) {
  if (!visit.form_is_genuine || !visit.organizer || !visit.organizer->is_established())
    return visit.go_back("/organizar/painel");
  const auto page = visit.desk.countersign.open_methods_page(
      visit.organizer->identity, visit.desk.public_url + "/organizar/painel", visit.language.tag());
  if (page) return visit.go(*page);
  visit.desk.on_problem("open the security page: " + (page.error().status == 0 ? "no answer" : page.error().code));
  return visit.go("/organizar/painel?app=unavailable");
}

}  // namespace countersign::demo
