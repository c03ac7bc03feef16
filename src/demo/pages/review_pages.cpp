#include "demo/brazil/phone.h"
#include "demo/pages/pages.h"
#include "demo/pages/progress.h"
#include "demo/pages/view.h"

// Step 4: shows all answers, then goes to Countersign.
namespace countersign::demo {

namespace {

html::Object section(const Visit& visit, std::string_view name, std::string_view change,
                     const std::vector<Fact>& facts) {
  return {{"heading", visit.text("step." + std::string(name))}, {"change", change}, {"facts", facts_view(facts)}};
}

html::Object account_section(const Visit& visit, const Review& review) {
  const auto& account = review.account;
  return section(visit, "account", review.organizer.is_established() ? "" : "/organizar/conta",
                 {{visit.text("label.name"), account.name},
                  {visit.text("label.email"), account.email},
                  {visit.text("label.mobile"), format_mobile(account.mobile)},
                  {visit.text("label.document"), format_document(account.document)}});
}

html::Object event_section(const Visit& visit, const Event& event) {
  const std::string other = other_language(event.language, visit.language);
  std::vector<Fact> facts{{visit.text("label.event"), event.name, other},
                          {visit.text("label.date"), format_event_time(event, visit.language)},
                          {visit.text("label.venue"), event.venue, other},
                          {visit.text("label.postal_code"), event.postal_code}};
  for (const auto& lot : event.lots)
    facts.push_back({lot.name,
                     visit.text("lot.summary", {{"price", format_price(lot.price_cents, visit.language)},
                                                {"n", std::to_string(lot.tickets)},
                                                {"tickets", format_tickets(lot.tickets, visit.language)}}),
                     "", other});
  return section(visit, "event", "/organizar/evento", facts);
}

http::Response show_review(Visit& visit, const Review& review, std::string_view notice, int status = 200) {
  html::List sections;
  if (review.event) {
    sections.push_back(account_section(visit, review));
    sections.push_back(event_section(visit, *review.event));
  }
  const std::string heading = visit.text(review.current ? "review.change" : "review.heading");
  const std::string step = visit.step_text(4);
  html::Object values{
      {"title", heading + (step.empty() ? "" : " · " + step)},
      {"heading", heading},
      {"step", step},
      {"sections", std::move(sections)},
      {"payout", facts_view(payout_facts(review.payout, visit.language, Detail::kFull))},
      {"changing", review.current.has_value()},
      {"current",
       review.current ? facts_view(payout_facts(*review.current, visit.language, Detail::kMasked)) : html::List{}},
      {"contact", visit.text(review.current ? "review.contact_any" : "review.contact",
                             {{"mobile", unbroken(mask_mobile(review.account.mobile))}})},
      {"review", review.id}};
  if (!notice.empty()) values.insert({"notice", visit.text(notice)});
  return visit.page("review", std::move(values), status);
}

/// By text, and where that does not reach her by WhatsApp.
json::array contacts_of(const std::string& mobile) {
  json::array contacts;
  for (const std::string_view channel : {"sms", "whatsapp"})
    contacts.push_back(json::object{{"channel", channel}, {"address", mobile}});
  return contacts;
}

/// What Countersign shows on its page and in its messages before the approval, and what it seals until then.
json::object hold_body(const Visit& visit, const Review& review) {
  json::array lines;
  const auto add = [&](const std::string& label, const std::string& value) {
    lines.push_back(json::object{{"label", label}, {"value", value}});
  };
  const std::string name = short_name(review.payout, visit.language);
  const std::string before = review.current ? short_name(*review.current, visit.language) : "";
  if (review.current)
    lines.push_back(json::object{{"label", visit.text("display.account")}, {"value", name}, {"previous", before}});
  const bool is_person = review.account.document.kind == Document::Kind::kCpf;
  add(is_person ? "CPF" : "CNPJ", mask_document(review.account.document));
  // The short names of old and new account are enough to compare, unless they are equal.
  if (!review.current || name == before) {
    for (const auto& fact : payout_facts(review.payout, visit.language, Detail::kMasked)) add(fact.label, fact.value);
  }
  const auto title = visit.text(review.current ? "display.change" : "display.first");

  json::object body{
      {"type", review.current ? "payout_account.change" : "payout_account.first"},
      {"subject", {{"identity", review.organizer.identity}, {"contacts", contacts_of(review.account.mobile)}}},
      {"display", {{"title", title}, {"payee", review.account.name}, {"lines", std::move(lines)}}},
      {"payload", to_json(review.payout)},
      {"return_url", visit.desk.public_url + "/organizar/confirmacao/" + review.id},
      {"locale", visit.language.tag()},
      {"metadata", {{"confirmation", review.id}}}};
  if (const auto brief = message_name(review.payout, visit.language); !brief.empty())
    body["display"].as_object()["short"] = brief;
  if (visit.desk.confirm_seconds) body["expires_in"] = *visit.desk.confirm_seconds;
  return body;
}

/// As good as true where Countersign does not say.
bool has_more_than_a_number(CountersignClient& countersign, const Organizer& organizer) {
  const auto methods = countersign.methods_of(organizer.identity);
  return !methods || methods->any;
}

/// If a code is the only method, it is sent with the hold, and the page opens at its field. The code may be refused
/// because another was just sent, and the same review may already be held without one: the confirmation is the same
/// then, and the page says how to go on.
Result<CountersignClient::Held, ApiError> hold(const Visit& visit, const Review& review) {
  const json::object body = hold_body(visit, review);
  json::object with_code = body;
  with_code["send"] = "auto";
  auto& countersign = visit.desk.countersign;
  // If Countersign does not answer, no code is sent that an app may make unnecessary. Nobody has an app before the
  // first account.
  const bool may_have_app = review.current && has_more_than_a_number(countersign, review.organizer);
  const std::string key = "hold-" + review.id;
  const auto held = countersign.hold(may_have_app ? body : with_code, key);
  if (held) return held;
  if (may_have_app && held.error().code == "idempotency_key_reused") return countersign.hold(with_code, key);
  const bool is_refused = held.error().status >= 400 && held.error().status < 500;
  return !may_have_app && is_refused ? countersign.hold(body, key) : held;
}

http::Response not_held(Visit& visit, const Review& review, const ApiError& error) {
  if (error.code == "address_refused") return show_review(visit, review, "notice.mobile_refused", 422);
  visit.desk.on_problem("hold: " + (error.status == 0 ? "no answer" : error.code));
  return show_review(visit, review, "notice.unavailable", 503);
}

}  // namespace

http::Response review_page(Visit& visit) {
  const auto review = load_review(visit);
  if (!review) return visit.go(review.error());
  return show_review(visit, *review, visit.request.query_value("changed") ? "notice.changed" : "");
}

http::Response confirm(Visit& visit) {
  const auto review = load_review(visit);
  if (!review) return visit.go_back(review.error());
  // Only what was on the screen: an edit in another tab begins another review.
  if (!visit.form_is_genuine || visit.form.value("review") != review->id)
    return visit.go_back("/organizar/revisao?changed=1");

  Moment moment = visit.desk.moment();
  begin_confirmation(visit.desk.database, *review, moment);
  // One review is one transaction, even if the button is pressed twice, or again after a lost answer.
  const auto held = hold(visit, *review);
  if (!held) return not_held(visit, *review, held.error());
  note_transaction(visit.desk.database, review->id, held->transaction);
  return visit.go(held->verify_url + (visit.has_chosen_language() ? "?lang=" + visit.language.tag() : ""));
}

}  // namespace countersign::demo
