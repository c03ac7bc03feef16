#pragma once

#include <string>
#include <string_view>

#include "http/request.h"

namespace countersign::http {

/// The names that a site answers under which shows, without a login, what only this machine's own people may see. A
/// name of somebody else that was made to point here (DNS rebinding) is none: to the browser its pages and this site
/// would be of one origin, and they could read everything.
class OwnHosts {
 public:
  /// The host of that URL, beside what is always good.
  explicit OwnHosts(std::string_view public_url);

  /// `localhost` and names below it, which no name server is asked for; IP addresses, which cannot be made to point
  /// elsewhere; the public URL's host. With any port, in any case of letters.
  [[nodiscard]] bool has(std::string_view authority) const;
  /// The same of the request's Host; false without one.
  [[nodiscard]] bool serve(const Request& request) const;

 private:
  std::string public_host_;
};

}  // namespace countersign::http
