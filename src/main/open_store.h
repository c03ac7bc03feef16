#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "main/config.h"
#include "store/store.h"

namespace countersign::app {

/// What people call the store of the configuration, without a secret: the file, or `PostgreSQL db/name as user (TLS,
/// verify-full)`. The error is what is wrong with its settings, as far as that shows without connecting.
[[nodiscard]] Result<std::string, ConfigError> describe_store(const Config& config);

/// Opens and migrates the store of the configuration, and compares its keys. For the server and for the command line.
/// Clock and randomness outlive the store.
[[nodiscard]] Result<std::unique_ptr<store::Store>, std::string> open_store(const Config& config, Clock& clock,
                                                                            Random& random);

}  // namespace countersign::app
