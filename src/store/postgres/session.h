#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/random.h"
#include "store/postgres/connection.h"
#include "store/postgres/coverage.h"
#include "store/store_watch.h"

namespace countersign::store::postgres {

/// Wakes pausing threads at shutdown.
class Halt {
 public:
  void halt();
  /// False, at once, after shutdown; true after `length`.
  bool pause(Duration length);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool halted_ = false;
};

/// State shared by all connections of one store.
struct Surroundings {
  ConnectionString where;
  Deadlines deadlines;
  Clock& clock;
  Random& random;
  Connection::Log log;
  Duration retry_for;                       ///< How long work survives the loss of the database.
  bool turns;                               ///< Whether nodes take turns writing.
  bool side_by_side;                        ///< Whether the units of a batch may run beside each other.
  std::unique_ptr<Coverage> coverage = {};  ///< Watches them, in tests.
  Halt halt = {};
  std::atomic<std::uint64_t> reconnects{0};
  StoreWatch watch{clock, log};

  /// Between half of `length` and all of it, so that nodes do not collide repeatedly.
  [[nodiscard]] Duration jittered(Duration length) const;
};

/// A connection that reconnects after a loss. Used by one thread at a time.
class Session {
 public:
  explicit Session(Surroundings& surroundings) : surroundings_(surroundings) {}

  /// The connection; connects if there is none. Throws StoreFailure if the database cannot be reached.
  Connection& get();
  /// Drops a lost connection.
  void drop();
  /// The connection, if there is one.
  [[nodiscard]] Connection* known() { return connection_.get(); }

 private:
  Surroundings& surroundings_;
  std::unique_ptr<Connection> connection_;
  bool made_before_ = false;
};

/// Waits for a lost database, longer each time, until a time limit or the store's shutdown.
///
/// After the first wait in vain, `away` makes the next caller try once without waiting: so the queue behind a lost
/// database drains with errors instead of blocking.
class Patience {
 public:
  Patience(Surroundings& surroundings, bool& away);

  /// True if another attempt is worthwhile; false, with `away` set, if not.
  [[nodiscard]] bool wait();

 private:
  Surroundings& surroundings_;
  bool& away_;
  MonotonicTime end_;
  Duration next_;
};

}  // namespace countersign::store::postgres
