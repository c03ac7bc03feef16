#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/ip.h"
#include "base/secret.h"
#include "http/router.h"
#include "http/server.h"

namespace countersign::api {

/// Parts for the guide's "try it" requests: the server adds the development keys, so no page needs them.
struct TryItParts {
  std::shared_ptr<const http::Router> api;  ///< Only its `/v1/…` and `/v2/…` routes are reachable.
  SecretString api_key;
  std::string account_sid;
  SecretString auth_token;
  std::string service_sid;
  std::vector<Cidr> trusted_proxies;
  std::function<void(const http::AccessRecord&)> seen;  ///< Called with each request.
};

/// Makes a request for the guide: `{"method", "path", "headers": {…}, "body"}`, as if it came from outside, with the
/// key of its API. Always answers 200 with `{"status", "reason", "headers": [[name, value], …], "body"}`, except: 403
/// `forbidden` for a request from a page of another site, 415 `unsupported_media_type` unless it is declared as JSON,
/// 403 `address_not_allowed` unless it comes from this machine (nobody may use the key over the network), 422
/// `invalid_field` for a path other than `/v1/…` or `/v2/…`.
///
/// From this machine: a loopback connection without a proxy, or a trusted proxy whose X-Forwarded-For names only
/// loopback. A browser sends Origin or Sec-Fetch-Site, which name the page's site. A request without both is not from a
/// browser and is served: every program on this machine can use the key.
[[nodiscard]] http::Handler try_it(TryItParts parts);

/// `{"account_sid", "service_sid"}`, for the forms: names, not secrets.
[[nodiscard]] http::Handler try_it_names(const TryItParts& parts);

}  // namespace countersign::api
