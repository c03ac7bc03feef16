#include "store/repository/provider_marks.h"

#include "store/repository/accounts.h"

namespace countersign::store {

void set_drained(Tx& tx, std::string_view provider, std::optional<WallTime> at) {
  static constexpr Sql kSet{R"sql(
      INSERT INTO provider_marks (name, drained_at)
      VALUES (:name, :drained_at)
      ON CONFLICT (name) DO UPDATE
      SET drained_at = :drained_at
  )sql"};
  tx.put(kSet, {{"name", provider}, {"drained_at", at}});
  note_credential_change(tx);
}

std::map<std::string, WallTime, std::less<>> drained_providers(Tx& tx) {
  static constexpr Sql kDrained{R"sql(
      SELECT name, drained_at
      FROM provider_marks
      WHERE drained_at IS NOT NULL
  )sql"};
  std::map<std::string, WallTime, std::less<>> drained;
  tx.all(kDrained, {},
         [&](const Row& row) { drained.emplace(row.string(kDrained["name"]), row.time(kDrained["drained_at"])); });
  return drained;
}

void set_frozen(Tx& tx, std::string_view provider, std::optional<WallTime> at) {
  static constexpr Sql kSet{R"sql(
      INSERT INTO provider_marks (name, frozen_at)
      VALUES (:name, :frozen_at)
      ON CONFLICT (name) DO UPDATE
      SET frozen_at = :frozen_at
  )sql"};
  tx.put(kSet, {{"name", provider}, {"frozen_at", at}});
}

std::map<std::string, WallTime, std::less<>> frozen_providers(Tx& tx) {
  static constexpr Sql kFrozen{R"sql(
      SELECT name, frozen_at
      FROM provider_marks
      WHERE frozen_at IS NOT NULL
  )sql"};
  std::map<std::string, WallTime, std::less<>> frozen;
  tx.all(kFrozen, {},
         [&](const Row& row) { frozen.emplace(row.string(kFrozen["name"]), row.time(kFrozen["frozen_at"])); });
  return frozen;
}

}  // namespace countersign::store
