#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/random.h"
#include "store/postgres/connection.h"
#include "store/store_watch.h"

namespace countersign::store {

/// Lets threads that pause be woken for the end.
class Halt {
 public:
  void halt();
  /// False, at once, when the end has come; true after `length`.
  bool pause(Duration length);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool halted_ = false;
};

/// What all connections of one store have in common.
struct PgSurroundings {
  ConnectionString where;
  PgDeadlines deadlines;
  Clock& clock;
  Random& random;
  PgConnection::Log log;
  Duration retry_for;  ///< How long work outlives the loss of the database.
  bool turns;          ///< Whether nodes take turns at writing.
  Halt halt = {};
  std::atomic<std::uint64_t> reconnects{0};
  StoreWatch watch{clock, log};

  /// Between half of `length` and all of it, so that nodes that met once do not meet again.
  [[nodiscard]] Duration jittered(Duration length) const;
};

/// A connection that is made anew after it was lost. Used by one thread at a time.
class PgSession {
 public:
  explicit PgSession(PgSurroundings& surroundings) : surroundings_(surroundings) {}

  /// The connection, made if there is none. Throws StoreFailure when the database cannot be reached just now.
  PgConnection& get();
  /// Gives a lost connection up.
  void drop();
  /// The connection, if there is one.
  [[nodiscard]] PgConnection* known() { return connection_.get(); }

 private:
  PgSurroundings& surroundings_;
  std::unique_ptr<PgConnection> connection_;
  bool made_before_ = false;
};

/// Waits for a lost database, longer each time, until some time has passed or the store ends.
///
/// While the database stays away, one who has waited in vain tells it the next (`away`), who tries once and does not
/// wait: so a queue behind a lost database empties with errors, and does not stand still.
class Patience {
 public:
  Patience(PgSurroundings& surroundings, bool& away);

  /// True if it is worth another attempt; false, with `away` set, if not.
  [[nodiscard]] bool wait();

 private:
  PgSurroundings& surroundings_;
  bool& away_;
  MonotonicTime end_;
  Duration next_;
};

}  // namespace countersign::store
