#include "api/page_headers.h"

#include <algorithm>

namespace countersign::api {

http::Response developer_page(std::string html) {
  return {200,
          "text/html; charset=utf-8",
          std::move(html),
          {{"Content-Security-Policy", std::string(kContentSecurityPolicy)},
           {"Referrer-Policy", "no-referrer"},
           {"Cross-Origin-Opener-Policy", "same-origin"},
           {"Cross-Origin-Resource-Policy", "same-origin"}}};
}

bool says_another_site(const http::Request& request) {
  const auto site = request.header("sec-fetch-site");
  return site && *site != "same-origin" && *site != "none";
}

bool is_from_another_site(const http::Request& request) {
  if (request.header("sec-fetch-site")) return says_another_site(request);
  const auto origin = request.header("origin");
  if (!origin) return false;
  const auto host = request.header("host").value_or("");
  return origin->substr(std::min(origin->find("://") + 3, origin->size())) != host;
}

}  // namespace countersign::api
