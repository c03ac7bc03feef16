#pragma once

#include <cstdint>

#include "store/postgres/connection.h"

namespace countersign::store {

/// One transaction on a connection, from its first statement to its end. Nothing goes to the server before the first
/// statement, so that one that does nothing costs nothing.
class PgTransaction {
 public:
  /// What it is begun with.
  enum class Kind {
    kRead,           ///< A snapshot.
    kWrite,          ///< Serializable.
    kWriteInOurTurn  ///< Serializable, while no other node is in its turn (see writer.h).
  };

  /// `marker` is this writer's name in commit_markers, and `number` the number of its commit; both for writing alone.
  PgTransaction(PgConnection& connection, Kind kind, std::string_view marker = {}, std::int64_t number = 0)
      : connection_(connection), kind_(kind), marker_(marker), number_(number) {}

  PgConnection& connection() { return connection_; }
  void begin_if_needed();
  /// Something may be different after the commit.
  void will_write() { writes_ = true; }

  /// Throws StoreFailure when the transaction did not take place, or when that is in doubt.
  void commit();
  /// Ends it without a trace. Throws only when the connection is lost, which ends it too.
  void roll_back();

  /// The commit was sent and no answer came: it may have taken place.
  [[nodiscard]] bool in_doubt() const { return in_doubt_; }

 private:
  [[nodiscard]] bool in_turn() const { return kind_ == Kind::kWriteInOurTurn; }

  PgConnection& connection_;
  Kind kind_;
  std::string_view marker_;
  std::int64_t number_;
  std::uint64_t round_trips_before_ = 0;
  bool begun_ = false;
  bool ending_ = false;  // A commit is on its way; if it fails, the transaction is over as well.
  bool writes_ = false;
  bool in_doubt_ = false;
};

/// The table by which a writer finds out whether a commit that was never answered has taken place: each commit leaves
/// its number in it.
namespace commit_markers {

/// Makes the table, if it is not there, and forgets writers that have been gone for a week. On a connection without a
/// transaction. Throws StoreFailure; kSchema when the tables in the schema are not Countersign's.
void prepare(PgConnection& connection);

/// The number of the last commit of this writer. Waits until a transaction that is still at it has ended, and makes
/// sure that one which has not arrived yet fails; so the answer stays true. Throws StoreFailure.
[[nodiscard]] std::int64_t last_commit(PgConnection& connection, std::string_view marker);

}  // namespace commit_markers

}  // namespace countersign::store
