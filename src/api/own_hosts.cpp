#include "api/own_hosts.h"

#include "api/problem.h"

namespace countersign::api {

http::Handler for_own_hosts(http::OwnHosts hosts, http::Handler handler) {
  return [hosts = std::move(hosts), handler = std::move(handler)](http::Request request, http::Reply reply) {
    if (!hosts.serve(request)) {
      return reply.send(problem_response(421, "foreign_host",
                                         "this is shown at localhost, at an IP address or at the public URL alone"));
    }
    handler(std::move(request), std::move(reply));
  };
}

}  // namespace countersign::api
