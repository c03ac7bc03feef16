#include "delivery/webhook_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/ascii.h"
#include "base/ip.h"
#include "contact/host_name.h"

namespace countersign::delivery {

namespace {

constexpr std::size_t kUrlMax = 2048;
constexpr std::size_t kNameMax = 253;  // RFC 1035, section 2.3.4
constexpr std::size_t kNameLabelMax = 63;

/// A label may contain an underscore, as names in container networks do.
bool is_label_of_a_name(std::string_view label) {
  return label.size() <= kNameLabelMax && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

/// Some resolvers read a name whose last label is a number as an IPv4 address, others look it up.
bool can_be_a_name(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host.size() <= kNameMax && contact::all_parts_between_dots(host, is_label_of_a_name) &&
         !std::ranges::all_of(host.substr(host.rfind('.') + 1), is_digit);
}

bool is_local_name(std::string_view host) { return host == "localhost" || host.ends_with(".localhost"); }

/// The host in lower case, without a final dot, or the error.
Result<std::string, std::string> read_host(const boost::urls::url_view& url, AddressPolicy addresses) {
  using boost::urls::host_type;
  const bool guarded = addresses == AddressPolicy::kPublicOnly;
  std::string host = lower_case(std::string_view(url.encoded_host()));
  const auto kind = url.host_type();
  if (kind == host_type::ipv4 || kind == host_type::ipv6) {
    const auto literal =
        IpAddress::parse(kind == host_type::ipv6 ? std::string_view(host).substr(1, host.size() - 2) : host);
    if (!literal) return fail(std::string("has an address for a host that is none"));
    if (guarded && !literal->is_public())
      return fail(std::string("must not be a private address (unless webhooks.private_addresses is true)"));
    return literal->is_v4() ? literal->to_text() : fmt::format("[{}]", literal->to_text());
  }
  if (kind != host_type::name || !can_be_a_name(host)) return fail(std::string("has a host that cannot exist"));
  if (host.ends_with('.')) host.pop_back();
  if (guarded && is_local_name(host)) return fail(std::string("must not be this machine"));
  return host;
}

}  // namespace

Result<std::string, std::string> read_webhook_url(std::string_view text, AddressPolicy addresses,
                                                  PlainHttp plain_http) {
  const bool plain_allowed = plain_http == PlainHttp::kAllowed;
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x7E; }))
    return fail(std::string("must be ASCII: write the host as xn--… and escape the rest"));
  const auto parsed =
      text.size() <= kUrlMax ? boost::urls::parse_uri({text.data(), text.size()}) : boost::urls::parse_uri("not a URL");
  const auto wanted = fail(std::string(plain_allowed ? "must be an http or https URL" : "must be an https URL"));
  if (!parsed) return wanted;
  const auto& url = *parsed;
  const bool tls = url.scheme_id() == boost::urls::scheme::https;
  if (!tls && !(plain_allowed && url.scheme_id() == boost::urls::scheme::http)) return wanted;
  if (!url.has_authority() || url.encoded_host().empty()) return wanted;
  // Boost.URL 1.81 ends the authority of "https://1.2.3.4.5/h" after the 4, and of "https://host:port/h" before the
  // colon.
  const std::string_view path(url.encoded_path());
  if (!path.empty() && path.front() != '/') return fail(std::string("has a host or a port that cannot exist"));
  if (url.has_userinfo()) return fail(std::string("must not hold credentials"));
  if (url.has_fragment()) return fail(std::string("must have no fragment"));
  if (url.has_port() && !url.port().empty() && url.port_number() == 0)
    return fail(std::string("must have a port from 1 to 65535"));
  const auto host = read_host(url, addresses);
  if (!host) return fail(host.error());
  const unsigned usual = tls ? 443 : 80;
  const unsigned port = url.port_number() == 0 ? usual : url.port_number();
  return fmt::format("{}://{}:{}{}{}{}", tls ? "https" : "http", *host, port, path.empty() ? "/" : path,
                     url.has_query() ? "?" : "", std::string_view(url.encoded_query()));
}

}  // namespace countersign::delivery
