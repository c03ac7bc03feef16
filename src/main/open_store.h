#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "main/config/config.h"
#include "store/store.h"

namespace countersign::main {

/// The configured store for messages, without secrets: the file, or `PostgreSQL db/name as user (TLS, verify-full)`.
/// The error says what is wrong with its settings, as far as visible without a connection.
[[nodiscard]] Result<std::string, ConfigError> describe_store(const Config& config);

[[nodiscard]] bool is_postgres(const Config& config);

/// Why a start fails.
struct StartFailure {
  std::string sentence;
  bool may_pass = false;  ///< The database cannot be reached, or accepts no writes, for now: worth another attempt.
  bool in_use = false;    ///< Another process has the SQLite file open.
};

/// The meaning of an error of the configured store for a start.
[[nodiscard]] StartFailure from_database(const Config& config, const store::StoreError& error);

using OpenedStore = Result<std::unique_ptr<store::Store>, StartFailure>;

/// What to do if the database does not exist: a command that searches it must not create an empty one, which would
/// answer as if nothing had ever been stored.
enum class MissingDatabase { kIsMade, kIsRefused };

/// Opens and migrates the configured store, and compares its keys. For the server and for commands. Clock and
/// randomness outlive the store. With kIsRefused, a database that does not exist, or that Countersign has never
/// written, is a failure that names it, and nothing is created.
[[nodiscard]] OpenedStore open_store(const Config& config, Clock& clock, Random& random,
                                     MissingDatabase missing = MissingDatabase::kIsMade);

/// Opens the configured store read-only, as it is, even while a server uses it: nothing is created, migrated or
/// written. It must exist.
[[nodiscard]] OpenedStore open_store_as_it_is(const Config& config, Clock& clock, Random& random);

/// The same; it must also have this version's schema and these keys, else the failure says what to do.
[[nodiscard]] OpenedStore open_store_to_look(const Config& config, Clock& clock, Random& random);

/// What keeps a server from the configured PostgreSQL: with kSchema, for as long as nothing is changed; else perhaps
/// only now. Connects, and leaves nothing. Nothing for SQLite.
[[nodiscard]] std::optional<store::StoreError> fault_of_database(const Config& config, Clock& clock, Random& random);

/// An error with advice if the configured SQLite database does not exist. Nothing if it exists, and for PostgreSQL.
[[nodiscard]] std::optional<std::string> missing_file(const Config& config);

}  // namespace countersign::main
