#include "api/client.h"

#include <string>

namespace countersign::api {

IpAddress client_of(const http::Request& request, const std::vector<Cidr>& trusted_proxies) {
  std::string forwarded;
  for (const auto value : request.header_values("x-forwarded-for")) {
    if (!forwarded.empty()) forwarded += ',';
    forwarded += value;
  }
  return client_address(request.peer, forwarded, trusted_proxies);
}

}  // namespace countersign::api
