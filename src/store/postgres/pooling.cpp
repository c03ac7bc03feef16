#include "store/postgres/pooling.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <string>

#include "store/postgres/result.h"

namespace countersign::store::postgres {

namespace {

constexpr Duration kOwnSession = std::chrono::seconds(10);
constexpr Duration kSecondSession = std::chrono::milliseconds(500);
/// A pooler may take turns among the sessions that it has.
constexpr int kLooks = 4;

/// Waits for the answer; false if there is none by then, or the connection is lost.
bool wait_for_answer(pg_conn& connection, MonotonicTime until, const Clock& clock) {
  while (PQisBusy(&connection) == 1) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock.monotonic());
    pollfd socket{PQsocket(&connection), POLLIN, 0};
    if (left <= std::chrono::milliseconds::zero()) return false;
    if (socket.fd < 0 || ::poll(&socket, 1, static_cast<int>(left.count())) < 0) return false;
    if (PQconsumeInput(&connection) != 1) return false;
  }
  return true;
}

/// The number of the process that answers; nullopt if none does in time.
std::optional<std::string> answering_process(pg_conn& connection, MonotonicTime until, const Clock& clock) {
  if (PQsendQuery(&connection, "SELECT pg_backend_pid()") != 1) return std::nullopt;
  std::optional<std::string> process;
  while (true) {
    if (!wait_for_answer(connection, until, clock)) return std::nullopt;
    const QueryResult result(PQgetResult(&connection));
    if (!result) return process;
    if (PQresultStatus(result.get()) == PGRES_TUPLES_OK && row_count(result.get()) == 1)
      process = PQgetvalue(result.get(), 0, 0);
  }
}

}  // namespace

void CloseConnection::operator()(pg_conn* connection) const { PQfinish(connection); }

bool sessions_are_given_away(pg_conn& connection, FunctionRef<OwnedConnection()> connect, const Clock& clock) {
  const auto ask_first = [&] { return answering_process(connection, clock.monotonic() + kOwnSession, clock); };
  const auto first = ask_first();
  if (!first || *first == std::to_string(PQbackendPID(&connection))) return false;
  const OwnedConnection another = connect();
  if (!another || PQstatus(another.get()) != CONNECTION_OK) return false;
  const MonotonicTime until = clock.monotonic() + kSecondSession;
  for (int looks = 0; looks < kLooks; ++looks) {
    const auto second = answering_process(*another, until, clock);
    if (!second) return false;
    const auto again = ask_first();
    if (!again) return false;
    if (second == again || again != first) return true;
  }
  return false;
}

}  // namespace countersign::store::postgres
