#include "http/own_hosts.h"

#include "base/ascii.h"
#include "base/ip.h"

namespace countersign::http {

namespace {

std::string_view authority_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find('/'));
}

bool is_localhost(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  if (host.size() < kName.size()) return false;
  const bool below = host.size() == kName.size() || host[host.size() - kName.size() - 1] == '.';
  return below && equals_ignoring_case(host.substr(host.size() - kName.size()), kName);
}

}  // namespace

std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    return end == std::string_view::npos ? std::string_view() : authority.substr(1, end - 1);
  }
  return authority.substr(0, authority.find(':'));
}

OwnHosts::OwnHosts(std::string_view public_url) : public_host_(host_of(authority_of(public_url))) {}

bool OwnHosts::has(std::string_view authority) const {
  const std::string_view host = host_of(authority);
  if (host.empty()) return false;
  return is_localhost(host) || IpAddress::parse(host).has_value() || equals_ignoring_case(host, public_host_);
}

bool OwnHosts::serve(const Request& request) const {
  const auto host = request.header("host");
  return host && has(*host);
}

}  // namespace countersign::http
