#include "api/operations/site_links.h"

#include <memory>
#include <utility>

#include "api/problem.h"
#include "base/ascii.h"
#include "http/own_hosts.h"

namespace countersign::api {

namespace {

/// An hour: phones ask through caches of their own, which keep it for a day.
constexpr auto kAge = "public, max-age=3600";

/// As RP IDs are written.
std::string name_in(std::string_view authority) {
  std::string_view host = http::host_of(authority);
  if (host.ends_with('.')) host.remove_suffix(1);
  return lower_case(host);
}

}  // namespace

void add_site_link_routes(http::Router& router, SiteLinks links) {
  const auto shared = std::make_shared<const SiteLinks>(std::move(links));
  const auto add = [&](std::string_view path, std::string_view name, std::string SiteDocuments::* document) {
    router.add(http::Method::kGet, path, name, [shared, document](const http::Request& request, http::Reply reply) {
      const auto found = shared->find(name_in(request.header("host").value_or("")));
      if (found == shared->end() || (found->second.*document).empty())
        return reply.send(problem_response(404, "not_found"));
      reply.send({200, "application/json", found->second.*document, {{"Cache-Control", kAge}}});
    });
  };
  add("/.well-known/webauthn", "related_origins", &SiteDocuments::related_origins);
  add("/.well-known/assetlinks.json", "android_apps", &SiteDocuments::android);
  add("/.well-known/apple-app-site-association", "apple_apps", &SiteDocuments::apple);
}

}  // namespace countersign::api
