#include "main/commands/migrate.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>

#include "main/commands/exit_status.h"
#include "main/commands/progress_bar.h"
#include "store/migrations/migrations.h"
#include "store/postgres/connection_string.h"
#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/upkeep/move.h"
#include "usecase/subject/upgrade_report.h"

namespace countersign::main {

namespace {

constexpr int kInterrupted = 3;
constexpr int kDiffers = 4;

constexpr std::string_view kSqlite = "sqlite:";
constexpr int kAloneTries = 30;
constexpr auto kAlonePause = std::chrono::milliseconds(100);

/// A database named on the command line.
struct Place {
  std::string name;  ///< For messages.
  std::filesystem::path file;
  SecretString url;
};

/// Nothing if it is neither form.
std::optional<Place> parse_place(const std::string& text) {
  if (text.starts_with(kSqlite) && text.size() > kSqlite.size()) {
    const std::string file = text.substr(kSqlite.size());
    return Place{file, file, {}};
  }
  if (!text.starts_with("postgresql://") && !text.starts_with("postgres://")) return std::nullopt;
  const auto where = store::ConnectionString::parse(SecretString(text));
  return Place{where ? where->description() : "PostgreSQL", {}, SecretString(text)};
}

/// Whether no other session of ours uses the database. Retried, because a server that has just stopped still counts for
/// a moment.
bool is_alone(store::Store& store) {
  static constexpr store::Sql kOthers{"SELECT {{other_sessions}} AS others"};
  for (int tries = 0; tries < kAloneTries; ++tries) {
    std::int64_t others = 0;
    const auto asked = store.read_now([&](store::Tx& tx) {
      return tx.one(kOthers, {}, [&](const store::Row& row) { others = row.integer(kOthers["others"]); });
    });
    if (!asked) return true;       // The move will say why.
    if (others <= 1) return true;  // The one that would write.
    std::this_thread::sleep_for(kAlonePause);
  }
  return false;
}

class Command {
 public:
  explicit Command(const MigrateSurroundings& surroundings) : surroundings_(surroundings) {}

  int run(const MigrateCommand& command);

 private:
  using Opened = std::unique_ptr<store::Store>;
  enum class End { kOld, kNew, kLookedAt };

  int fail_with(int status, std::string_view sentence) const {
    surroundings_.err << "countersign: " << sentence << '\n';
    return status;
  }
  [[nodiscard]] Opened open(const Place& place, End end) const;
  int move(const Place& from, const Place& to);
  int give_up(const Place& from) const;
  int look(const Place& from) const;

  const MigrateSurroundings& surroundings_;
};

/// It takes no turns, whatever the servers do: nobody else writes meanwhile, and not every database has such locks.
Command::Opened Command::open(const Place& place, End end) const {
  std::error_code ignored;
  if (end != End::kNew && place.url.expose().empty() && !std::filesystem::exists(place.file, ignored)) {
    fail_with(kFailed, fmt::format("there is no database {}", place.name));
    return nullptr;
  }
  auto opened = place.url.expose().empty() ? store::open_sqlite({.file = place.file})
                                           : store::open_postgres({.url = place.url,
                                                                   .clock = surroundings_.clock,
                                                                   .random = surroundings_.random,
                                                                   .reader_connections = 1,
                                                                   .statement_timeout = std::chrono::hours(6),
                                                                   .turns = false});
  if (!opened) {
    fail_with(kFailed, opened.error().detail);
    return nullptr;
  }
  if (end != End::kLookedAt && !is_alone(**opened)) {
    fail_with(kFailed, fmt::format("{} is in use by a server; stop all of them first", place.name));
    return nullptr;
  }
  return *std::move(opened);
}

int Command::move(const Place& from, const Place& to) {
  const auto old_store = open(from, End::kOld);
  if (!old_store) return kFailed;
  const auto new_store = open(to, End::kNew);
  if (!new_store) return kFailed;
  ProgressBar bar(surroundings_.err, surroundings_.clock, surroundings_.terminal);
  const auto moved =
      store::move_database({*old_store, from.name}, {*new_store, to.name}, store::all_migrations(),
                           {surroundings_.clock.now(), surroundings_.random}, [&](const store::MoveProgress& progress) {
                             const bool copying = progress.phase == store::MoveProgress::Phase::kCopying;
                             bar.show(copying ? "copying" : "comparing", progress.table, progress.rows, progress.total);
                           });
  bar.end();
  if (!moved) {
    using Kind = store::MoveError::Kind;
    const auto& [kind, detail] = moved.error();
    if (kind == Kind::kInterrupted) return fail_with(kInterrupted, detail + "; the same command goes on from here");
    return fail_with(kind == Kind::kRefused ? kFailed : kDiffers, detail);
  }
  surroundings_.out << fmt::format("Moved {} rows of {} tables to {}, and compared every one.\n", moved->rows,
                                   moved->tables, to.name)
                    << "Start the servers with it as their store, under the same secrets file. " << from.name
                    << " is as it was, and closed to servers.\n";
  return kDone;
}

int Command::give_up(const Place& from) const {
  const auto store = open(from, End::kOld);
  if (!store) return kFailed;
  const auto given_up = store::give_up_move({*store, from.name});
  if (!given_up) return fail_with(kFailed, given_up.error().detail);
  surroundings_.out << from.name << " is in force again. Drop the unfinished copy.\n";
  return kDone;
}

int Command::look(const Place& from) const {
  const auto store = open(from, End::kLookedAt);
  if (!store) return kFailed;
  const auto report =
      store->read_now([&](store::Tx& tx) { return usecase::report_upgrade(tx, {}, surroundings_.clock.now()); });
  if (!report) return fail_with(kFailed, report.error().detail);
  auto& out = surroundings_.out;
  out << fmt::format("{} people are known by something that carries a decision before the rules of standing.\n",
                     report->subjects)
      << fmt::format("{} of them have a source that does not count under them yet; {} have no other.\n", report->losing,
                     report->without_any);
  for (const auto& [why, count] : report->why) out << fmt::format("  {:>8}  {}\n", count, why);
  if (report->until)
    out << fmt::format("The last of these sources counts for what is held from {} on.\n", to_rfc3339(*report->until));
  out << "With the defaults of [services.standing]; docs/standing.md says what the words mean. Nothing was changed.\n";
  return kDone;
}

int Command::run(const MigrateCommand& command) {
  const auto from = parse_place(command.from);
  const auto to = parse_place(command.to);
  if (!from || (!to && !command.give_up && !command.dry_run)) {
    const bool missing = from && command.to.empty();
    return fail_with(kBadUsage, missing ? "--to is missing: where to, sqlite:FILE or postgresql://…"
                                        : "a database is sqlite:FILE or postgresql://…");
  }
  if (command.give_up) return command.to.empty() ? give_up(*from) : fail_with(kBadUsage, "--give-up takes no --to");
  if (command.dry_run) return command.to.empty() ? look(*from) : fail_with(kBadUsage, "--dry-run takes no --to");
  return move(*from, *to);
}

}  // namespace

int run_migrate_command(const MigrateCommand& command, const MigrateSurroundings& surroundings) {
  return Command(surroundings).run(command);
}

}  // namespace countersign::main
