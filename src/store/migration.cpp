#include "store/migration.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string>

#include "base/check.h"
#include "store/store.h"

namespace countersign::store {

namespace {

struct AppliedStep {
  std::string name;
  std::int64_t compatible_from;
};
using Applied = std::map<std::int64_t, AppliedStep>;

Applied read_applied(Tx& tx, bool to_change = true) {
  static constexpr Columns kStep{"number, name, compatible_from"};
  static constexpr Sql kToChange{kStep, R"sql(
      SELECT {{columns}}
      FROM schema_migrations
      ORDER BY number
      {{for_update}}
  )sql"};
  static constexpr Sql kToLook{kStep, R"sql(
      SELECT {{columns}}
      FROM schema_migrations
      ORDER BY number
  )sql"};
  Applied applied;
  tx.all(to_change ? kToChange : kToLook, {}, [&](const Row& row) {
    applied.emplace(row.integer(kStep["number"]),
                    AppliedStep{row.string(kStep["name"]), row.integer(kStep["compatible_from"])});
  });
  return applied;
}

/// nullopt, or why this program must not change the database.
std::optional<StoreError> refuse(const Applied& applied, std::span<const Migration> steps) {
  for (const auto& [number, step] : applied) {
    const auto known = std::ranges::find(steps, number, &Migration::number);
    if (known == steps.end()) {
      if (step.compatible_from <= std::ssize(steps)) continue;
      return StoreError{StoreError::Code::kSchema,
                        fmt::format("the database has schema step {} ({}), which this version does not know: it was "
                                    "written by a newer version; start that one, or restore a backup",
                                    number, step.name)};
    }
    if (known->name != step.name) {
      return StoreError{StoreError::Code::kSchema,
                        fmt::format("schema step {} of the database is called \"{}\", and \"{}\" in this version",
                                    number, step.name, known->name)};
    }
  }
  return std::nullopt;
}

/// Applies the next missing step, in one transaction. True if there was one. Reads the state each time, since another
/// node may be migrating too.
bool apply_next(Tx& tx, std::span<const Migration> steps, WallTime now) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO schema_migrations (number, name, compatible_from, applied_at)
      VALUES (:number, :name, :compatible_from, :applied_at)
  )sql"};
  const Applied applied = read_applied(tx);
  const auto next = std::ranges::find_if(steps, [&](const Migration& step) { return !applied.contains(step.number); });
  if (next == steps.end()) return false;
  const int compatible_from = next->compatible_from == 0 ? next->number : next->compatible_from;
  tx.exec(kInsert,
          {{"number", next->number}, {"name", next->name}, {"compatible_from", compatible_from}, {"applied_at", now}});
  tx.script(next->sql);
  return true;
}

}  // namespace

std::optional<StoreError> schema_fault(Tx& tx, std::span<const Migration> steps) {
  const Applied applied = read_applied(tx, false);
  if (auto error = refuse(applied, steps)) return error;
  for (const Migration& step : steps) {
    if (!applied.contains(step.number))
      return StoreError{StoreError::Code::kSchema,
                        fmt::format("the database lacks schema step {} ({}): start this version's server on it first",
                                    step.number, step.name)};
  }
  return std::nullopt;
}

Result<Done, StoreError> migrate(Store& store, std::span<const Migration> steps, WallTime now) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CS_CHECK(steps[i].number == static_cast<int>(i) + 1 && steps[i].compatible_from <= steps[i].number);
  }

  const auto applied = store.transact_now([](Tx& tx) {
    tx.script(R"sql(
        CREATE TABLE IF NOT EXISTS schema_migrations (
          number {{bigint}} PRIMARY KEY,
          name TEXT NOT NULL,
          compatible_from {{bigint}} NOT NULL,
          applied_at {{bigint}} NOT NULL
        ) {{table}}
    )sql");
    return read_applied(tx);
  });
  if (!applied) return fail(applied.error());
  if (auto error = refuse(*applied, steps)) return fail(std::move(*error));

  while (true) {
    const auto more = store.transact_now([&](Tx& tx) { return apply_next(tx, steps, now); });
    if (!more) return fail(more.error());
    if (!*more) return Done{};
  }
}

}  // namespace countersign::store
