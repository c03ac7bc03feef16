#include "api/guide/guide.h"

#include "api/own_hosts.h"
#include "api/page_headers.h"
#include "assets/assets.h"

namespace countersign::api {

void add_guide_route(http::Router& router, const http::OwnHosts& hosts) {
  router.add(http::Method::kGet, "/docs", "guide", for_own_hosts(hosts, [](const http::Request&, http::Reply reply) {
               reply.send(developer_page(std::string(assets::page("guide.html"))));
             }));
}

}  // namespace countersign::api
