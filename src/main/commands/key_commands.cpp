#include "main/commands/key_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "api/operations/operations.h"
#include "main/commands/exit_status.h"
#include "main/config/keys.h"
#include "main/config/keys_file.h"
#include "main/key_checks.h"
#include "main/open_store.h"
#include "store/repository/accounts.h"
#include "store/repository/key_holders.h"
#include "store/upkeep/catalogue.h"
#include "store/upkeep/sealed_columns.h"

namespace countersign::main {

namespace {

constexpr std::string_view kSpread =
    "put the file on every node and reload each, in any order (systemctl reload countersign, or SIGHUP)";

std::int64_t seconds_between(WallTime from, WallTime to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from).count();
}

struct KeysWork {
  const ConfigSources& sources;
  const KeysCommand& command;
  Clock& clock;
  Random& random;
  std::ostream& out;
  std::ostream& err;

  int refuse(std::string_view sentence) const {
    err << "countersign: " << sentence << '\n';
    return kFailed;
  }

  /// Calls `look` with the database, if the command needs one and it exists. A database without this version's schema
  /// is skipped.
  Result<Done, std::string> look(FunctionRef<void(store::Tx&)> look) const {
    if (command.no_database) return Done{};
    const auto config = load_config(sources);
    if (!config) return fail(config.error().sentence);
    if (missing_file(*config)) return Done{};  // No database, so nothing is sealed yet.
    const auto failed = [](std::string_view why) {
      return fail(fmt::format("{} (--no-database to go by the file alone)", why));
    };
    const auto store = open_store_as_it_is(*config, clock, random);
    if (!store) return failed(store.error().sentence);
    const auto looked = (*store)->read_now([&](store::Tx& tx) {
      if (store::has_table(tx, "key_holders")) look(tx);
      return Done{};
    });
    if (!looked) return failed(looked.error().detail);
    return Done{};
  }

  int list(const SecretsConfig& secrets) const {
    out << list_keys(secrets);
    return kDone;
  }

  int status(const SecretsConfig& secrets) const {
    std::vector<store::KeyHolder> holders;
    std::map<std::uint32_t, std::vector<std::string>> columns;
    std::map<std::uint32_t, std::int64_t> values;
    const WallTime now = clock.now();
    const auto looked = look([&](store::Tx& tx) {
      holders = store::key_holders(tx, now);
      for (const auto& count : store::count_sealed(tx)) {
        columns[count.key].push_back(fmt::format("{} {}", count.column, count.values));
        values[count.key] += count.values;
      }
    });
    if (!looked) return refuse(looked.error());
    if (holders.empty()) out << "no server is running\n";
    for (const auto& h : holders) {
      out << fmt::format("node {}  seals under {}, knows {}; signs with {}, publishes {}; seen {} s ago\n", h.node,
                         h.current_seal_key, fmt::join(h.seal_keys, " "), h.signing_key, h.published_keys.size(),
                         seconds_between(h.seen_at, now));
    }
    const auto ring = keyring_of(secrets);
    for (const auto id : ring.ids()) values.try_emplace(id, 0);
    const auto ids = ring.ids();
    for (const auto& [id, count] : values) {
      const bool there = std::ranges::find(ids, id) != ids.end();
      out << fmt::format("sealing key {}{}: {} values{}\n", id,
                         id == ring.current_id() ? ", current"
                         : there                 ? ""
                                                 : ", not in the secrets file",
                         count, count > 0 ? fmt::format(" ({})", fmt::join(columns[id], ", ")) : "");
    }
    return kDone;
  }

  int write(const KeysFile& file, const std::filesystem::path& path, std::string_view done,
            std::string_view next) const {
    if (command.dry_run) {
      out << fmt::format("Would do, and has not done: {} {}.\n", path.string(), done);
      return kDone;
    }
    if (const auto written = file.write(); !written) return refuse(written.error().sentence);
    out << fmt::format("{} {}.\nNext: {}.\n", path.string(), done, next);
    return kDone;
  }

  int add(KeysFile& file, const std::filesystem::path& path) const {
    if (command.push) {
      const auto kid = file.add_push_key(random);
      if (!kid) return refuse(kid.error().sentence);
      return write(file, path, fmt::format("has a push key {}, which browsers subscribe with", *kid),
                   fmt::format("back the file up, since losing the key ends all subscriptions; then {}", kSpread));
    }
    if (command.signing) {
      const auto kid = file.add_signing_key(random);
      if (!kid) return refuse(kid.error().sentence);
      return write(file, path, fmt::format("has the next signing key {}, which signs nothing yet", *kid),
                   fmt::format("{}; five minutes later run: countersign keys promote --signing", kSpread));
    }
    const auto id = file.add_seal_key(random);
    if (!id) return refuse(id.error().sentence);
    return write(file, path, fmt::format("has a sealing key {}, which seals nothing yet", *id),
                 fmt::format("{}; then run: countersign keys promote {}", kSpread, *id));
  }

  int promote(KeysFile& file, const std::filesystem::path& path, const SecretsConfig& secrets) const {
    const std::uint32_t id = *command.id;
    const auto ring = keyring_of(secrets);
    const auto value = ring.check_value(id);
    if (!value) {
      return refuse(fmt::format("{} has no sealing key {}; `countersign keys add` adds one", path.string(), id));
    }
    if (id == ring.current_id()) return refuse(fmt::format("sealing key {} is the current one already", id));
    std::optional<std::string> unsafe;
    const auto looked = look([&](store::Tx& tx) {
      for (const auto& h : store::key_holders(tx, clock.now())) {
        if (h.knows_seal_key(id)) continue;
        unsafe = fmt::format("node {} does not know sealing key {} yet: put {} there and reload it", h.node, id,
                             path.string());
        return;
      }
      const auto known = store::find_key_check(tx, fmt::format("seal {}", id));
      if (known && *known != *value)
        unsafe = fmt::format("sealing key {} of the servers is another one than that of {}", id, path.string());
    });
    if (!looked) return refuse(looked.error());
    if (unsafe) return refuse(*unsafe);
    if (const auto used = file.use_seal_key(id); !used) return refuse(used.error().sentence);
    return write(file, path, fmt::format("seals what is new under key {}", id),
                 fmt::format("{}; the servers then seal anew what is under other keys, and `countersign keys status` "
                             "says how much is left",
                             kSpread));
  }

  int promote_signing(KeysFile& file, const std::filesystem::path& path, const SecretsConfig& secrets) const {
    const auto signing = signing_keys_of(secrets);
    if (!signing.next) {
      return refuse(
          fmt::format("{} has no next signing key; `countersign keys add --signing` adds one", path.string()));
    }
    const std::string& kid = signing.next->kid();
    std::optional<std::string> unsafe;
    const auto looked = look([&](store::Tx& tx) {
      const WallTime now = clock.now();
      const auto holders = store::key_holders(tx, now);
      const auto lacking = std::ranges::find_if(holders, [&](const auto& h) { return !h.publishes(kid); });
      if (lacking != holders.end()) {
        unsafe = fmt::format("node {} does not publish signing key {} yet: put {} there and reload it", lacking->node,
                             kid, path.string());
        return;
      }
      const auto last = std::ranges::max_element(holders, {}, &store::KeyHolder::since);
      if (last == holders.end()) return;
      const auto left = api::kJwksMaxAge.count() - seconds_between(last->since, now);
      if (left <= 0) return;
      unsafe = fmt::format(
          "node {} has not published signing key {} for long enough: others may keep the list of keys "
          "for {} s; wait {} s more",
          last->node, kid, api::kJwksMaxAge.count(), left);
    });
    if (!looked) return refuse(looked.error());
    if (unsafe) return refuse(*unsafe);
    if (const auto used = file.use_next_signing_key(); !used) return refuse(used.error().sentence);
    return write(file, path,
                 fmt::format("signs receipts with {}; {} stays published, and its private half is gone", kid,
                             signing.current.kid()),
                 kSpread);
  }

  int retire(KeysFile& file, const std::filesystem::path& path, const SecretsConfig& secrets) const {
    if (command.push) {
      if (const auto dropped = file.drop_previous_push_key(); !dropped) return refuse(dropped.error().sentence);
      return write(file, path, "has no previous push key any more", kSpread);
    }
    const std::uint32_t id = *command.id;
    const auto ring = keyring_of(secrets);
    if (!ring.check_value(id)) return refuse(fmt::format("{} has no sealing key {}", path.string(), id));
    if (id == ring.current_id()) {
      return refuse(fmt::format("sealing key {} seals what is new; make another one current first", id));
    }
    std::optional<std::string> needed;
    const auto looked = look([&](store::Tx& tx) { needed = why_needed(tx, id, clock.now(), OtherNodes::kCount); });
    if (!looked) return refuse(looked.error());
    if (needed) return refuse(fmt::format("sealing key {} is needed: {}", id, *needed));
    if (const auto dropped = file.drop_seal_key(id); !dropped) return refuse(dropped.error().sentence);
    return write(
        file, path, fmt::format("has no sealing key {} any more", id),
        fmt::format("{}; keep the file of before with the backups that were made until now, which need that key",
                    kSpread));
  }

  int run() const {
    using enum KeysCommand::Action;
    const auto secrets = load_secrets(sources);
    if (!secrets) return refuse(secrets.error().sentence);
    if (command.action == kList) return list(*secrets);
    if (command.action == kStatus) return status(*secrets);
    if (command.action == kPromote && !command.signing && !command.id) {
      refuse("name the sealing key by its id, or say --signing");
      return kBadUsage;
    }
    if (command.action == kRetire && !command.push && !command.id) {
      refuse("name the sealing key by its id, or say --push");
      return kBadUsage;
    }

    const auto path = default_secrets_file(sources);
    auto file = KeysFile::read(path);
    if (!file) return refuse(file.error().sentence);
    // A variable or a credential overrides the file, so changing the file would have no effect.
    if (const auto other = file->is_overruled_by(*secrets)) {
      return refuse(
          fmt::format("{} of {} is not what the server takes, because a variable or a credential says another; "
                      "change it there",
                      *other, path.string()));
    }
    if (command.action == kAdd) return add(*file, path);
    if (command.action == kRetire) return retire(*file, path, *secrets);
    return command.signing ? promote_signing(*file, path, *secrets) : promote(*file, path, *secrets);
  }
};

}  // namespace

int run_keys_command(const ConfigSources& sources, const KeysCommand& command, Clock& clock, Random& random,
                     std::ostream& out, std::ostream& err) {
  return KeysWork{sources, command, clock, random, out, err}.run();
}

}  // namespace countersign::main
