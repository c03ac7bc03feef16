#pragma once

#include "base/ip.h"
#include "http/request.h"

#include <vector>

namespace countersign::api {

/// The client's address: the peer's, or, if that is a trusted proxy, the one that the proxy reports. [THR-9]
[[nodiscard]] IpAddress client_of(const http::Request& request, const std::vector<Cidr>& trusted_proxies);

}  // namespace countersign::api
