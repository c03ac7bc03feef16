#include "store/upkeep/move_state.h"

#include <fmt/format.h>

#include "base/check.h"
#include "store/upkeep/catalogue.h"

namespace countersign::store {

namespace {

std::string_view word_of(MoveState::Role role) {
  switch (role) {
    case MoveState::Role::kLeaving:
      return "leaving";
    case MoveState::Role::kLeft:
      return "left";
    case MoveState::Role::kArriving:
      return "arriving";
  }
  CS_CHECK(false);
}

MoveState::Role role_of(std::string_view word) {
  for (const auto role : {MoveState::Role::kLeaving, MoveState::Role::kLeft, MoveState::Role::kArriving}) {
    if (word == word_of(role)) return role;
  }
  throw StoreFailure({StoreError::Code::kCorrupt, "the state of a move cannot be read"});
}

}  // namespace

std::optional<MoveState> read_move_state(Tx& tx) {
  static constexpr Sql kSelect{R"sql(
      SELECT role, move_id, other, since
      FROM move_state
  )sql"};
  std::optional<MoveState> state;
  if (!has_table(tx, "move_state")) return state;
  tx.one(kSelect, {}, [&](const Row& row) {
    state = MoveState{role_of(row.text(kSelect["role"])), row.id<Id>(kSelect["move_id"]), row.string(kSelect["other"]),
                      row.time(kSelect["since"])};
  });
  return state;
}

void write_move_state(Tx& tx, const MoveState& state) {
  static constexpr Sql kDelete{"DELETE FROM move_state"};
  static constexpr Sql kInsert{R"sql(
      INSERT INTO move_state (role, move_id, other, since)
      VALUES (:role, :move_id, :other, :since)
  )sql"};
  if (!has_table(tx, "move_state")) {
    tx.script(R"sql(
        CREATE TABLE move_state (
          role TEXT NOT NULL PRIMARY KEY,
          move_id {{blob}} NOT NULL,
          other TEXT NOT NULL,
          since {{bigint}} NOT NULL
        ) {{table}}
    )sql");
  }
  tx.exec(kDelete, {});
  tx.exec(kInsert,
          {{"role", word_of(state.role)}, {"move_id", state.move}, {"other", state.other}, {"since", state.since}});
}

void clear_move_state(Tx& tx) { tx.script("DROP TABLE IF EXISTS move_state; DROP TABLE IF EXISTS move_progress"); }

std::string describe(const MoveState& state, const std::string& name) {
  const std::string since = to_rfc3339(state.since);
  switch (state.role) {
    case MoveState::Role::kLeaving:
      return fmt::format(
          "{} has been on its way to {} since {}: finish with countersign migrate, or stay with countersign migrate "
          "--give-up",
          name, state.other, since);
    case MoveState::Role::kLeft:
      return fmt::format("{} was moved to {} at {}: that one is in force now", name, state.other, since);
    case MoveState::Role::kArriving:
      return fmt::format("{} holds an unfinished copy of {}, begun at {}: finish with countersign migrate", name,
                         state.other, since);
  }
  CS_CHECK(false);
}

}  // namespace countersign::store
