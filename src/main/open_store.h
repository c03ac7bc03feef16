#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "main/config.h"
#include "store/store.h"

namespace countersign::app {

/// What people call the store of the configuration, without a secret: the file, or `PostgreSQL db/name as user (TLS,
/// verify-full)`. The error is what is wrong with its settings, as far as that shows without connecting.
[[nodiscard]] Result<std::string, ConfigError> describe_store(const Config& config);

[[nodiscard]] bool is_postgres(const Config& config);

/// Why a start does not get further.
struct StartFailure {
  std::string sentence;
  bool may_pass = false;  ///< The database cannot be reached, or takes nothing, just now: worth another attempt.
  bool in_use = false;    ///< Another process has the SQLite file open.
};

/// What such an error of the configured store means for a start.
[[nodiscard]] StartFailure from_database(const Config& config, const store::StoreError& error);

using OpenedStore = Result<std::unique_ptr<store::Store>, StartFailure>;

/// What becomes of a database that is not there: a command that looks for something in it must not make an empty one,
/// which would answer as if nothing had ever been stored.
enum class MissingDatabase { kIsMade, kIsRefused };

/// Opens and migrates the store of the configuration, and compares its keys. For the server and for the command line.
/// Clock and randomness outlive the store. With kIsRefused, a database that is not there, or that Countersign has never
/// written, is a failure that names it, and nothing is made.
[[nodiscard]] OpenedStore open_store(const Config& config, Clock& clock, Random& random,
                                     MissingDatabase missing = MissingDatabase::kIsMade);

/// The store of the configuration to look at alone, as it is, also while a server uses it: nothing is made, migrated or
/// written. It must be there.
[[nodiscard]] OpenedStore open_store_as_it_is(const Config& config, Clock& clock, Random& random);

/// The same; it must also be of this schema and written under these keys, else the failure says what to do.
[[nodiscard]] OpenedStore open_store_to_look(const Config& config, Clock& clock, Random& random);

/// Where the SQLite database of the configuration is to be and is not: that, with what to do. Nothing where it is
/// there, and for PostgreSQL.
[[nodiscard]] std::optional<std::string> missing_file(const Config& config);

}  // namespace countersign::app
