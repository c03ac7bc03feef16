#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/keyring.h"
#include "store/store.h"

namespace countersign::main {

/// Whether a removed key counts as needed while another node still seals under it.
enum class OtherNodes { kIgnore, kCount };

/// Why a server must not use these keys on that database, in one sentence: a key differs from the one the database was
/// written under, or a key is missing that still seals data. Nothing: it may use them; then the database records the
/// new keys, and deletes those that are gone. `database` is its name in messages. [CRY-2]
[[nodiscard]] Result<std::optional<std::string>, store::StoreError> fault_of_keys(store::Store& store,
                                                                                  const crypto::Keyring& keyring,
                                                                                  std::string_view database,
                                                                                  WallTime now, OtherNodes others);

/// Which of these keys differs from the one the database was written under, in one sentence; nothing if none does.
/// Read-only. [CRY-2]
[[nodiscard]] std::optional<std::string> wrong_key(store::Tx& tx, const crypto::Keyring& keyring,
                                                   std::string_view database);

/// Why the sealing key `id` is still needed, as the rest of a sentence that begins with the key: "seals 12 values: …".
[[nodiscard]] std::optional<std::string> why_needed(store::Tx& tx, std::uint32_t id, WallTime now, OtherNodes others);

}  // namespace countersign::main
