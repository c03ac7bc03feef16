#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/secret.h"
#include "crypto/digest.h"
#include "store/repository/accounts.h"

namespace countersign::api {

/// A fresh API key as its owner sees it, once: `SK` and 32 hex digits, a dot, 43 characters of secret. Only the digest
/// of the secret is stored. [CRY-4]
struct IssuedKey {
  store::ApiKeyRow row;
  SecretString text;
};
[[nodiscard]] IssuedKey issue_key(const crypto::Digester& digester, const AccountId& account, std::string_view name,
                                  std::optional<WallTime> expires_at, Moment& moment, bool may_vouch = false);

/// The API keys in memory, so that authenticating costs no query. Replaced as a whole by refresh(), which the server
/// calls every few seconds: a revoked key works for that long at most. Thread-safe.
class KeyTable {
 public:
  explicit KeyTable(const crypto::Digester& digester) : digester_(digester) {}

  void replace(const std::vector<store::ApiKeyRow>& keys);

  struct Match {
    ApiKeyId id;
    AccountId account;
    bool may_vouch = false;
  };
  /// The key that `bearer` is, if it is one that is valid at `now`. Takes the same time whether the id is known or not.
  [[nodiscard]] std::optional<Match> find(std::string_view bearer, WallTime now) const;

 private:
  using Table = std::map<ApiKeyId, store::ApiKeyRow>;
  const crypto::Digester& digester_;
  std::atomic<std::shared_ptr<const Table>> table_ = std::make_shared<const Table>();
};

}  // namespace countersign::api
