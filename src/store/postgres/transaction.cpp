#include "store/postgres/transaction.h"

#include "store/param.h"

namespace countersign::store {

namespace {

// "CSgn", as in the header of an SQLite file. One such lock in one database, whatever else uses it.
constexpr const char* kTakeTurn = "SELECT pg_advisory_lock(1129539438)";
constexpr const char* kEndTurn = "SELECT pg_advisory_unlock(1129539438)";

}  // namespace

void PgTransaction::begin_if_needed() {
  if (begun_) return;
  begun_ = true;
  round_trips_before_ = connection_.round_trips();
  if (kind_ == Kind::kRead) {
    connection_.put("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return;
  }
  if (in_turn()) {
    // A segment of its own: the snapshot is taken by the first statement of a transaction, before it waits for a lock,
    // so a lock inside would be had with a snapshot from before the wait.
    connection_.put(kTakeTurn);
    connection_.end_segment();
  }
  connection_.put("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE");
}

void PgTransaction::commit() {
  // An insert fails, rather than changes, a row that the snapshot does not see: that is how last_commit() shuts out a
  // commit which is still on its way.
  static const Sql kMark{
      "INSERT INTO commit_markers (writer, batch, fences, seen) VALUES (?1, ?2, 0, now())"
      " ON CONFLICT (writer) DO UPDATE SET batch = ?2, seen = now()"};
  if (!begun_) return;
  if (writes_) {
    connection_.put(kMark, {Blob{marker_}, number_});
    // An answer to anything in it says that the snapshot is taken.
    if (connection_.round_trips() == round_trips_before_) connection_.settle();
  }
  ending_ = true;
  connection_.put("COMMIT");
  connection_.end_segment();
  if (in_turn()) {
    connection_.put(kEndTurn);
    connection_.end_segment();
  }
  in_doubt_ = writes_;
  // The end of our turn is answered when the next transaction is.
  connection_.settle(in_turn() ? 3 : 0);
  in_doubt_ = false;
}

void PgTransaction::roll_back() {
  if (!begun_) return;
  connection_.recover();
  // Where a statement before the COMMIT had failed, the server has ignored that, and refused to end our turn.
  if (!ending_ || connection_.in_failed_transaction()) {
    connection_.put("ROLLBACK");
    if (in_turn()) connection_.put(kEndTurn);
    connection_.end_segment();
    connection_.send();
  }
  begun_ = false;
}

namespace commit_markers {

void prepare(PgConnection& connection) {
  // This table is the first that is made, so tables without it are another application's.
  static const Sql kCensus{
      "SELECT count(*), coalesce(max(CASE WHEN table_name = 'commit_markers' THEN 1 ELSE 0 END), 0)"
      " FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"};
  const PgResult census = connection.get(kCensus, {});
  connection.end_segment();
  const PgRow row(census.get(), 0);
  if (row.integer(0) > 0 && !row.boolean(1)) {
    throw StoreFailure({StoreError::Code::kSchema,
                        "the PostgreSQL database holds tables of another application; give Countersign a database, or "
                        "a schema, of its own"});
  }
  if (!row.boolean(1)) {
    connection.put(
        "CREATE TABLE commit_markers (writer BYTEA NOT NULL PRIMARY KEY, batch BIGINT NOT NULL,"
        " fences BIGINT NOT NULL, seen TIMESTAMPTZ NOT NULL)");
    connection.end_segment();
  }
  connection.put("DELETE FROM commit_markers WHERE seen < now() - INTERVAL '7 days'");
  connection.end_segment();
  connection.settle();
}

std::int64_t last_commit(PgConnection& connection, std::string_view marker) {
  static const Sql kFence{
      "INSERT INTO commit_markers (writer, batch, fences, seen) VALUES (?1, 0, 1, now())"
      " ON CONFLICT (writer) DO UPDATE SET fences = commit_markers.fences + 1 RETURNING batch"};
  const PgResult result = connection.get(kFence, {Blob{marker}});
  const std::int64_t number = PgRow(result.get(), 0).integer(0);
  connection.end_segment();
  connection.settle();
  return number;
}

}  // namespace commit_markers

}  // namespace countersign::store
