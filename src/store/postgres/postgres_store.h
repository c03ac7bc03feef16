#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "store/error.h"
#include "store/store.h"

namespace countersign::store {

/// How a PostgreSQL is opened. The defaults are for production; durability is not an option: a server whose
/// `synchronous_commit` is off has it turned on for our sessions.
struct PostgresOptions {
  /// `postgresql://…` (store/postgres/connection_string.h).
  SecretString url = {};

  /// Both outlive the store. Randomness names this writer and keeps nodes out of step.
  Clock& clock;
  Random& random;

  /// Told what an operator wants to know: lost connections, messages of the server. Without data of rows. Called on
  /// threads of the store; must not block.
  std::function<void(std::string_view)> log = {};

  /// Units that may wait before further ones are refused with kOverloaded, for writes and for reads each.
  std::size_t queue_max = 4096;

  /// Units in one transaction, at most. Bounds how long the first of a batch waits for the last, and what is thrown
  /// away when a transaction loses against another.
  std::size_t batch_max = 128;

  /// Connections for Store::read, each with a thread. At least 1. Writing has one more.
  std::size_t reader_connections = 2;

  /// Time-outs; see PgDeadlines.
  Duration connect_timeout = std::chrono::seconds(3);
  Duration statement_timeout = std::chrono::seconds(10);
  Duration lock_timeout = std::chrono::seconds(3);

  /// How long work outlives the loss of the database: a failover within it shows as a slow answer and not as an error.
  Duration retry_for = std::chrono::seconds(10);

  /// Whether nodes take turns at writing (store/postgres/writer.h). Off only to measure, or to test conflicts.
  bool turns = true;
};

/// Opens a database that any number of nodes share. It must exist, in UTF8, and belong to Countersign alone, or a
/// schema in it that is first on the user's search_path. kUnavailable when it cannot be reached; kSchema when it holds
/// tables of another application.
[[nodiscard]] Result<std::unique_ptr<Store>, StoreError> open_postgres(PostgresOptions options);

}  // namespace countersign::store
