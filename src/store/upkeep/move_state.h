#pragma once

#include <optional>
#include <string>

#include "base/id.h"
#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

/// What a database knows of being moved to another, so that at every moment, whatever was killed, at most one of the
/// two lets a server start: the old one from the first copied row on not any more, the new one only once everything has
/// been compared. Kept in the table `move_state`, which is there only meanwhile, and in the old database for good.
struct MoveState {
  enum class Role {
    kLeaving,   ///< Is being copied.
    kLeft,      ///< Has been copied, all of it; the other one is in force.
    kArriving,  ///< Is being filled.
  };
  Role role;
  Id move;            ///< The same in both databases.
  std::string other;  ///< For people, and without a secret.
  WallTime since;
};

/// Nothing when the database is not moved.
[[nodiscard]] std::optional<MoveState> read_move_state(Tx& tx);
void write_move_state(Tx& tx, const MoveState& state);
void clear_move_state(Tx& tx);

/// Why no server may start on a database in this state: what happened, and what to do. `name` is what people call it.
[[nodiscard]] std::string describe(const MoveState& state, const std::string& name);

}  // namespace countersign::store
