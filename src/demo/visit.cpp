#include "demo/visit.h"

#include "assets/assets.h"
#include "base/encoding.h"

namespace countersign::demo {

namespace {

constexpr std::string_view kLanguageCookie = "palco_lang";
constexpr auto kCookieLife = "; Path=/; Max-Age=2592000; SameSite=Lax";

/// On https the cookie's name prefix prevents other hosts of the domain from setting it (RFC 6265bis, __Host-).
bool is_https(const Desk& desk) { return desk.public_url.starts_with("https://"); }
std::string visitor_cookie(const Desk& desk) { return is_https(desk) ? "__Host-palco" : "palco"; }

std::string_view cookie(const http::Request& request, std::string_view name) {
  for (auto header : request.header_values("cookie")) {
    while (!header.empty()) {
      auto one = header.substr(0, header.find(';'));
      header.remove_prefix(std::min(one.size() + 1, header.size()));
      while (one.starts_with(' ')) one.remove_prefix(1);
      if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
        return one.substr(name.size() + 1);
    }
  }
  return {};
}

std::optional<Visitor> known_visitor(const Desk& desk, const http::Request& request) {
  return Visitor::from_cookie(cookie(request, visitor_cookie(desk)));
}

/// The token shows that this site made the form for this browser; Origin, if sent, that a page of this site sent it.
bool is_genuine(const http::Request& request, const http::Form& form, const Visitor& visitor) {
  const auto origin = request.header("origin").value_or("");
  const std::string here = "://" + std::string(request.header("host").value_or(""));
  if (!origin.empty() && !origin.ends_with(here)) return false;
  return equal_constant_time(form.value("form_token").value_or(""), visitor.form_token());
}

}  // namespace

const html::Language& language_for(const html::Catalogue& catalogue, std::string_view accept_language) {
  const auto* wished = catalogue.negotiate(accept_language);
  return wished != nullptr ? *wished : *catalogue.find("pt-BR");
}

const html::Language& language_of(const html::Catalogue& catalogue, const http::Request& request) {
  for (const auto& tag : {request.query_value("lang").value_or(""), std::string(cookie(request, kLanguageCookie))}) {
    if (const auto* language = tag.empty() ? nullptr : catalogue.find(tag)) return *language;
  }
  return language_for(catalogue, request.header("accept-language").value_or(""));
}

Visit::Visit(const Desk& the_desk, const http::Request& the_request)
    : desk(the_desk),
      request(the_request),
      has_cookie(known_visitor(desk, request).has_value()),
      visitor(has_cookie ? *known_visitor(desk, request) : Visitor::make(desk.random)),
      language(language_of(desk.catalogue, request)),
      organizer(find_organizer(desk.database, visitor)) {
  if (request.method != http::Method::kPost) return;
  form = http::parse_form(request.body).value_or(http::Form{});
  form_is_genuine = is_genuine(request, form, visitor);
}

bool Visit::was_sent_without_cookies() const { return request.query_value("cookies") && !has_cookie; }

bool Visit::has_chosen_language() const {
  return desk.catalogue.find(std::string(cookie(request, kLanguageCookie))) != nullptr;
}

std::string Visit::step_text(int number) const {
  if (organizer && organizer->is_established()) return "";
  return text("step.of", {{"number", std::to_string(number)}});
}

html::Object Visit::common() const {
  html::List languages;
  for (const auto& other : desk.catalogue.languages()) {
    if (&other == &language) continue;
    languages.push_back(
        {{"tag", other.tag()}, {"name", other.text("language.name")}, {"href", "?lang=" + other.tag()}});
  }
  return {{"lang", language.tag()},
          {"languages", std::move(languages)},
          {"css", assets::url("demo.css")},
          {"form_token", visitor.form_token()},
          {"established", organizer && organizer->is_established()},
          {"notice", was_sent_without_cookies() ? text("notice.no_cookies") : ""},
          {"refresh", ""}};
}

http::Response Visit::page(std::string_view name, html::Object values, int status) const {
  values.merge(common());
  http::Response response{status, "text/html; charset=utf-8", desk.templates.render(name, values, language)};
  // A form may lead to Countersign's page: browsers check every redirect against form-action.
  response.headers = {{"Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
                       "frame-ancestors 'none'; form-action 'self' " +
                           desk.countersign_origin},
                      {"Referrer-Policy", "same-origin"},
                      {"Cross-Origin-Opener-Policy", "same-origin"},
                      {"Set-Cookie", visitor_cookie(desk) + "=" + visitor.cookie() + kCookieLife + "; HttpOnly" +
                                         (is_https(desk) ? "; Secure" : "")}};
  if (request.query_value("lang"))
    response.headers.emplace_back("Set-Cookie", std::string(kLanguageCookie) + "=" + language.tag() + kCookieLife);
  return response;
}

http::Response Visit::go(std::string_view where) const {
  return {303, "", "", {{"Location", std::string(where)}, {"Referrer-Policy", "same-origin"}}};
}

http::Response Visit::go_back(std::string_view otherwise) const {
  return go(has_cookie ? otherwise : "/organizar/conta?cookies=no");
}

}  // namespace countersign::demo
