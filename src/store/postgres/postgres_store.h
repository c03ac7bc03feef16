#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "store/error.h"
#include "store/store.h"

namespace countersign::store {

namespace postgres {
class CoverageOfNodes;
}

/// Options for PostgreSQL. The defaults are for production; durability is not an option: if the server's
/// `synchronous_commit` is off, our sessions turn it on.
struct PostgresOptions {
  /// `postgresql://…` (store/postgres/connection_string.h).
  SecretString url = {};

  /// Both outlive the store. Random numbers name this writer and add jitter between nodes.
  Clock& clock;
  Random& random;

  /// Receives messages for the operator: lost connections, messages of the server, without data of rows. Called on
  /// threads of the store; must not block.
  std::function<void(std::string_view)> log = {};

  /// Waiting units before further ones are refused with kOverloaded, for writes and for reads each.
  std::size_t queue_max = 4096;

  /// Maximum of units per transaction. Bounds how long the first of a batch waits for the last, and how much is lost in
  /// a conflict.
  std::size_t batch_max = 128;

  /// Connections for Store::read, each with a thread. At least 1. Writing has its own.
  std::size_t reader_connections = 2;

  /// Time-outs; see postgres::Deadlines.
  Duration connect_timeout = std::chrono::seconds(3);
  Duration statement_timeout = std::chrono::seconds(10);
  Duration lock_timeout = std::chrono::seconds(3);
  Duration idle_timeout = std::chrono::seconds(5);

  /// How long work survives the loss of the database: a shorter failover appears as a slow answer, not as an error.
  Duration retry_for = std::chrono::seconds(10);

  /// Whether advisory locks keep nodes apart (store/postgres/writer.h): turns, and the keys of units. Off for a
  /// database that has none; the same on all nodes. No advisory lock is asked for then.
  bool turns = true;

  /// Whether the units of a batch, and batches of several nodes, run beside each other where they allow it (Beside in
  /// store/tx.h). Off only to measure.
  bool side_by_side = true;

  /// For tests, called on the writer's thread: two units ran beside each other and touched the same row, where one
  /// wrote it, without a common key. `is_shared` says which ids do not matter: those of accounts and services.
  std::function<void(std::string_view what)> on_uncovered = {};
  std::function<bool(std::string_view id)> is_shared = {};
  /// With it, also of two nodes that have it (postgres::CoverageOfNodes).
  std::shared_ptr<postgres::CoverageOfNodes> coverage_of_nodes = {};
};

/// Opens a database that several nodes may share. It must exist, in UTF8, and be used only by Countersign, or contain a
/// schema for it that is first on the user's search_path. kUnavailable if it cannot be reached; kSchema if it contains
/// tables of another application.
[[nodiscard]] Result<std::unique_ptr<Store>, StoreError> open_postgres(PostgresOptions options);

/// Connects once, as open_postgres does with the same options, and changes nothing: why that fails, if it does.
[[nodiscard]] std::optional<StoreError> fault_of_postgres(const PostgresOptions& options);

}  // namespace countersign::store
