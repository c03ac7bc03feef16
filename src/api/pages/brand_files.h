#pragma once

#include <memory>
#include <string>

#include "api/pages/site.h"

namespace countersign::api::pages {

/// URL of the style sheet with a service's accent colour: `/brand/VA…/style-<digest>.css`; empty for a service without
/// its own accent. The digest is of the content, so it may be cached forever.
[[nodiscard]] std::string style_url(const ServiceId& service, const Brand& brand);
[[nodiscard]] std::string logo_url(const ServiceId& service, const Brand& brand);

void add_brand_routes(http::Router& router, const std::shared_ptr<const Site>& site);

}  // namespace countersign::api::pages
