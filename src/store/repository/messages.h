#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "contact/channel.h"
#include "domain/delivery.h"
#include "store/repository/time_range.h"
#include "store/repository/vault.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// One message to deliver. Enqueued in the transaction that made it. `due_at` is when a node may take it, and doubles
/// as the lease: a worker moves it into the future, so the message of a dead node comes due again by itself.
struct MessageRow {
  AccountId account;
  MessageId id;
  TransactionId transaction;
  VerificationId verification;
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;
  std::string content_sealed;  ///< Content and recipient; destroyed when the message is finished.
  std::int64_t attempts = 0;
  WallTime due_at;
  std::string lease_owner;
  WallTime expires_at;
  std::optional<std::string> error_code = {};  ///< The error of the last attempt, while it waits for another.
  std::optional<std::string> tries = {};       ///< What providers said so far (usecase/outbox/tries.h).
};

/// kSent: its provider has it, or has handed it on. kDelivered: it arrived, or was read; domain::Delivery has the
/// stage.
enum class MessageStatus : std::uint8_t { kQueued, kSent, kDelivered, kFailed };
[[nodiscard]] std::string_view to_text(MessageStatus status);

void insert_message(Tx& tx, const MessageRow& row);

inline constexpr Columns kDueMessage{R"sql(
    account_id, id, transaction_id, verification_id, channel, provider, content_sealed, attempts, expires_at,
    error_code, tries
)sql"};
/// A row of kDueMessage; `attempts` counts the one that begins.
[[nodiscard]] MessageRow read_due_message(const Row& row);

/// Leases up to `limit` due messages until `lease_until`. `attempts` counts the lease. Unreadable ones are set aside.
[[nodiscard]] Leased<MessageRow> lease_messages(Tx& tx, WallTime now, WallTime lease_until, std::string_view owner,
                                                int limit);
/// Fails an unreadable queued message, and keeps its content. `account` and `id` as bytes.
void set_message_aside(Tx& tx, std::string_view account, std::string_view id, WallTime now);

/// Finishes a message and destroys its content.
void finish_message(Tx& tx, const AccountId& account, const MessageId& id, MessageStatus status,
                    const std::optional<std::string>& provider_ref, const std::optional<std::string>& error_code,
                    WallTime now, const std::optional<std::string>& tries = {});
/// A message that its provider has accepted, and the provider's reference for it. Borrows what it names.
struct SentMessageRow {
  const AccountId& account;
  const MessageId& id;
  std::string_view provider_ref;
  std::optional<std::string> tries = {};
};
/// Finishes all of them as sent, by one statement and one more for each whose reference no bundle takes, or that has
/// tries to be kept; a few, by one for each.
void finish_sent(Tx& tx, std::span<const SentMessageRow> sent, WallTime now);
/// As finish_message, for one that failed for good. False if another worker has finished it already.
[[nodiscard]] bool fail_message(Tx& tx, const AccountId& account, const MessageId& id, std::string_view error_code,
                                contact::DeliveryReason reason, WallTime now,
                                const std::optional<std::string>& tries = {});
/// How a message goes on.
struct MessageRetry {
  WallTime due_at;
  std::int64_t attempts = 0;
  contact::Channel channel = contact::Channel::kSms;
  std::string_view provider;
  std::optional<std::string> error_code;
  std::optional<std::string> tries = {};
};
/// Requeues it for a retry.
void retry_message(Tx& tx, const AccountId& account, const MessageId& id, const MessageRetry& retry);
/// Gives a message leased until `leased_until` to another provider, or to one of another channel, within its lease.
/// False if it has ended or another lease has begun: do not send it.
[[nodiscard]] bool move_message(Tx& tx, const AccountId& account, const MessageId& id, WallTime leased_until,
                                contact::Channel channel, std::string_view provider,
                                const std::optional<std::string>& tries);
/// Requeues a message leased until `leased_until` without counting the attempt; nothing if it has ended or another
/// lease has begun.
void give_message_back(Tx& tx, const AccountId& account, const MessageId& id, WallTime leased_until, WallTime due_at);
/// What is known of a message's delivery, to be stored.
struct ReportedDelivery {
  domain::Delivery state;    ///< As domain::after_report has it.
  std::string provider_ref;  ///< Empty: as it was.
  std::string error_code;    ///< The provider's own code of a failure; empty: none.
};
/// Stores it and destroys the content: the provider has the message.
void report_message(Tx& tx, const AccountId& account, const MessageId& id, const ReportedDelivery& report,
                    WallTime now);

/// Replaces what is noted of its tries, whatever its state.
void note_tries(Tx& tx, const AccountId& account, const MessageId& id, std::string_view tries);

struct MessageState {
  MessageId id;
  TransactionId transaction;
  VerificationId verification;
  std::string provider;
  contact::Channel channel = contact::Channel::kSms;
  std::string status;
  std::optional<domain::Delivery> delivery;  ///< nullopt: no provider is known to have it.
  std::optional<std::string> provider_ref;
  std::optional<std::string> error_code;
  WallTime expires_at;  ///< The end of its code.
  std::optional<std::string> tries = {};
};
/// The state of a message, for the account.
[[nodiscard]] std::optional<MessageState> find_message(Tx& tx, const AccountId& account, const MessageId& id);

/// Everything stored about a message but its content.
struct MessageTrail {
  MessageId id;
  VerificationId verification;
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;
  std::string status;
  std::optional<domain::Delivery> delivery;  ///< nullopt: no provider is known to have it.
  std::int64_t attempts = 0;
  WallTime due_at;  ///< While queued: the latest time of the next attempt.
  WallTime expires_at;
  std::optional<std::string> provider_ref;  ///< The provider's own reference.
  std::optional<std::string> error_code;    ///< Of the last failed attempt, the provider's code if it has one.
  std::optional<WallTime> finished_at;
  std::optional<std::string> tries;
};
/// Those of a transaction, oldest first, made within that range: there is no index by transaction, so the range
/// determines the cost.
[[nodiscard]] std::vector<MessageTrail> messages_about(Tx& tx, const AccountId& account,
                                                       const TransactionId& transaction, const TimeRange& made);

/// The development inbox: messages that would have been sent.
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
/// Deletes all but the newest `keep`.
void prune_inbox(Tx& tx, int keep);
void clear_inbox(Tx& tx);

}  // namespace countersign::store
