#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/moment.h"
#include "base/result.h"
#include "store/migration.h"
#include "store/store.h"

namespace countersign::store {

/// One end of a move.
struct MoveEnd {
  Store& store;
  std::string name;  ///< For people: a file, or `PostgreSQL db/name as user`. Without secrets.
};

struct MoveProgress {
  enum class Phase { kCopying, kComparing } phase;
  std::string table;
  std::int64_t rows = 0;   ///< Done in this phase, including an earlier call.
  std::int64_t total = 0;  ///< In all tables.
};

struct MoveError {
  enum class Kind {
    kRefused,      ///< Nothing was copied, and nothing has changed.
    kInterrupted,  ///< A database failed. The same call resumes where this one stopped.
    kDiffers,      ///< The copy differs from the original. It stays closed to servers; give up, and begin again.
  };
  Kind kind;
  std::string detail;  ///< A sentence for the operator.
};

struct MoveSummary {
  std::int64_t rows = 0;
  std::int64_t tables = 0;
};

/// Copies everything from one database to another, with any engines, compares the two by counts and checksums, and
/// enables the new one in place of the old one (store/upkeep/move_state.h). Tables and columns are read from the
/// databases. Both must be at exactly the last of `steps`; the new one must be empty and is migrated there.
///
/// The caller ensures that no server uses either database meanwhile. Every page is one commit together with the
/// position, so the process may be killed at any moment and the call repeated. Holds a few hundred rows at a time.
Result<MoveSummary, MoveError> move_database(const MoveEnd& from, const MoveEnd& to, std::span<const Migration> steps,
                                             Moment moment,
                                             const std::function<void(const MoveProgress&)>& on_progress);

/// Discards an unfinished move, so that servers may start on the old database again. The unfinished copy stays closed
/// to them permanently; it can be dropped.
Result<Done, MoveError> give_up_move(const MoveEnd& from);

}  // namespace countersign::store
