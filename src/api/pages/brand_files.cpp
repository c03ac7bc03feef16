#include "api/pages/brand_files.h"

#include <fmt/format.h>

#include "api/problem.h"
#include "base/encoding.h"
#include "crypto/digest.h"
#include "html/colour.h"

namespace countersign::api::pages {

namespace {

std::string place_of(const ServiceId& service, std::string_view kind, std::string_view content,
                     std::string_view extension) {
  return fmt::format("/brand/{}/{}-{}.{}", service.text(), kind, to_hex(crypto::sha256(content).substr(0, 6)),
                     extension);
}

std::string style_of(const Brand& brand) {
  const auto accent = html::Colour::parse(brand.accent);
  if (!accent) return {};
  const html::AccentColours light = html::accent_on_light(*accent);
  const html::AccentColours dark = html::accent_on_dark(*accent);
  const auto rules = [](const html::AccentColours& c) {
    return fmt::format("--accent:{};--accent-ink:{};--accent-soft:{}", c.accent.text(), c.ink.text(), c.soft.text());
  };
  return fmt::format(":root{{{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n", rules(light), rules(dark));
}

void serve(const Site& site, const http::Request& request, http::Reply reply) {
  const auto service = ServiceId::parse(request.params.at(0));
  const auto brand = service ? site.settings.brands.find(*service) : site.settings.brands.end();
  if (brand == site.settings.brands.end()) return reply.send(problem_response(404, "not_found"));
  http::Response response;
  if (request.path == style_url(*service, brand->second)) {
    response.content_type = "text/css; charset=utf-8";
    response.body = style_of(brand->second);
  } else if (request.path == logo_url(*service, brand->second)) {
    response.content_type = brand->second.logo.content_type;
    response.body = brand->second.logo.bytes;
  } else {
    return reply.send(problem_response(404, "not_found"));
  }
  response.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  reply.send(std::move(response));
}

}  // namespace

std::string style_url(const ServiceId& service, const Brand& brand) {
  const std::string style = style_of(brand);
  return style.empty() ? "" : place_of(service, "style", style, "css");
}

std::string logo_url(const ServiceId& service, const Brand& brand) {
  if (brand.logo.bytes.empty()) return {};
  const std::string_view type = brand.logo.content_type;
  return place_of(service, "logo", brand.logo.bytes, type.substr(type.find('/') + 1));
}

void add_brand_routes(http::Router& router, const std::shared_ptr<const Site>& site) {
  router.add(http::Method::kGet, "/brand/{service}/{file}", "brand",
             [site](const http::Request& request, http::Reply reply) { serve(*site, request, std::move(reply)); });
}

}  // namespace countersign::api::pages
