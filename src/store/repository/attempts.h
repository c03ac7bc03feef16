#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contact/channel.h"
#include "store/repository/vault.h"
#include "store/tx.h"

namespace countersign::store {

/// One message with the outcome of its verification: Twilio's verification attempt.
struct AttemptRow {
  MessageId id;
  VerificationId verification;
  ServiceId service;
  contact::Channel channel = contact::Channel::kSms;
  std::string to;
  std::string message_status;
  std::optional<std::string> error_code;
  std::string locale;
  bool converted = false;  ///< The code was right.
  std::optional<WallTime> finished_at;
};

/// Every filter is exact; absent ones match all.
struct AttemptFilter {
  std::optional<ServiceId> service;
  std::optional<VerificationId> verification;
  std::optional<contact::Channel> channel;
  std::optional<bool> converted;
  MessageId from{};                 ///< This id or newer.
  std::optional<MessageId> before;  ///< Older than this id.
  int limit = 50;
};
/// Newest first. Scans the account's messages by their time-ordered key and looks up everything else by key: no index
/// that sending would have to maintain.
[[nodiscard]] std::vector<AttemptRow> list_attempts(Tx& tx, const Vault& vault, const AccountId& account,
                                                    const AttemptFilter& filter);
[[nodiscard]] std::optional<AttemptRow> find_attempt(Tx& tx, const Vault& vault, const AccountId& account,
                                                     const MessageId& id);

struct AttemptCounts {
  std::int64_t total = 0;
  std::int64_t converted = 0;
};
/// Ignores `limit`.
[[nodiscard]] AttemptCounts count_attempts(Tx& tx, const AccountId& account, const AttemptFilter& filter);

}  // namespace countersign::store
