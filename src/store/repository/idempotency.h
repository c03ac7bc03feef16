#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// The stored answer for an Idempotency-Key. Sealed, because answers contain links and secrets that are shown once.
struct IdempotentAnswer {
  std::string request_digest;
  int http_status = 0;
  std::string body;
};

[[nodiscard]] std::optional<IdempotentAnswer> find_answer(Tx& tx, const Vault& vault, const AccountId& account,
                                                          std::string_view key_digest, WallTime not_before);
void save_answer(Tx& tx, const Vault& vault, const AccountId& account, std::string_view key_digest,
                 const IdempotentAnswer& answer, Moment& moment);

}  // namespace countersign::store
