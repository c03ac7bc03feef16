#include "store/postgres/transaction.h"

#include "store/param.h"

namespace countersign::store::postgres {

namespace {

// "CSgn", as in the header of an SQLite file. One such lock in one database, whatever else uses it.
constexpr const char* kTakeTurn = "SELECT pg_advisory_lock(1129539438)";
constexpr const char* kEndTurn = "SELECT pg_advisory_unlock(1129539438)";
/// Until the end of the transaction. Waits while another node has, or is waiting for, its turn.
constexpr Sql kShareTurn{"SELECT pg_advisory_xact_lock_shared(1129539438)"};
constexpr Sql kWaitForRows{"SELECT set_config('lock_timeout', :how_long, true)"};

}  // namespace

void Transaction::begin_if_needed() {
  if (begun_) return;
  begun_ = true;
  round_trips_before_ = connection_.round_trips();
  connection_.plan_anew_if_grown();
  if (kind_ == Kind::kRead) {
    connection_.put("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return;
  }
  if (in_turn()) {
    // A segment of its own: the snapshot is taken by the first statement of a transaction, before it waits for a lock,
    // so a lock inside would be had with a snapshot from before the wait.
    connection_.put(kTakeTurn, this);
    connection_.end_segment();
  }
  if (is_beside_nodes()) {
    connection_.put("BEGIN READ WRITE");  // Read committed, as each connection sets it up.
    connection_.put(kShareTurn, {}, this);
    if (!how_long_.empty()) connection_.put(kWaitForRows, {how_long_});
    return;
  }
  connection_.put("BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE");
}

void Transaction::commit() {
  // An insert fails, rather than changes, a row that the snapshot does not see: that is how last_commit() shuts out a
  // commit which is still on its way. Where there is no snapshot, the number of fences tells; a division by zero is the
  // one error that a statement can raise by itself.
  static constexpr Sql kMark{R"sql(
      INSERT INTO commit_markers (writer, batch, fences, seen)
      VALUES (:writer, :batch, :fences, now())
      ON CONFLICT (writer) DO UPDATE
      SET batch = :batch / CASE WHEN commit_markers.fences = :fences THEN 1 ELSE 0 END, seen = now()
  )sql"};
  if (!begun_) return;
  if (writes_) {
    connection_.put(kMark, {{"writer", Blob{mark_.writer}}, {"batch", mark_.number}, {"fences", mark_.fences}});
    // An answer to anything in it says that the snapshot is taken.
    if (!is_beside_nodes() && connection_.round_trips() == round_trips_before_) connection_.settle();
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

void Transaction::roll_back() {
  if (!begun_) return;
  // What fails of it must not be taken for a failure of the next transaction.
  connection_.skip_answers();
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

void prepare(Connection& connection) {
  // This table is the first that is made, so tables without it are another application's.
  static constexpr Sql kCensus{R"sql(
      SELECT
        count(*) AS tables,
        coalesce(max(CASE WHEN table_name = 'commit_markers' THEN 1 ELSE 0 END), 0) AS has_markers
      FROM information_schema.tables
      WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
  )sql"};
  const QueryResult census = connection.get(kCensus, {});
  connection.end_segment();
  const Row row(census.get(), 0);
  const bool has_markers = row.boolean(kCensus["has_markers"]);
  if (row.integer(kCensus["tables"]) > 0 && !has_markers) {
    throw StoreFailure({StoreError::Code::kSchema,
                        "the PostgreSQL database holds tables of another application; give Countersign a database, or "
                        "a schema, of its own"});
  }
  if (!has_markers) {
    connection.put(R"sql(
        CREATE TABLE commit_markers (
          writer BYTEA NOT NULL PRIMARY KEY,
          batch BIGINT NOT NULL,
          fences BIGINT NOT NULL,
          seen TIMESTAMPTZ NOT NULL
        )
    )sql");
    connection.end_segment();
  }
  connection.put("DELETE FROM commit_markers WHERE seen < now() - INTERVAL '7 days'");
  connection.end_segment();
  connection.settle();
}

LastCommit last_commit(Connection& connection, std::string_view marker) {
  static constexpr int kBatch = 0;
  static constexpr int kFences = 1;
  static constexpr Sql kFence{R"sql(
      INSERT INTO commit_markers (writer, batch, fences, seen)
      VALUES (:writer, 0, 1, now())
      ON CONFLICT (writer) DO UPDATE
      SET fences = commit_markers.fences + 1
      RETURNING batch, fences
  )sql"};
  const QueryResult result = connection.get(kFence, {Blob{marker}});
  const Row row(result.get(), 0);
  const LastCommit last{row.integer(kBatch), row.integer(kFences)};
  connection.end_segment();
  connection.settle();
  return last;
}

}  // namespace commit_markers

}  // namespace countersign::store::postgres
