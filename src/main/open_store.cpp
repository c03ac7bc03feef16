#include "main/open_store.h"

#include <fmt/format.h>

#include <map>
#include <memory>
#include <mutex>

#include "main/config/keys.h"
#include "main/key_checks.h"
#include "main/log.h"
#include "store/migrations/migrations.h"
#include "store/postgres/connection_string.h"
#include "store/postgres/postgres_store.h"
#include "store/sqlite/sqlite_store.h"
#include "store/upkeep/catalogue.h"
#include "store/upkeep/move_state.h"

namespace countersign::main {

namespace {

using Opened = Result<std::unique_ptr<store::Store>, store::StoreError>;

constexpr auto kSayAgainAfter = std::chrono::seconds(10);

/// Logs the store's messages. The same message at most every ten seconds: a store that fails under load repeats it with
/// every batch.
store::StoreLog log_lines(Clock& clock) {
  struct Said {
    std::mutex mutex;
    std::map<std::string, MonotonicTime, std::less<>> lines;
  };
  return [said = std::make_shared<Said>(), &clock](std::string_view line) {
    const MonotonicTime now = clock.monotonic();
    {
      const std::lock_guard lock(said->mutex);
      std::erase_if(said->lines, [&](const auto& known) { return now - known.second >= kSayAgainAfter; });
      if (!said->lines.try_emplace(std::string(line), now).second) return;
    }
    log(Level::kWarning, "store", line);
  };
}

Opened open_engine(const Config& config, Clock& clock, Random& random) {
  store::StoreLog log = log_lines(clock);
  if (!is_postgres(config)) return store::open_sqlite({.file = config.store.sqlite_path, .log = std::move(log)});
  return store::open_postgres({.url = config.store.postgres_url,
                               .clock = clock,
                               .random = random,
                               .log = std::move(log),
                               .turns = config.store.advisory_locks});
}

/// Holds SQLite's file, and the state of development mode.
void make_data_dir(const Config& config) {
  if (is_postgres(config) && config.mode == Mode::kProduction) return;
  std::error_code error;
  if (std::filesystem::create_directories(config.data_dir, error)) {
    std::filesystem::permissions(config.data_dir, std::filesystem::perms::owner_all, error);
  }
}

}  // namespace

bool is_postgres(const Config& config) { return !config.store.postgres_url.expose().empty(); }

StartFailure from_database(const Config& config, const store::StoreError& error) {
  using enum store::StoreError::Code;
  // A file exists or not; a network database may become available.
  const bool may_come = error.code == kUnavailable || error.code == kConflict || error.code == kUnknown;
  return {error.detail, may_come && is_postgres(config), error.code == kInUse};
}

Result<std::string, ConfigError> describe_store(const Config& config) {
  if (!is_postgres(config)) return config.store.sqlite_path.string();
  const auto where = store::ConnectionString::parse(config.store.postgres_url);
  if (!where) return fail(ConfigError{fmt::format("store.url: {}.", where.error())});
  return where->description() + (config.store.advisory_locks ? "" : ", without advisory locks");
}

std::optional<store::StoreError> fault_of_database(const Config& config, Clock& clock, Random& random) {
  if (!is_postgres(config)) return std::nullopt;
  return store::fault_of_postgres({.url = config.store.postgres_url, .clock = clock, .random = random});
}

std::optional<std::string> missing_file(const Config& config) {
  if (is_postgres(config)) return std::nullopt;
  const auto& file = config.store.sqlite_path;
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  // An empty file is left by a program that opened it and wrote nothing. Other errors of the file are reported when it
  // is opened.
  if (error ? error != std::errc::no_such_file_or_directory : size > 0) return std::nullopt;
  return fmt::format(
      "there is no database {}; name the folder that the server uses with --data-dir, or as data_dir in "
      "the configuration file",
      file.string());
}

OpenedStore open_store(const Config& config, Clock& clock, Random& random, MissingDatabase missing) {
  if (missing == MissingDatabase::kIsMade) {
    make_data_dir(config);
  } else if (auto gone = missing_file(config)) {
    return fail(StartFailure{*std::move(gone)});
  }
  auto opened = open_engine(config, clock, random);
  if (!opened) return fail(from_database(config, opened.error()));
  auto store = *std::move(opened);
  if (missing == MissingDatabase::kIsRefused) {
    const auto ours = store->read_now([](store::Tx& tx) { return store::has_table(tx, "schema_migrations"); });
    if (!ours) return fail(from_database(config, ours.error()));
    if (!*ours) {
      return fail(StartFailure{
          fmt::format("{} is empty: no server has used it yet", describe_store(config).value_or("the database"))});
    }
  }
  const auto moved = store->read_now(store::read_move_state);
  if (!moved) return fail(from_database(config, moved.error()));
  const auto name = [&] { return describe_store(config).value_or("the database"); };
  if (*moved) return fail(StartFailure{store::describe(**moved, name())});
  if (const auto migrated = store::migrate(*store, store::all_migrations(), clock.now()); !migrated)
    return fail(from_database(config, migrated.error()));
  const auto fault = fault_of_keys(*store, keyring_of(config.secrets), name(), clock.now(), OtherNodes::kIgnore);
  if (!fault) return fail(from_database(config, fault.error()));
  if (*fault) return fail(StartFailure{**fault});
  return store;
}

OpenedStore open_store_as_it_is(const Config& config, Clock& clock, Random& random) {
  if (auto gone = missing_file(config)) return fail(StartFailure{*std::move(gone)});
  auto opened =
      is_postgres(config) ? open_engine(config, clock, random) : store::open_sqlite_to_look(config.store.sqlite_path);
  if (!opened) return fail(from_database(config, opened.error()));
  return *std::move(opened);
}

OpenedStore open_store_to_look(const Config& config, Clock& clock, Random& random) {
  auto opened = open_store_as_it_is(config, clock, random);
  if (!opened) return opened;
  const auto fault = (*opened)->read_now([&](store::Tx& tx) -> std::optional<std::string> {
    if (!store::has_table(tx, "schema_migrations")) return "no server has used the database yet";
    if (auto schema = store::schema_fault(tx, store::all_migrations())) return std::move(schema->detail);
    return wrong_key(tx, keyring_of(config.secrets), describe_store(config).value_or("the database"));
  });
  if (!fault) return fail(from_database(config, fault.error()));
  if (*fault) return fail(StartFailure{**fault});
  return opened;
}

}  // namespace countersign::main
