#pragma once

#include "base/result.h"
#include "main/config.h"

namespace countersign::app {

/// Reads the certificate and the key of the configuration, if it has any, as the server will: both can be read, and
/// they belong together. For check-config and for a start; other commands need neither.
[[nodiscard]] Result<Done, ConfigError> check_tls_files(const Config& config);

}  // namespace countersign::app
