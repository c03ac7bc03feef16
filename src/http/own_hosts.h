#pragma once

#include <string>
#include <string_view>

#include "http/request.h"

namespace countersign::http {

/// The host of an authority, as in a Host header: `name` of `name:80`, `::1` of `[::1]:80`.
[[nodiscard]] std::string_view host_of(std::string_view authority);

/// Host names accepted by a site without a login, meant only for people on this machine. Another host name made to
/// point here (DNS rebinding) is refused: for the browser its pages and this site would have the same origin, so they
/// could read everything.
class OwnHosts {
 public:
  /// Accepts that URL's host besides the fixed ones.
  explicit OwnHosts(std::string_view public_url);

  /// Accepts `localhost` and names below it, which are never resolved by a name server; IP addresses, which cannot be
  /// rebound; the public URL's host. With any port, in any case.
  [[nodiscard]] bool has(std::string_view authority) const;
  /// The same for the request's Host; false without one.
  [[nodiscard]] bool serve(const Request& request) const;

 private:
  std::string public_host_;
};

}  // namespace countersign::http
