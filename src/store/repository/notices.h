#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "contact/channel.h"
#include "store/repository/vault.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// A notice to one contact. Queued, leased and finished like a message (repository/messages.h), in a table of its own.
struct NoticeRow {
  AccountId account;
  MessageId id;
  SubjectId subject;
  ServiceId service;
  AddressId contact;             ///< Who is told.
  std::vector<BindingId> about;  ///< Of which an accepted notice is written down; none for an erasure.
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;
  std::string content_sealed;  ///< As of a message; destroyed when the notice is finished.
  std::int64_t attempts = 0;
  WallTime due_at;
  WallTime expires_at;
};

void insert_notice(Tx& tx, const NoticeRow& row);

/// The accounts that have queued notices, due or not.
[[nodiscard]] std::vector<AccountId> accounts_with_notices(Tx& tx);
/// A row of account_id, id, subject_id, service_id, contact_id, about, channel, provider, content_sealed, attempts,
/// expires_at and due_at.
[[nodiscard]] NoticeRow read_due_notice(const Row& row);
/// Up to `limit` of an account's that are due, the earliest first. What cannot be read is set aside.
[[nodiscard]] Leased<NoticeRow> due_notices(Tx& tx, const AccountId& account, WallTime now, int limit);
/// Leases one until `lease_until`; `attempts` counts the lease.
void lease_notice(Tx& tx, NoticeRow& row, WallTime lease_until, std::string_view owner);
/// Fails a queued notice that cannot be read, and keeps its content. `account` and `id` as bytes.
void set_notice_aside(Tx& tx, std::string_view account, std::string_view id, WallTime now);

/// The end of a notice: its content is destroyed. `error_code` where it failed. False when it was finished already.
[[nodiscard]] bool finish_notice(Tx& tx, const AccountId& account, const MessageId& id,
                                 const std::optional<std::string>& error_code, WallTime now);
/// Back into the queue.
void retry_notice(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at, std::string_view error_code);
/// The same, as if it had not been leased: it was not tried.
void put_notice_off(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at);
/// To another provider, at once.
void hand_notice_over(Tx& tx, const NoticeRow& row, WallTime due_at);
/// Of a subject that is erased: what was not sent is not sent, and nobody's address stays.
void drop_notices(Tx& tx, const AccountId& account, const SubjectId& subject);

/// An address in clear, by its id, which is also the id of the source; nothing where it is gone. Whether a contact
/// still has it or not: who was removed must be told, too.
[[nodiscard]] std::optional<SecretString> find_address(Tx& tx, const Vault& vault, const AccountId& account,
                                                       const AddressId& id);

/// Forgets addresses that no contact has had since before `before` (remove_contact notes since when), at most `limit`
/// of them. Answers how many.
[[nodiscard]] std::int64_t purge_addresses(Tx& tx, const AccountId& account, WallTime before, int limit);

}  // namespace countersign::store
