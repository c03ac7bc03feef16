#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

#include "base/id.h"
#include "base/secret.h"
#include "usecase/verify/auth_token.h"

namespace countersign::api::twilio {

/// The auth tokens of each account, in memory, so that authenticating costs no query. Replaced as a whole by the
/// server as soon as it sees that one has changed, which is within a second. Thread-safe. What a webhook is signed with
/// is read from the store instead.
class AuthTokens {
 public:
  using Table = std::map<AccountId, usecase::verify::AuthTokenPair>;
  void replace(Table table);

  enum class Match { kLive, kTest };
  /// As what `password` signs that account in: by its auth token, its secondary one, or its test token. Takes the same
  /// time whether the account is known or not.
  [[nodiscard]] std::optional<Match> find(std::string_view account_sid, std::string_view password) const;

 private:
  struct Entry {
    usecase::verify::AuthTokenPair pair;
    SecretString test;
  };
  using Entries = std::map<AccountId, Entry>;
  std::atomic<std::shared_ptr<const Entries>> entries_ = std::make_shared<const Entries>();
};

}  // namespace countersign::api::twilio
