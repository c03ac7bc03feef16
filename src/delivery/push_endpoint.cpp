#include "delivery/push_endpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/ascii.h"
#include "base/check.h"
#include "base/ip.h"
#include "delivery/webhook_url.h"

namespace countersign::delivery {

namespace {

bool is_push_host(std::string_view host, const std::vector<std::string>& hosts) {
  return hosts.empty() || std::ranges::any_of(hosts, [&](const std::string& one) {
           return one.starts_with('.') ? host.size() > one.size() && host.ends_with(one) : host == one;
         });
}

}  // namespace

Result<std::string, std::string> read_push_endpoint(std::string_view text, const PushEndpointRules& rules) {
  const auto normal = read_webhook_url(text, rules.addresses, rules.plain_http);
  if (!normal) return fail(normal.error());
  const auto url = boost::urls::parse_uri({normal->data(), normal->size()});
  CS_CHECK(url.has_value());
  if (!is_push_host(std::string_view(url->encoded_host()), rules.hosts))
    return fail(std::string("is not at a push service of the operator's list"));
  return std::string(text);
}

bool is_nearby_endpoint(std::string_view endpoint) {
  const auto url = boost::urls::parse_uri({endpoint.data(), endpoint.size()});
  CS_CHECK(url.has_value());
  std::string host = lower_case(std::string_view(url->encoded_host()));
  if (host == "localhost") return true;
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  return address && !address->is_public();
}

std::string origin_of_endpoint(std::string_view endpoint) {
  const auto url = boost::urls::parse_uri({endpoint.data(), endpoint.size()});
  CS_CHECK(url.has_value());
  const bool tls = url->scheme_id() == boost::urls::scheme::https;
  const unsigned port = url->port_number();
  std::string host = lower_case(std::string_view(url->encoded_host()));
  std::string origin = fmt::format("{}://{}", tls ? "https" : "http", host);
  if (port != 0 && port != (tls ? 443U : 80U)) origin += fmt::format(":{}", port);
  return origin;
}

}  // namespace countersign::delivery
