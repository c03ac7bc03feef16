#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/repository/vault.h"
#include "store/repository/verifications.h"

namespace countersign::store {

/// One sending of a code, as its verification remembers it.
struct Sending {
  MessageId message;
  contact::Channel channel = contact::Channel::kSms;
  WallTime sent_at;
};

/// What a verification that keeps its sendings begins with (insert_verification).
[[nodiscard]] std::string first_sending(const Sending& sending);

/// Of a verification that keeps them, the oldest first.
[[nodiscard]] std::vector<Sending> sendings_of(Tx& tx, const AccountId& account, const VerificationId& id);

/// Writes one more sending of a code for its own sake down, with the contact and the provider that it went by: the same
/// verification may be sent to its address by another channel.
void note_sending(Tx& tx, const VerificationRow& row, const Sending& sending);

/// One message with what became of the verification that it was for: Twilio's verification attempt.
struct AttemptRow {
  MessageId id;
  VerificationId verification;
  ServiceId service;
  contact::Channel channel = contact::Channel::kSms;
  std::string to;
  std::string message_status;
  std::optional<std::string> error_code;
  std::string locale;
  domain::VerificationStatus verification_status = domain::VerificationStatus::kPending;
  std::optional<WallTime> finished_at;
};

/// Every filter is exact; those that are absent let all pass.
struct AttemptFilter {
  std::optional<ServiceId> service;
  std::optional<VerificationId> verification;
  std::optional<contact::Channel> channel;
  std::optional<bool> converted;
  MessageId from{};                 ///< This one or younger.
  std::optional<MessageId> before;  ///< Older than this one.
  int limit = 50;
};
/// Newest first. Walks the account's messages by their time-ordered key and looks everything else up by keys: no index
/// that sending would have to keep up.
[[nodiscard]] std::vector<AttemptRow> list_attempts(Tx& tx, const Vault& vault, const AccountId& account,
                                                    const AttemptFilter& filter);
[[nodiscard]] std::optional<AttemptRow> find_attempt(Tx& tx, const Vault& vault, const AccountId& account,
                                                     const MessageId& id);

struct AttemptCounts {
  std::int64_t total = 0;
  std::int64_t converted = 0;
};
/// `limit` does not apply.
[[nodiscard]] AttemptCounts count_attempts(Tx& tx, const AccountId& account, const AttemptFilter& filter);

}  // namespace countersign::store
