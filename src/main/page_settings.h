#pragma once

#include "api/pages/pages.h"
#include "main/config.h"
#include "usecase/context.h"

namespace countersign::app {

/// How the pages of each service look. `settings` knows the services' ids.
[[nodiscard]] api::PageSettings page_settings(const Config& config, const usecase::Settings& settings);

}  // namespace countersign::app
