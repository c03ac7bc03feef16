#include "api/client.h"

#include <string>

#include "base/check.h"

namespace countersign::api {

IpAddress client_of(const http::Request& request, const std::vector<Cidr>& trusted_proxies) {
  std::string forwarded;
  for (const auto value : request.header_values("x-forwarded-for")) {
    if (!forwarded.empty()) forwarded += ',';
    forwarded += value;
  }
  const auto peer = IpAddress::parse(request.peer);
  CS_CHECK(peer.has_value());
  return client_address(*peer, forwarded, trusted_proxies);
}

}  // namespace countersign::api
