#pragma once

#include <cstdint>
#include <string_view>

#include "store/postgres/connection.h"

namespace countersign::store::postgres {

/// What a writing transaction leaves in commit_markers.
struct Mark {
  std::string_view writer;  ///< Its name there.
  std::int64_t number = 0;  ///< Of its commit.
  std::int64_t fences = 0;  ///< How often last_commit() has shut out a commit of it.
};

/// One transaction on a connection, from its first statement to its end. Sends nothing before the first statement, so
/// that an empty one costs nothing.
class Transaction {
 public:
  /// How it begins.
  enum class Kind {
    kRead,             ///< On a snapshot.
    kWrite,            ///< Serializable.
    kWriteInOurTurn,   ///< Serializable, while no other node writes (see writer.h).
    kWriteBesideNodes  ///< Read committed, while others write so too: isolated from them by keys (node_keys.h).
  };

  Transaction(Connection& connection, Kind kind, const Mark& mark = {})
      : connection_(connection), kind_(kind), mark_(mark) {}

  /// Before it begins: how long its statements wait for locks, once it shares the turn; as PostgreSQL writes times.
  void wait_for_rows(std::string_view how_long) { how_long_ = how_long; }

  Connection& connection() { return connection_; }
  /// To take or share the turn is a statement of this object's (Connection::failed_for).
  void begin_if_needed();
  /// Call before a write.
  void will_write() { writes_ = true; }

  /// Throws StoreFailure if the transaction failed or its result is unknown.
  void commit();
  /// Throws only if the connection is lost, which also ends the transaction.
  void roll_back();

  [[nodiscard]] bool is_beside_nodes() const { return kind_ == Kind::kWriteBesideNodes; }

  /// The commit was sent but not answered: it may have succeeded.
  [[nodiscard]] bool in_doubt() const { return in_doubt_; }

 private:
  [[nodiscard]] bool in_turn() const { return kind_ == Kind::kWriteInOurTurn; }

  Connection& connection_;
  Kind kind_;
  Mark mark_;
  std::string_view how_long_;  ///< Empty: as the session does.
  std::uint64_t round_trips_before_ = 0;
  bool begun_ = false;
  bool ending_ = false;  // A commit is in flight; if it fails, the transaction is over as well.
  bool writes_ = false;
  bool in_doubt_ = false;
};

/// The table by which a writer finds out whether an unanswered commit succeeded: each commit writes its number into it.
namespace commit_markers {

/// Creates the table if missing, and deletes writers that have been gone for a week. On a connection without a
/// transaction. Throws StoreFailure; kSchema if the schema's tables are not Countersign's.
void prepare(Connection& connection);

struct LastCommit {
  std::int64_t number;
  std::int64_t fences;  ///< This one included.
};

/// This writer's last commit. Waits for a transaction of it that is still running, and makes one that has not arrived
/// yet fail, so the answer stays true. Throws StoreFailure.
[[nodiscard]] LastCommit last_commit(Connection& connection, std::string_view marker);

}  // namespace commit_markers

}  // namespace countersign::store::postgres
