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

/// Why a start does not get further.
struct StartFailure {
  std::string sentence;
  bool may_pass = false;  ///< The database cannot be reached, or takes nothing, just now: worth another attempt.
};

/// What such an error of the configured store means for a start.
[[nodiscard]] StartFailure from_database(const Config& config, const store::StoreError& error);

using OpenedStore = Result<std::unique_ptr<store::Store>, StartFailure>;

/// Opens and migrates the store of the configuration, and compares its keys. For the server and for the command line.
/// Clock and randomness outlive the store.
[[nodiscard]] OpenedStore open_store(const Config& config, Clock& clock, Random& random);

}  // namespace countersign::app
