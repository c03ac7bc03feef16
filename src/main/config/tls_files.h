#pragma once

#include "base/result.h"
#include "main/config/config.h"

namespace countersign::main {

/// Reads the configured certificate and key, if any, like the server: both must be readable and match. For check-config
/// and for a start; other commands do not need them.
[[nodiscard]] Result<Done, ConfigError> check_tls_files(const Config& config);

}  // namespace countersign::main
