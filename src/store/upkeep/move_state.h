#pragma once

#include <optional>
#include <string>

#include "base/id.h"
#include "base/time.h"
#include "store/tx.h"

namespace countersign::store {

/// The state of a move, stored in both databases so that at every moment, whatever was killed, at most one of the two
/// lets a server start: the old one until the first copied row, the new one only after everything has been compared.
/// Stored in the table `move_state`, which exists only during a move, and permanently in the old database.
struct MoveState {
  enum class Role {
    kLeaving,   ///< Being copied.
    kLeft,      ///< Completely copied; the other database is in use.
    kArriving,  ///< Being filled.
  };
  Role role;
  Id move;            ///< The same in both databases.
  std::string other;  ///< For people, without secrets.
  WallTime since;
};

/// nullopt if the database is not being moved.
[[nodiscard]] std::optional<MoveState> read_move_state(Tx& tx);
void write_move_state(Tx& tx, const MoveState& state);
void clear_move_state(Tx& tx);

/// Why no server may start on a database in this state: what happened, and what to do. `name` is its name for people.
[[nodiscard]] std::string describe(const MoveState& state, const std::string& name);

}  // namespace countersign::store
