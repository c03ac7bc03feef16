#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "contact/channel.h"
#include "store/repository/time_range.h"
#include "store/repository/vault.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// One thing to deliver. Queued in the transaction that made it; `due_at` is when a node may take it, and doubles as
/// the lease: whoever works on it has moved it into the future, so a dead node's message comes due again by itself.
struct MessageRow {
  AccountId account;
  MessageId id;
  TransactionId transaction;
  VerificationId verification;
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;
  std::string content_sealed;  ///< What to send and to whom; destroyed when the message is finished.
  std::int64_t attempts = 0;
  WallTime due_at;
  std::string lease_owner;
  WallTime expires_at;
  std::optional<std::string> error_code = {};  ///< What the last attempt ended with, while it waits for another.
};

enum class MessageStatus : std::uint8_t { kQueued, kSent, kDelivered, kFailed };
[[nodiscard]] std::string_view to_text(MessageStatus status);

void insert_message(Tx& tx, const MessageRow& row);

/// A row of account_id, id, transaction_id, verification_id, channel, provider, content_sealed, attempts, expires_at
/// and error_code; `attempts` counts the one that begins.
[[nodiscard]] MessageRow read_due_message(const Row& row);

/// Takes up to `limit` queued messages that are due, and leases them until `lease_until`. `attempts` counts the lease.
/// What cannot be read is set aside.
[[nodiscard]] Leased<MessageRow> lease_messages(Tx& tx, WallTime now, WallTime lease_until, std::string_view owner,
                                                int limit);
/// Fails a queued message that cannot be read, and keeps its content. `account` and `id` as bytes.
void set_message_aside(Tx& tx, std::string_view account, std::string_view id, WallTime now);

/// The end of a message: its content is destroyed.
void finish_message(Tx& tx, const AccountId& account, const MessageId& id, MessageStatus status,
                    const std::optional<std::string>& provider_ref, const std::optional<std::string>& error_code,
                    WallTime now);
/// The same for one that failed for good. False when it was finished already, by whoever had taken it over.
[[nodiscard]] bool fail_message(Tx& tx, const AccountId& account, const MessageId& id, std::string_view error_code,
                                WallTime now);
/// Back into the queue, to be tried again at `due_at`.
void retry_message(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at, std::int64_t attempts,
                   const std::optional<std::string>& error_code);
/// One that was leased until `leased_until`, and whose lease does not count as an attempt; nothing where it has ended
/// or another lease has begun.
void give_message_back(Tx& tx, const AccountId& account, const MessageId& id, WallTime leased_until, WallTime due_at);
/// A report of the provider about a message that was sent. False when it names none that is open to it.
[[nodiscard]] bool report_message(Tx& tx, const AccountId& account, const MessageId& id, std::string_view provider_ref,
                                  MessageStatus status, const std::optional<std::string>& error_code, WallTime now);

struct MessageState {
  MessageId id;
  TransactionId transaction;
  VerificationId verification;
  std::string provider;
  contact::Channel channel = contact::Channel::kSms;
  std::string status;
  std::optional<std::string> error_code;
};
/// What became of a message, for the account's eyes.
[[nodiscard]] std::optional<MessageState> find_message(Tx& tx, const AccountId& account, const MessageId& id);

/// All that is kept of a message but its content.
struct MessageTrail {
  MessageId id;
  VerificationId verification;
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;
  std::string status;
  std::int64_t attempts = 0;
  WallTime due_at;  ///< While it is queued: when it is taken next, at the latest.
  WallTime expires_at;
  std::optional<std::string> provider_ref;  ///< The provider's own name for it.
  std::optional<std::string> error_code;    ///< Of the attempt that failed last, the provider's where it has one.
  std::optional<WallTime> finished_at;
};
/// Of a transaction, the oldest first, among those made in that time: there is no index by transaction, so that the
/// range says what it costs.
[[nodiscard]] std::vector<MessageTrail> messages_about(Tx& tx, const AccountId& account,
                                                       const TransactionId& transaction, const TimeRange& made);

/// The development inbox: what would have been sent.
struct InboxRow {
  Id id;
  MessageId message;
  std::string channel;
  std::string content_sealed;
  WallTime created_at;
};
void insert_inbox(Tx& tx, const InboxRow& row);
[[nodiscard]] std::vector<InboxRow> list_inbox(Tx& tx, int limit);
[[nodiscard]] std::optional<InboxRow> find_inbox(Tx& tx, const Id& id);
/// Keeps the newest `keep`.
void prune_inbox(Tx& tx, int keep);
void clear_inbox(Tx& tx);

}  // namespace countersign::store
