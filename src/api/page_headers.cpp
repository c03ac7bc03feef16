#include "api/page_headers.h"

#include <string_view>

namespace countersign::api {

http::Response developer_page(std::string html) {
  return {
      200,
      "text/html; charset=utf-8",
      std::move(html),
      {{"Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action "
        "'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"},
       {"Referrer-Policy", "no-referrer"},
       {"Cross-Origin-Opener-Policy", "same-origin"},
       {"Cross-Origin-Resource-Policy", "same-origin"}}};
}

bool is_from_another_site(const http::Request& request) {
  if (const auto site = request.header("sec-fetch-site")) return *site != "same-origin" && *site != "none";
  const auto origin = request.header("origin");
  if (!origin) return false;
  const auto host = request.header("host").value_or("");
  return origin->substr(std::min(origin->find("://") + 3, origin->size())) != host;
}

}  // namespace countersign::api
