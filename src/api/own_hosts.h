#pragma once

#include "http/own_hosts.h"
#include "http/reply.h"

namespace countersign::api {

/// `handler` for requests to one of those hosts; 421 `foreign_host` for others.
[[nodiscard]] http::Handler for_own_hosts(http::OwnHosts hosts, http::Handler handler);

}  // namespace countersign::api
