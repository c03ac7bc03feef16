#pragma once

#include "api/operations/site_links.h"
#include "main/config/config.h"

namespace countersign::main {

/// What each RP ID of the configuration says of pages elsewhere and of apps. Services with the same RP ID say it
/// together.
[[nodiscard]] api::SiteLinks site_links(const Config& config);

}  // namespace countersign::main
