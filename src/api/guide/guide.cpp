#include "api/guide/guide.h"

#include "api/own_hosts.h"
#include "api/page_headers.h"
#include "assets/assets.h"

namespace countersign::api {

void add_guide_routes(http::Router& router, const http::OwnHosts& hosts, const FailurePages& failures,
                      TryItParts parts) {
  using enum http::Method;
  const auto add = [&](http::Method method, std::string_view path, std::string_view name, http::Handler handler) {
    router.add(method, path, name, failures.for_browsers(for_own_hosts(hosts, std::move(handler))));
  };
  const auto page = [](std::string_view file) {
    return [file](const http::Request&, http::Reply reply) {
      reply.send(developer_page(std::string(assets::page(file))));
    };
  };
  add(kGet, "/docs", "guide", page("guide.html"));
  add(kGet, "/docs/verify-v2", "guide_verify", page("guide-verify-v2.html"));
  add(kGet, "/docs/try", "guide_names", try_it_names(parts));
  add(kPost, "/docs/try", "guide_try", try_it(std::move(parts)));
}

}  // namespace countersign::api
