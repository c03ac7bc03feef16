#include "store/postgres/pooling.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <string>

#include "store/postgres/result.h"

namespace countersign::store::postgres {

namespace {

constexpr Duration kOwnSession = std::chrono::seconds(10);
/// A second session is waited for in turns: each as long as this, and until the first one has answered once more.
constexpr Duration kTurn = std::chrono::milliseconds(20);
constexpr int kTurns = 25;
/// A pooler may have more sessions by then, and choose among them as it likes.
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

/// The number of the process that answers; nullopt if `waits`, asked before each result is taken, says that none comes.
std::optional<std::string> answering_process(pg_conn& connection, FunctionRef<bool()> waits) {
  if (PQsendQuery(&connection, "SELECT pg_backend_pid()") != 1) return std::nullopt;
  std::optional<std::string> process;
  while (true) {
    if (!waits()) return std::nullopt;
    const QueryResult result(PQgetResult(&connection));
    if (!result) return process;
    if (PQresultStatus(result.get()) == PGRES_TUPLES_OK && row_count(result.get()) == 1)
      process = PQgetvalue(result.get(), 0, 0);
  }
}

}  // namespace

void CloseConnection::operator()(pg_conn* connection) const { PQfinish(connection); }

SessionOwner session_owner(pg_conn& connection, FunctionRef<OwnedConnection()> connect, const Clock& clock) {
  const auto ask_first = [&] {
    const MonotonicTime until = clock.monotonic() + kOwnSession;
    return answering_process(connection, [&] { return wait_for_answer(connection, until, clock); });
  };
  const auto first = ask_first();
  if (!first) return SessionOwner::kUnknown;
  if (*first == std::to_string(PQbackendPID(&connection))) return SessionOwner::kOurs;
  const OwnedConnection another = connect();
  if (!another || PQstatus(another.get()) != CONNECTION_OK) return SessionOwner::kUnknown;
  auto again = first;
  int turns = kTurns;
  const auto second_answers = [&] {
    while (!wait_for_answer(*another, clock.monotonic() + kTurn, clock)) {
      if (turns-- == 0) return false;
      again = ask_first();
      if (again != first) return false;
    }
    return true;
  };
  for (int looks = 0; looks < kLooks; ++looks) {
    const auto second = answering_process(*another, second_answers);
    // Twice: of two sessions that take turns, each of ours would have its own.
    for (int asked = 0; second && again == first && asked < 2; ++asked) again = ask_first();
    if (!again) return SessionOwner::kUnknown;
    if (second == again || again != first) return SessionOwner::kShared;
    if (!second) return SessionOwner::kOurs;
  }
  return SessionOwner::kOurs;
}

}  // namespace countersign::store::postgres
