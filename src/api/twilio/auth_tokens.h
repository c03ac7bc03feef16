#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "base/id.h"
#include "base/secret.h"
#include "usecase/verify_api/auth_token.h"

namespace countersign::api::twilio {

/// The auth tokens of each account, in memory, so that authentication needs no query. The server replaces all of them
/// within a second after one has changed. Thread-safe. The signing key of webhooks is read from the store instead.
class AuthTokens {
 public:
  using Table = std::map<AccountId, usecase::verify_api::AuthTokenPair>;
  void replace(Table table);

  enum class Match { kLive, kTest };
  /// Which credential `password` is for that account: its auth token, secondary token, or test token. Takes the same
  /// time whether the account is known or not.
  [[nodiscard]] std::optional<Match> find(std::string_view account_sid, std::string_view password) const;

 private:
  struct Entry {
    usecase::verify_api::AuthTokenPair pair;
    SecretString test;
  };
  using Entries = std::map<AccountId, Entry>;
  std::atomic<std::shared_ptr<const Entries>> entries_ = std::make_shared<const Entries>();
};

}  // namespace countersign::api::twilio
