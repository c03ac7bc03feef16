#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/kept_by_threads.h"
#include "base/secret.h"
#include "crypto/digest.h"
#include "store/repository/accounts.h"

namespace countersign::usecase {

/// A new API key, shown to its owner once: `SK` and 32 hex digits, a dot, 48 hex digits of secret; prefixed with
/// `test_` for a test account. Only the digest of the secret is stored. [CRY-4]
struct IssuedKey {
  store::ApiKeyRow row;
  SecretString text;
};
[[nodiscard]] IssuedKey issue_key(const crypto::Digester& digester, const AccountId& account, std::string_view name,
                                  std::optional<WallTime> expires_at, Moment& moment, bool may_vouch = false,
                                  bool may_administer = false);

/// The API keys in memory, so that authentication needs no query. The server replaces the whole table within a second
/// after a key has changed. Thread-safe.
class KeyTable {
 public:
  explicit KeyTable(const crypto::Digester& digester) : digester_(digester) {}

  /// Call from one thread at a time.
  void replace(const std::vector<store::ApiKeyRow>& keys);

  struct Match {
    ApiKeyId id;
    AccountId account;
    bool may_vouch = false;
    bool may_administer = false;
  };
  /// The key that matches `bearer` and is valid at `now`. Takes the same time whether the id is known or not. A key in
  /// live form never matches a test account, and a key in test form never a live one.
  [[nodiscard]] std::optional<Match> find(std::string_view bearer, WallTime now) const;

  struct Use {
    ApiKeyId id;
    WallTime at;
  };
  /// The keys that find() matched an hour or more after the last use in their row, with the time of that use, to the
  /// minute.
  [[nodiscard]] std::vector<Use> unwritten_uses() const;

 private:
  struct Entry {
    store::ApiKeyRow row;
    std::shared_ptr<std::atomic<WallTime>> used_at;  ///< Shared with the next table.
  };
  using Table = std::map<ApiKeyId, Entry>;
  const crypto::Digester& digester_;
  KeptByThreads<Table> table_{Table()};
};

}  // namespace countersign::usecase
