#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/secret.h"
#include "crypto/digest.h"
#include "store/repository/accounts.h"

namespace countersign::api {

/// A fresh API key as its owner sees it, once: `SK` and 32 hex digits, a dot, 48 hex digits of secret; before all that
/// `test_` where the account is a test account. Only the digest of the secret is stored. [CRY-4]
struct IssuedKey {
  store::ApiKeyRow row;
  SecretString text;
};
[[nodiscard]] IssuedKey issue_key(const crypto::Digester& digester, const AccountId& account, std::string_view name,
                                  std::optional<WallTime> expires_at, Moment& moment, bool may_vouch = false);

/// The API keys in memory, so that authenticating costs no query. Replaced as a whole by the server as soon as it sees
/// that a key has changed, which is within a second. Thread-safe.
class KeyTable {
 public:
  explicit KeyTable(const crypto::Digester& digester) : digester_(digester) {}

  /// By one thread at a time.
  void replace(const std::vector<store::ApiKeyRow>& keys);

  struct Match {
    ApiKeyId id;
    AccountId account;
    bool may_vouch = false;
  };
  /// The key that `bearer` is, if it is one that is valid at `now`. Takes the same time whether the id is known or not.
  /// One that looks like a live key is none of a test account's, and the other way round.
  [[nodiscard]] std::optional<Match> find(std::string_view bearer, WallTime now) const;

  struct Use {
    ApiKeyId id;
    WallTime at;
  };
  /// Which keys were found an hour or more after what their row says of their last use, and when, to the minute.
  [[nodiscard]] std::vector<Use> unwritten_uses() const;

 private:
  struct Entry {
    store::ApiKeyRow row;
    std::shared_ptr<std::atomic<WallTime>> used_at;  ///< Goes on from table to table.
  };
  using Table = std::map<ApiKeyId, Entry>;
  const crypto::Digester& digester_;
  std::atomic<std::shared_ptr<const Table>> table_ = std::make_shared<const Table>();
};

}  // namespace countersign::api
