#include "store/repository/messages.h"

#include <array>

#include "store/error.h"
#include "store/repository/due_key.h"

namespace countersign::store {

namespace {

constexpr std::array<std::string_view, 4> kMessageStatuses{"queued", "sent", "delivered", "failed"};

contact::Channel channel_in(const Row& row, int column) {
  const auto channel = contact::parse_channel(row.text(column));
  if (!channel) throw StoreFailure({StoreError::Code::kUnreadable, "unknown channel in messages"});
  return *channel;
}

}  // namespace

std::string_view to_text(MessageStatus status) { return kMessageStatuses.at(static_cast<std::size_t>(status)); }

void insert_message(Tx& tx, const MessageRow& m) {
  static const Sql kInsert{
      "INSERT INTO messages (account_id, id, transaction_id, verification_id, channel, provider, status, "
      "content_sealed,"
      " attempts, due_at, lease_owner, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7, ?8, ?9, ?10, ?11)"};
  tx.put(kInsert, {m.account, m.id, m.transaction, m.verification, contact::to_text(m.channel), m.provider,
                   Blob{m.content_sealed}, m.attempts, due_key(m.account, m.due_at), m.lease_owner, m.expires_at});
}

MessageRow read_due_message(const Row& row) {
  MessageRow m;
  m.account = row.id<AccountId>(0);
  m.id = row.id<MessageId>(1);
  m.transaction = row.id<TransactionId>(2);
  m.verification = row.id<VerificationId>(3);
  m.channel = channel_in(row, 4);
  m.provider = row.string(5);
  m.content_sealed = row.bytes(6);
  m.attempts = row.integer(7) + 1;
  m.expires_at = row.time(8);
  m.error_code = row.optional_string(9);
  return m;
}

Leased<MessageRow> lease_messages(Tx& tx, WallTime now, WallTime lease_until, std::string_view owner, int limit) {
  static const Sql kDue{
      "SELECT account_id, id, transaction_id, verification_id, channel, provider, content_sealed, attempts, expires_at,"
      " error_code FROM messages WHERE status = 'queued' AND due_at <= ?1 ORDER BY due_at LIMIT ?2 {{skip_locked}}"};
  static const Sql kLease{
      "UPDATE messages SET due_at = ?3, lease_owner = ?4, attempts = ?5 WHERE account_id = ?1 AND id = ?2"};
  Leased<MessageRow> leased;
  tx.all(kDue, {now, limit}, [&](const Row& row) {
    if (auto why = why_unreadable([&] { leased.jobs.push_back(read_due_message(row)); }))
      leased.set_aside.push_back({"messages", row.bytes(0) + row.bytes(1), *std::move(why)});
  });
  for (const auto& [table, key, why] : leased.set_aside)
    set_message_aside(tx, key.substr(0, sizeof(Id)), key.substr(sizeof(Id)), now);
  for (auto& m : leased.jobs) {
    m.due_at = lease_until;
    m.lease_owner = owner;
    tx.put(kLease, {m.account, m.id, lease_until, owner, m.attempts});
  }
  return leased;
}

void set_message_aside(Tx& tx, std::string_view account, std::string_view id, WallTime now) {
  static const Sql kSetAside{
      "UPDATE messages SET status = 'failed', error_code = 'unreadable', finished_at = ?3"
      " WHERE account_id = ?1 AND id = ?2 AND status = 'queued'"};
  tx.put(kSetAside, {Blob{account}, Blob{id}, now});
}

namespace {

// Only while queued: a report that a message was delivered may overtake our own note that it was sent.
const Sql kFinish{
    "UPDATE messages SET status = ?3, provider_ref = ?4, error_code = ?5, finished_at = ?6, content_sealed = NULL"
    " WHERE account_id = ?1 AND id = ?2 AND status = 'queued'"};

}  // namespace

void finish_message(Tx& tx, const AccountId& account, const MessageId& id, MessageStatus status,
                    const std::optional<std::string>& provider_ref, const std::optional<std::string>& error_code,
                    WallTime now) {
  tx.put(kFinish, {account, id, to_text(status), provider_ref, error_code, now});
}

bool fail_message(Tx& tx, const AccountId& account, const MessageId& id, std::string_view error_code, WallTime now) {
  return tx.exec(kFinish, {account, id, to_text(MessageStatus::kFailed), nullptr, error_code, now}) == 1;
}

void retry_message(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at, std::int64_t attempts,
                   const std::optional<std::string>& error_code) {
  static const Sql kRetry{
      "UPDATE messages SET due_at = ?3, attempts = ?4, error_code = ?5 WHERE account_id = ?1 AND id = ?2 AND status = "
      "'queued'"};
  tx.put(kRetry, {account, id, due_key(account, due_at), attempts, error_code});
}

void give_message_back(Tx& tx, const AccountId& account, const MessageId& id, WallTime leased_until, WallTime due_at) {
  static const Sql kGiveBack{
      "UPDATE messages SET due_at = ?3, attempts = attempts - 1"
      " WHERE account_id = ?1 AND id = ?2 AND status = 'queued' AND due_at = ?4"};
  tx.put(kGiveBack, {account, id, due_at, leased_until});
}

bool report_message(Tx& tx, const AccountId& account, const MessageId& id, std::string_view provider_ref,
                    MessageStatus status, const std::optional<std::string>& error_code, WallTime now) {
  static const Sql kReport{
      "UPDATE messages SET status = ?3, provider_ref = ?4, error_code = ?5, finished_at = ?6, content_sealed = NULL"
      " WHERE account_id = ?1 AND id = ?2 AND status IN ('queued', 'sent')"
      " AND (provider_ref IS NULL OR provider_ref = ?4)"};
  return tx.exec(kReport, {account, id, to_text(status), provider_ref, error_code, now}) == 1;
}

std::optional<MessageState> find_message(Tx& tx, const AccountId& account, const MessageId& id) {
  static const Sql kFind{
      "SELECT id, channel, status, error_code, transaction_id, verification_id, provider FROM messages WHERE "
      "account_id = ?1 AND id = ?2"};
  std::optional<MessageState> found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    found = MessageState{row.id<MessageId>(0),  row.id<TransactionId>(4), row.id<VerificationId>(5),
                         row.string(6),         channel_in(row, 1),       row.string(2),
                         row.optional_string(3)};
  });
  return found;
}

std::vector<MessageTrail> messages_about(Tx& tx, const AccountId& account, const TransactionId& transaction,
                                         const TimeRange& made) {
  static const Sql kAbout{
      "SELECT id, verification_id, channel, provider, status, attempts, due_at, expires_at, provider_ref, error_code,"
      " finished_at FROM messages WHERE account_id = ?1 AND id >= ?2 AND id < ?3 AND transaction_id = ?4 ORDER BY id"};
  std::vector<MessageTrail> rows;
  tx.all(kAbout, {account, MessageId{made.begin()}, MessageId{made.end()}, transaction}, [&](const Row& row) {
    rows.push_back({row.id<MessageId>(0), row.id<VerificationId>(1), channel_in(row, 2), row.string(3), row.string(4),
                    row.integer(5), due_from_key(account, row.time(6)), row.time(7), row.optional_string(8),
                    row.optional_string(9), row.optional_time(10)});
  });
  return rows;
}

void insert_inbox(Tx& tx, const InboxRow& row) {
  static const Sql kInsert{
      "INSERT INTO inbox_messages (id, message_id, channel, content_sealed, created_at) VALUES (?1, ?2, ?3, ?4, ?5)"};
  tx.put(kInsert, {row.id, row.message, row.channel, Blob{row.content_sealed}, row.created_at});
}

namespace {

InboxRow read_inbox(const Row& row) {
  return {row.id<Id>(0), row.id<MessageId>(1), row.string(2), row.bytes(3), row.time(4)};
}

}  // namespace

std::vector<InboxRow> list_inbox(Tx& tx, int limit) {
  static const Sql kList{
      "SELECT id, message_id, channel, content_sealed, created_at FROM inbox_messages ORDER BY id DESC LIMIT ?1"};
  std::vector<InboxRow> rows;
  tx.all(kList, {limit}, [&](const Row& row) { rows.push_back(read_inbox(row)); });
  return rows;
}

std::optional<InboxRow> find_inbox(Tx& tx, const Id& id) {
  static const Sql kFind{
      "SELECT id, message_id, channel, content_sealed, created_at FROM inbox_messages WHERE id = ?1"};
  std::optional<InboxRow> found;
  tx.one(kFind, {id}, [&](const Row& row) { found = read_inbox(row); });
  return found;
}

void prune_inbox(Tx& tx, int keep) {
  static const Sql kPrune{
      "DELETE FROM inbox_messages WHERE id < (SELECT id FROM inbox_messages ORDER BY id DESC LIMIT 1 OFFSET ?1)"};
  tx.put(kPrune, {keep});
}

void clear_inbox(Tx& tx) {
  static const Sql kClear{"DELETE FROM inbox_messages"};
  tx.put(kClear, {});
}

}  // namespace countersign::store
