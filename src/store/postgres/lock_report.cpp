#include "store/postgres/lock_report.h"

#include <fmt/format.h>

#include <string>

namespace countersign::store::postgres {

namespace {

constexpr Duration kTellAgain = std::chrono::seconds(10);

}  // namespace

void LockReport::tell(const Failure& failure) {
  const auto& detail = failure.error.detail;
  const bool is_full = detail.find(kNoMoreMemory) != std::string::npos;
  const bool is_lock = detail.find(kLockTimeout) != std::string::npos;
  const MonotonicTime now = surroundings_.clock.monotonic();
  if ((!is_full && !is_lock) || !surroundings_.log || now < tell_again_) return;
  tell_again_ = now + kTellAgain;
  if (is_lock) return tell_who_locks();
  surroundings_.log(
      fmt::format("{}; writing goes on while no other node writes, and is tried again where that is not "
                  "enough",
                  detail));
}

void LockReport::tell_who_locks() {
  // Servers' own sessions hold locks all the time, and by their name are told apart. What they run, and since when,
  // only a superuser may see.
  static constexpr Sql kHolders{R"sql(
      SELECT
        coalesce(string_agg(DISTINCT 'process ' || a.pid || ' (' || a.usename || ', '
          || coalesce(nullif(a.application_name, ''), 'unnamed') || ')', ', '), '') AS holders
      FROM pg_locks l
      JOIN pg_stat_activity a ON a.pid = l.pid
      JOIN pg_class c ON c.oid = l.relation
      WHERE l.granted AND c.relnamespace = current_schema()::regnamespace
        AND l.mode NOT IN ('AccessShareLock', 'SIReadLock')
        AND a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND a.application_name <> current_setting('application_name')
  )sql"};
  try {
    Connection& connection = session_.get();
    const QueryResult result = connection.get(kHolders, {});
    connection.end_segment();
    connection.settle();
    const std::string holders = Row(result.get(), 0).string(kHolders["holders"]);
    surroundings_.log(holders.empty()
                          ? "writing waits for a lock, and by now nobody else's session holds one"
                          : fmt::format("writing waits for a lock; open transactions that hold some: {}", holders));
  } catch (const StoreFailure&) {
    // What happened to the connection shows at the next attempt.
  }
}

}  // namespace countersign::store::postgres
