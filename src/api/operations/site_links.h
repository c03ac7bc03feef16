#pragma once

#include <functional>
#include <map>
#include <string>

#include "http/router.h"

namespace countersign::api {

/// What a site says at its own host of pages elsewhere and of apps that may use its passkeys, as JSON; empty: it says
/// nothing.
struct SiteDocuments {
  std::string related_origins;  ///< WebAuthn L3, 5.11.
  std::string android;          ///< Digital Asset Links.
  std::string apple;            ///< Associated domains.
};
/// By RP ID.
using SiteLinks = std::map<std::string, SiteDocuments, std::less<>>;

/// `/.well-known/webauthn`, `assetlinks.json` and `apple-app-site-association`, each for the host that is asked: 404 at
/// a host that is no RP ID. Nothing of the request is in an answer, and none redirects, because browsers and phones
/// would not follow.
void add_site_link_routes(http::Router& router, SiteLinks links);

}  // namespace countersign::api
