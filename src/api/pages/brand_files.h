#pragma once

#include <memory>
#include <string>

#include "api/pages/site.h"

namespace countersign::api::pages {

/// Where the style sheet with a service's accent is served: `/brand/VA…/style-<digest>.css`; empty for a service
/// without an accent of its own. The digest is of the content, so that it can be kept for ever.
[[nodiscard]] std::string style_url(const ServiceId& service, const Brand& brand);
[[nodiscard]] std::string logo_url(const ServiceId& service, const Brand& brand);

void add_brand_routes(http::Router& router, const std::shared_ptr<const Site>& site);

}  // namespace countersign::api::pages
