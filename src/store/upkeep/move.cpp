#include "store/upkeep/move.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "store/upkeep/catalogue.h"
#include "store/upkeep/move_state.h"
#include "store/upkeep/table_copier.h"

namespace countersign::store {

namespace {

using Steps = std::map<std::int64_t, std::string>;

/// Ends the move from anywhere; caught only in move_database.
struct Ended {
  MoveError error;
};

template <class Outcome>
Outcome need(Result<Outcome, StoreError> result, MoveError::Kind kind, const MoveEnd& end) {
  if (!result) throw Ended{{kind, fmt::format("{}: {}", end.name, result.error().detail)}};
  return *std::move(result);
}

[[noreturn]] void refuse_move(std::string sentence) { throw Ended{{MoveError::Kind::kRefused, std::move(sentence)}}; }

std::optional<Steps> read_steps(Tx& tx) {
  static constexpr Sql kSelect{R"sql(
      SELECT number, name
      FROM schema_migrations
  )sql"};
  if (!has_table(tx, "schema_migrations")) return std::nullopt;
  Steps steps;
  tx.all(kSelect, {},
         [&](const Row& row) { steps.emplace(row.integer(kSelect["number"]), row.string(kSelect["name"])); });
  return steps;
}

/// A table of the product with at least one row.
std::optional<std::string> first_table_in_use(Tx& tx) {
  for (const auto& table : read_catalogue(tx)) {
    if (!TableCopier(table).is_empty(tx)) return table.name;
  }
  return std::nullopt;
}

class Move {
 public:
  Move(const MoveEnd& from, const MoveEnd& to, std::span<const Migration> steps, Moment moment,
       const std::function<void(const MoveProgress&)>& on_progress)
      : from_(from), to_(to), steps_(steps), moment_(moment), on_progress_(on_progress) {}

  MoveSummary run() {
    check_source();
    prepare_target();
    compare_catalogues();
    mark_both();
    count();
    for (const auto& table : tables_) copy(*table);
    done_ = 0;
    for (const auto& table : tables_) compare(*table);
    finish();
    return {total_, static_cast<std::int64_t>(tables_.size())};
  }

 private:
  /// One unit of work at one end; a failure means that the move can be taken up later.
  template <class Body>
  auto at(const MoveEnd& end, const Body& body, MoveError::Kind kind = MoveError::Kind::kInterrupted) {
    return need(end.store.transact_now(body), kind, end);
  }
  template <class Body>
  auto look(const MoveEnd& end, const Body& body, MoveError::Kind kind = MoveError::Kind::kInterrupted) {
    return need(end.store.read_now(body), kind, end);
  }

  void check_source();
  void prepare_target();
  void compare_catalogues();
  void mark_both();
  void count();
  void copy(const TableCopier& table);
  void compare(const TableCopier& table);
  void finish();

  [[nodiscard]] Steps wanted_steps() const;
  [[nodiscard]] TableDigest digest(const MoveEnd& end, const TableCopier& table, bool tell);
  void tell(MoveProgress::Phase phase, const TableCopier& table) const {
    on_progress_({phase, table.table().name, done_, total_});
  }

  const MoveEnd& from_;
  const MoveEnd& to_;
  std::span<const Migration> steps_;
  Moment moment_;
  const std::function<void(const MoveProgress&)>& on_progress_;
  bool resumes_ = false;
  std::vector<std::unique_ptr<TableCopier>> tables_;
  std::int64_t total_ = 0;
  std::int64_t done_ = 0;
};

Steps Move::wanted_steps() const {
  Steps steps;
  for (const auto& step : steps_) steps.emplace(step.number, step.name);
  return steps;
}

/// The old database must have exactly this version's schema, and must not have been moved elsewhere.
void Move::check_source() {
  const auto steps = look(from_, read_steps, MoveError::Kind::kRefused);
  if (!steps) refuse_move(fmt::format("{} is no database of Countersign", from_.name));
  if (*steps != wanted_steps()) {
    refuse_move(
        fmt::format("{} has another schema than this version ({} steps, not {}): start this version's server on it "
                    "once, or move it "
                    "with the version that wrote it",
                    from_.name, steps->size(), steps_.size()));
  }
}

/// The new database must be empty, or the unfinished copy of this move. A move to another target than before gets a new
/// id, so that the copy left behind can never be finished, and stays closed.
void Move::prepare_target() {
  const auto old_state = look(from_, read_move_state, MoveError::Kind::kRefused);
  const auto new_state = look(to_, read_move_state, MoveError::Kind::kRefused);
  if (old_state && old_state->role == MoveState::Role::kArriving) refuse_move(describe(*old_state, from_.name));
  if (new_state && new_state->role != MoveState::Role::kArriving) refuse_move(describe(*new_state, to_.name));
  resumes_ = old_state && new_state && old_state->move == new_state->move;
  if (resumes_) return;
  if (old_state && old_state->role == MoveState::Role::kLeft) refuse_move(describe(*old_state, from_.name));
  if (new_state) {
    refuse_move(fmt::format("{} holds the unfinished copy of another move, of {}: give this one an empty database",
                            to_.name, new_state->other));
  }
  const auto taken = look(to_, first_table_in_use, MoveError::Kind::kRefused);
  if (taken)
    refuse_move(fmt::format("{} holds data already, in table {}: give it an empty database", to_.name, *taken));
  need(migrate(to_.store, steps_, moment_.now), MoveError::Kind::kRefused, to_);
}

void Move::compare_catalogues() {
  const auto old_tables = look(from_, read_catalogue, MoveError::Kind::kRefused);
  const auto new_tables = look(to_, read_catalogue, MoveError::Kind::kRefused);
  if (old_tables != new_tables) {
    const auto differs = std::ranges::mismatch(old_tables, new_tables);
    const auto& table = differs.in1 == old_tables.end() ? *differs.in2 : *differs.in1;
    refuse_move(
        fmt::format("{} and {} have different tables or columns, first at {}", from_.name, to_.name, table.name));
  }
  const auto steps = look(to_, read_steps, MoveError::Kind::kRefused);
  if (steps != wanted_steps()) refuse_move(fmt::format("{} has another schema than this version", to_.name));
  for (const auto& table : old_tables) tables_.push_back(std::make_unique<TableCopier>(table));
}

/// The old one first: from here on no server starts on it.
void Move::mark_both() {
  if (resumes_) return;
  const Id move = Id::make(moment_);
  at(from_, [&](Tx& tx) {
    write_move_state(tx, {MoveState::Role::kLeaving, move, to_.name, moment_.now});
    return Done{};
  });
  at(to_, [&](Tx& tx) {
    write_move_state(tx, {MoveState::Role::kArriving, move, from_.name, moment_.now});
    tx.script(R"sql(
        CREATE TABLE move_progress (
          table_name TEXT NOT NULL PRIMARY KEY,
          last_key {{blob}} NOT NULL,
          rows_copied {{bigint}} NOT NULL
        ) {{table}}
    )sql");
    return Done{};
  });
}

void Move::count() {
  for (const auto& table : tables_) total_ += look(from_, [&](Tx& tx) { return table->count(tx); });
}

void Move::copy(const TableCopier& table) {
  static constexpr Sql kProgress{R"sql(
      SELECT last_key, rows_copied
      FROM move_progress
      WHERE table_name = :table_name
  )sql"};
  static constexpr Sql kRemember{R"sql(
      INSERT INTO move_progress (table_name, last_key, rows_copied)
      VALUES (:table_name, :last_key, :rows_copied)
      ON CONFLICT (table_name) DO UPDATE
      SET last_key = :last_key, rows_copied = :rows_copied
  )sql"};
  std::optional<Values> after;
  std::int64_t copied = 0;
  look(to_, [&](Tx& tx) {
    return tx.one(kProgress, {table.table().name}, [&](const Row& row) {
      after = decode_values(row.blob(kProgress["last_key"]));
      copied = row.integer(kProgress["rows_copied"]);
    });
  });
  done_ += copied;
  tell(MoveProgress::Phase::kCopying, table);
  while (true) {
    const auto rows = look(from_, [&](Tx& tx) { return table.page(tx, after); });
    if (rows.empty()) return;
    after = table.key_of(rows.back());
    copied += std::ssize(rows);
    at(to_, [&](Tx& tx) {
      table.insert(tx, rows);
      tx.exec(kRemember,
              {{"table_name", table.table().name}, {"last_key", Blob{encode_values(*after)}}, {"rows_copied", copied}});
      return Done{};
    });
    done_ += std::ssize(rows);
    tell(MoveProgress::Phase::kCopying, table);
    if (rows.size() < static_cast<std::size_t>(TableCopier::kPage)) return;
  }
}

TableDigest Move::digest(const MoveEnd& end, const TableCopier& table, bool tell_it) {
  TableDigest digest;
  std::optional<Values> after;
  while (true) {
    const auto rows = look(end, [&](Tx& tx) { return table.page(tx, after); });
    for (const auto& row : rows) digest.add(row);
    if (tell_it) {
      done_ += std::ssize(rows);
      tell(MoveProgress::Phase::kComparing, table);
    }
    if (rows.size() < static_cast<std::size_t>(TableCopier::kPage)) return digest;
    after = table.key_of(rows.back());
  }
}

void Move::compare(const TableCopier& table) {
  const auto original = digest(from_, table, false);
  const auto copied = digest(to_, table, true);
  if (original == copied) return;
  throw Ended{
      {MoveError::Kind::kDiffers,
       fmt::format("table {} of {} is not that of {}: {} rows against {}{}", table.table().name, to_.name, from_.name,
                   copied.rows, original.rows, copied.rows == original.rows ? ", with other content" : "")}};
}

/// The old database is disabled before the new one is enabled.
void Move::finish() {
  at(from_, [this](Tx& tx) {
    auto state = read_move_state(tx).value();
    state.role = MoveState::Role::kLeft;
    write_move_state(tx, state);
    return Done{};
  });
  at(to_, [](Tx& tx) {
    tx.script("{{count_rows}}");
    return Done{};
  });
  at(to_, [](Tx& tx) {
    clear_move_state(tx);
    return Done{};
  });
}

}  // namespace

Result<MoveSummary, MoveError> move_database(const MoveEnd& from, const MoveEnd& to, std::span<const Migration> steps,
                                             Moment moment,
                                             const std::function<void(const MoveProgress&)>& on_progress) {
  try {
    return Move(from, to, steps, moment, on_progress).run();
  } catch (const Ended& ended) {
    return fail(ended.error);
  }
}

Result<Done, MoveError> give_up_move(const MoveEnd& from) {
  const auto state = from.store.read_now(read_move_state);
  if (!state) return fail(MoveError{MoveError::Kind::kRefused, fmt::format("{}: {}", from.name, state.error().detail)});
  if (!*state) return fail(MoveError{MoveError::Kind::kRefused, fmt::format("{} is not being moved", from.name)});
  if ((*state)->role != MoveState::Role::kLeaving)
    return fail(MoveError{MoveError::Kind::kRefused, describe(**state, from.name)});
  const auto cleared = from.store.transact_now([](Tx& tx) {
    clear_move_state(tx);
    return Done{};
  });
  if (!cleared)
    return fail(MoveError{MoveError::Kind::kInterrupted, fmt::format("{}: {}", from.name, cleared.error().detail)});
  return Done{};
}

}  // namespace countersign::store
