#include "api/pages/answer.h"

#include <fmt/format.h>

#include "api/page_headers.h"
#include "api/pages/brand_files.h"
#include "api/pages/failure_page.h"
#include "assets/assets.h"
#include "html/format.h"

namespace countersign::api::pages {

namespace {

constexpr std::string_view kPermissionsPolicy =
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), "
    "payment=(), "
    "usb=(), otp-credentials=(self), publickey-credentials-get=(self), publickey-credentials-create=(self)";

void add_page_headers(bool https, http::Response& response) {
  auto& headers = response.headers;
  headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("Permissions-Policy", kPermissionsPolicy);
  headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  headers.emplace_back("X-Robots-Tag", "noindex, nofollow");
  if (https) headers.emplace_back("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
}

}  // namespace

http::Response html_response(bool https, int status, std::string body) {
  http::Response response{status, "text/html; charset=utf-8", std::move(body), {}};
  add_page_headers(https, response);
  return response;
}

http::Response html_response(const Site& site, int status, std::string body) {
  return html_response(site.https, status, std::move(body));
}

void allow_worker(http::Response& response) {
  for (auto& [name, value] : response.headers) {
    if (name == "Content-Security-Policy") value = kContentSecurityPolicyWithWorker;
  }
}

http::Response see_other(const Site& site, std::string location) {
  http::Response response{303, "", "", {}};
  add_page_headers(site.https, response);
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

html::Object frame_values(const Site& site, const html::Language& language, const Brand& brand,
                          const ServiceId* service, WallTime now) {
  return frame_values(site.host, language, brand, service, now);
}

html::Object frame_values(std::string_view host, const html::Language& language, const Brand& brand,
                          const ServiceId* service, WallTime now) {
  html::Object values;
  values.emplace("language", language.tag());
  values.emplace("now", to_rfc3339(now));
  values.emplace("brand", html::isolated(brand.name));
  values.emplace("foreign", "");
  values.emplace("here", "");
  values.emplace("back_url", brand.home_url);
  values.emplace("css", assets::url("verify.css"));
  values.emplace("script", assets::url("verify.js"));
  values.emplace("passkey_script", "");
  values.emplace("push_script", "");
  values.emplace("manifest", "");
  values.emplace("brand_css", service == nullptr ? "" : style_url(*service, brand));
  values.emplace("logo", service == nullptr ? "" : logo_url(*service, brand));
  values.emplace("host", host);
  values.emplace("support_url", brand.support_url);
  values.emplace("support_contact", brand.support_contact);
  values.emplace("time", "{time}");  // The script inserts the remaining time.
  values.emplace("test", false);
  values.emplace("languages", html::List{});
  return values;
}

html::List links_to_other_languages(const Site& site, const html::Language& language) {
  html::List links;
  for (const auto& other : site.catalogue.languages()) {
    if (other.tag() == language.tag()) continue;
    links.push_back({{"href", "?lang=" + other.tag()}, {"tag", other.tag()}, {"label", other.text("language.name")}});
  }
  return links;
}

http::Response unavailable(const Site& site, const http::Request& request, int status) {
  const html::Language& language = language_for(site, request);
  const ServiceId* service = site.only_service();
  const Brand& brand = service == nullptr ? site.brand(nullptr) : site.settings.brands.at(*service);
  html::Object values = frame_values(site, language, brand, service, site.api.clock.now());
  values.insert_or_assign("acted", request.method == http::Method::kPost);
  values.insert_or_assign("languages", links_to_other_languages(site, language));
  const auto back = language.text("back", {{"brand", html::isolated(brand.name)}});
  http::Response response =
      failure_page({site.templates, language, values, site.https}, {status, request.id, brand.home_url, back});
  if (request.query_value("lang") && language.tag() != site.sessions.language_of(request))
    site.sessions.set_language(language.tag(), response);
  return response;
}

http::Response broken(const Site& site, const Visit& visit, const usecase::PersonView& view) {
  const html::Language& language = language_for(site, visit, view);
  const Brand& brand = site.brand(view.service);
  const auto frame =
      frame_values(site, language, brand, view.service == nullptr ? nullptr : &view.service->id, site.api.clock.now());
  const auto back = language.text("back", {{"brand", html::isolated(brand.name)}});
  const std::string& where = view.return_url.empty() ? brand.home_url : view.return_url;
  return failure_page({site.templates, language, frame, site.https}, {500, visit.request.id, where, back});
}

}  // namespace countersign::api::pages
