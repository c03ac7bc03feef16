#include "api/pages/site.h"

#include <algorithm>

#include "base/encoding.h"

namespace countersign::api::pages {

const Brand& Site::brand(const usecase::ServiceSettings* service) const {
  static const Brand kNone{"Countersign", "", {}, "", "", {}};
  if (service == nullptr) return kNone;
  const auto found = settings.brands.find(service->id);
  return found == settings.brands.end() ? kNone : found->second;
}

const ServiceId* Site::only_service() const {
  const auto& all = settings.brands;
  if (all.empty()) return nullptr;
  const auto& [id, first] = *all.begin();
  const bool one = std::ranges::all_of(all, [&](const auto& entry) { return entry.second.name == first.name; });
  return one ? &id : nullptr;
}

std::optional<Visit> visit_of(const Site& site, http::Request request) {
  const std::string link = request.params.at(0);
  const auto dot = link.find('.');
  const auto id = TransactionId::parse(link.substr(0, dot));
  if (!id || dot == std::string::npos) return std::nullopt;
  Visit visit;
  visit.link = link;
  visit.methods = request.path.starts_with("/methods/");
  visit.any = request.path.starts_with("/approve/open/") || request.path.starts_with("/approve/manifest/");
  visit.approval = !visit.any && request.path.starts_with("/approve/");
  visit.id = *id;
  visit.secret = SecretString(link.substr(dot + 1));
  // A link needs no escaped characters; one spelt otherwise is not ours.
  if (!from_base64url(visit.secret.expose())) return std::nullopt;
  visit.browser = site.sessions.browser_of(request, site.api.random);
  visit.way = request.query_value("way").value_or("");
  visit.enrol = request.query_value("enrol").value_or("");
  const auto lang = request.query_value("lang");
  const html::Language* language = lang ? site.catalogue.find(*lang) : nullptr;
  const std::string before = site.sessions.language_of(request);
  visit.lang_asked = language != nullptr && language->tag() != before;
  if (language == nullptr) language = site.catalogue.find(before);
  if (language != nullptr) visit.lang = language->tag();
  // A URL copied into another browser says nothing about that browser.
  const bool from_form = request.header("sec-fetch-site").value_or("same-origin") == "same-origin";
  visit.cookies_refused = visit.browser.is_new && from_form && request.query_value("cookies").has_value();
  visit.request = std::move(request);
  return visit;
}

const html::Language& language_for(const Site& site, const http::Request& request) {
  const auto lang = request.query_value("lang");
  const html::Language* language = lang ? site.catalogue.find(*lang) : nullptr;
  if (language == nullptr) language = site.catalogue.find(site.sessions.language_of(request));
  if (language == nullptr) language = site.catalogue.negotiate(request.header("accept-language").value_or(""));
  return language != nullptr ? *language : *site.catalogue.find("en");
}

const html::Language& language_for(const Site& site, const Visit& visit, const usecase::PersonView& view) {
  const html::Language* language = visit.lang.empty() ? nullptr : site.catalogue.find(visit.lang);
  if (language == nullptr && view.locale_chosen) language = site.catalogue.find(view.locale);
  if (language == nullptr) language = site.catalogue.negotiate(visit.request.header("accept-language").value_or(""));
  if (language == nullptr) language = site.catalogue.find(view.locale);
  return language != nullptr ? *language : *site.catalogue.find("en");
}

std::string page_url(const Visit& visit, std::string_view action,
                     std::initializer_list<std::pair<std::string_view, std::string_view>> query) {
  std::string url = (visit.approval ? "/approve/" : visit.methods ? "/methods/" : "/verify/") + visit.link;
  if (!action.empty()) url.append("/").append(action);
  char separator = '?';
  const auto add = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    url += separator;
    url.append(name).append("=").append(percent_encode(value));
    separator = '&';
  };
  for (const auto& [name, value] : query) add(name, value);
  add("lang", visit.lang);
  return url;
}

}  // namespace countersign::api::pages
