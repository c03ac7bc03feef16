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

/// What "try it" in the guide sends requests with: the development keys, which therefore no page needs to know.
struct TryItParts {
  std::shared_ptr<const http::Router> api;  ///< Of what it has, only `/v1/…` and `/v2/…` can be reached.
  SecretString api_key;
  std::string account_sid;
  SecretString auth_token;
  std::string service_sid;
  std::vector<Cidr> trusted_proxies;
  std::function<void(const http::AccessRecord&)> seen;  ///< Hears of each request.
};

/// A request of the guide: `{"method", "path", "headers": {…}, "body"}`, made here as if it had come from outside, with
/// the key of its API. Answers `{"status", "reason", "headers": [[name, value], …], "body"}` with status 200 whatever
/// came of it. Refused: 403 `forbidden` what a page of another site sends, 415 `unsupported_media_type` what is not
/// said to be JSON, 403 `address_not_allowed` what does not come from this machine (whoever has no key must not get the
/// use of one over the network), 422 `invalid_field` what is no request to `/v1/…` or `/v2/…`.
///
/// From this machine: the connection is from loopback, and no proxy stands between; or a trusted one does, and says by
/// X-Forwarded-For alone that it asks for loopback. A browser says by Origin or Sec-Fetch-Site whose page sends. What
/// says neither is no browser, and is served: any program of this machine has the use of the key.
[[nodiscard]] http::Handler try_it(TryItParts parts);

/// `{"account_sid", "service_sid"}`, for the forms: names, no secrets.
[[nodiscard]] http::Handler try_it_names(const TryItParts& parts);

}  // namespace countersign::api
