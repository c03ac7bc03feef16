#pragma once

#include <memory>
#include <optional>

#include "base/function_ref.h"
#include "base/time.h"

struct pg_conn;

namespace countersign::store::postgres {

struct CloseConnection {
  void operator()(pg_conn* connection) const;
};
using OwnedConnection = std::unique_ptr<pg_conn, CloseConnection>;

enum class SessionOwner {
  kOurs,
  kShared,   ///< A pooler gives the server's session to others while we are idle.
  kUnknown,  ///< `connection` was lost or did not answer in ten seconds, or a second one could not be made.
};

/// Whether between us and the server a pooler gives the server's session to others while we are idle, as PgBouncer does
/// with `pool_mode` `transaction` and `statement`. Prepared statements, settings and advisory locks of a session then
/// become another client's.
///
/// A pooler shows itself by the number of the server's process: the one that `connection` was told is not the one that
/// answers. Only then a second connection is made by `connect`. Where it is answered by the process of the first one,
/// or that one by another process than before, sessions are shared. Where a second session has to be waited for, as
/// from a pooler that gives none away and has no more, this takes half a second, and longer where the first session's
/// answers take their time: a slow pooler is no reason to believe it. Neither is in pipeline mode.
[[nodiscard]] SessionOwner session_owner(pg_conn& connection, FunctionRef<OwnedConnection()> connect,
                                         const Clock& clock);

}  // namespace countersign::store::postgres
