#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "crypto/keyring.h"
#include "store/store.h"

namespace countersign::app {

/// Whether a key that is gone counts as needed where another node still seals under it.
enum class OtherNodes { kIgnore, kCount };

/// Why a server must not work with these keys on that database, in one sentence: a key is not the one that it was
/// written under, or one is gone that something is sealed under. Nothing: it may; then the database knows the new keys,
/// and has forgotten those that are gone. `database` is what people call it. [CRY-2]
[[nodiscard]] Result<std::optional<std::string>, store::StoreError> fault_of_keys(store::Store& store,
                                                                                  const crypto::Keyring& keyring,
                                                                                  std::string_view database,
                                                                                  WallTime now, OtherNodes others);

/// Which of these keys is not the one that the database was written under, in one sentence; nothing: none. Changes
/// nothing. [CRY-2]
[[nodiscard]] std::optional<std::string> wrong_key(store::Tx& tx, const crypto::Keyring& keyring,
                                                   std::string_view database);

/// Why the sealing key `id` is still needed, as the end of a sentence that begins with it: "seals 12 values: …".
[[nodiscard]] std::optional<std::string> why_needed(store::Tx& tx, std::uint32_t id, WallTime now, OtherNodes others);

}  // namespace countersign::app
