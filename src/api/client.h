#pragma once

#include "base/ip.h"
#include "http/request.h"

#include <vector>

namespace countersign::api {

/// Who is really calling: the connection's other end, or, where that is a trusted proxy, whom it says. [THR-9]
[[nodiscard]] IpAddress client_of(const http::Request& request, const std::vector<Cidr>& trusted_proxies);

}  // namespace countersign::api
