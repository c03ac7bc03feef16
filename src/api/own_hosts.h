#pragma once

#include "http/own_hosts.h"
#include "http/reply.h"

namespace countersign::api {

/// Passes requests for one of those hosts to `handler`; 421 `foreign_host` for others.
[[nodiscard]] http::Handler for_own_hosts(http::OwnHosts hosts, http::Handler handler);

}  // namespace countersign::api
