#include "main/key_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/repository/accounts.h"
#include "store/repository/key_holders.h"
#include "store/upkeep/sealed_columns.h"

namespace countersign::main {

namespace {

constexpr std::string_view kPutBack = "put back the secrets file that has it";

std::string check_name(std::uint32_t id) { return fmt::format("seal {}", id); }

void remember_new(store::Tx& tx, const crypto::Keyring& keyring) {
  const auto remember = [&](const std::string& name, const std::string& value) {
    if (!store::find_key_check(tx, name)) store::insert_key_check(tx, name, value);
  };
  remember("lookup", keyring.lookup_check_value());
  for (const auto id : keyring.ids()) remember(check_name(id), *keyring.check_value(id));
}

struct Gone {
  std::vector<std::uint32_t> unneeded;
  std::optional<std::string> fault;
};

/// Keys that the database was written under and the keyring lacks. Scans everything if there is such a key.
Gone look_for_gone(store::Tx& tx, const crypto::Keyring& keyring, WallTime now, OtherNodes others) {
  Gone gone;
  const auto there = keyring.ids();
  for (const auto id : store::checked_seal_keys(tx)) {
    if (std::ranges::find(there, id) != there.end()) continue;
    if (const auto needed = why_needed(tx, id, now, others)) {
      gone.fault = fmt::format("sealing key {} is not in the secrets file, but {}; {}", id, *needed, kPutBack);
      return gone;
    }
    gone.unneeded.push_back(id);
  }
  return gone;
}

}  // namespace

std::optional<std::string> wrong_key(store::Tx& tx, const crypto::Keyring& keyring, std::string_view database) {
  const auto differs = [&](const std::string& name, const std::string& value) {
    const auto known = store::find_key_check(tx, name);
    return known && *known != value;
  };
  const auto sentence = [&](std::string_view key) {
    return fmt::format("{} is not the one that {} was written under; restore the right secrets file", key, database);
  };
  if (differs("lookup", keyring.lookup_check_value())) return sentence("the look-up key");
  for (const auto id : keyring.ids()) {
    if (differs(check_name(id), *keyring.check_value(id))) return sentence(fmt::format("sealing key {}", id));
  }
  return std::nullopt;
}

std::optional<std::string> why_needed(store::Tx& tx, std::uint32_t id, WallTime now, OtherNodes others) {
  if (others == OtherNodes::kCount) {
    for (const auto& holder : store::key_holders(tx, now)) {
      if (holder.current_seal_key == id) return fmt::format("node {} seals what is new under it", holder.node);
    }
  }
  if (!store::is_sealed_under(tx, id)) return std::nullopt;
  return "something in the database is sealed under it (`countersign keys status` says what)";
}

Result<std::optional<std::string>, store::StoreError> fault_of_keys(store::Store& store, const crypto::Keyring& keyring,
                                                                    std::string_view database, WallTime now,
                                                                    OtherNodes others) {
  // Reads first, which blocks nobody.
  const auto gone = store.read_now([&](store::Tx& tx) { return look_for_gone(tx, keyring, now, others); });
  if (!gone) return fail(gone.error());
  if (gone->fault) return gone->fault;
  return store.transact_now([&](store::Tx& tx) -> std::optional<std::string> {
    if (auto wrong = wrong_key(tx, keyring, database)) return wrong;
    remember_new(tx, keyring);
    for (const auto id : gone->unneeded) store::remove_key_check(tx, check_name(id));
    return std::nullopt;
  });
}

}  // namespace countersign::main
