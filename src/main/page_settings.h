#pragma once

#include "api/pages/pages.h"
#include "main/config/config.h"
#include "usecase/settings.h"

namespace countersign::main {

/// The look of each service's pages. `settings` has the services' ids.
[[nodiscard]] api::PageSettings page_settings(const Config& config, const usecase::Settings& settings);

}  // namespace countersign::main
