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
  AddressId contact;             ///< The receiver.
  std::vector<BindingId> about;  ///< Bindings for which an accepted notice is recorded; none for an erasure.
  /// Of one that tells several changes at once, because the contact had had as many notices as allowed: all since then.
  std::optional<WallTime> since;
  std::optional<WallTime> until;  ///< With `since`, once its text is written: up to then. Not stored.
  contact::Channel channel = contact::Channel::kSms;
  std::string provider;
  std::string content_sealed;  ///< As for a message; destroyed when the notice is finished.
  std::int64_t attempts = 0;
  WallTime due_at;
  WallTime expires_at;
};

void insert_notice(Tx& tx, const NoticeRow& row);

/// A notice with `since` that waits for room, and was not sent yet.
struct WaitingNotice {
  MessageId id;
  AddressId contact;
  WallTime since;
  WallTime expires_at;
};
/// Those of a subject at a service, in order.
[[nodiscard]] std::vector<WaitingNotice> waiting_notices(Tx& tx, const AccountId& account, const SubjectId& subject,
                                                         const ServiceId& service);
/// Makes a waiting notice tell the changes since `since`.
void widen_notice(Tx& tx, const AccountId& account, const MessageId& id, WallTime since);

/// The accounts that have queued notices, due or not.
[[nodiscard]] std::vector<AccountId> accounts_with_notices(Tx& tx);
inline constexpr Columns kDueNotice{R"sql(
    account_id, id, subject_id, service_id, contact_id, about, channel, provider, content_sealed, attempts,
    expires_at, due_at
)sql"};
/// A row of kDueNotice.
[[nodiscard]] NoticeRow read_due_notice(const Row& row);
/// Up to `limit` due notices of an account, the earliest first. Unreadable ones are set aside.
[[nodiscard]] Leased<NoticeRow> due_notices(Tx& tx, const AccountId& account, WallTime now, int limit);
/// Leases one until `lease_until`; `attempts` counts the lease.
void lease_notice(Tx& tx, NoticeRow& row, WallTime lease_until, std::string_view owner);
/// Fails an unreadable queued notice, and keeps its content. `account` and `id` as bytes.
void set_notice_aside(Tx& tx, std::string_view account, std::string_view id, WallTime now);

/// Finishes a notice and destroys its content. `error_code` if it failed. False if it was finished already.
[[nodiscard]] bool finish_notice(Tx& tx, const AccountId& account, const MessageId& id,
                                 const std::optional<std::string>& error_code, WallTime now);
/// Requeues it for a retry.
void retry_notice(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at, std::string_view error_code);
/// Requeues it without counting an attempt.
void put_notice_off(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at);
/// Moves it to another provider, at once.
void hand_notice_over(Tx& tx, const NoticeRow& row, WallTime due_at);
/// For an erased subject: unsent notices are not sent, and no address stays.
void drop_notices(Tx& tx, const AccountId& account, const SubjectId& subject);

/// An address in clear, by its id, which is also the source's id; nullopt if it is deleted or emptied. Works without a
/// contact too: the owner of a removed contact must still be notified.
[[nodiscard]] std::optional<SecretString> find_address(Tx& tx, const Vault& vault, const AccountId& account,
                                                       const AddressId& id);

/// Deletes at most `limit` addresses that no contact has had since before `before` (remove_contact records the time).
/// Of those where wrong codes were counted within a year, the keyed index and the counts stay until then, or whoever
/// waits long enough could begin to guess anew. [STD-21] Of those whose holder wants no messages by a channel, the
/// index and that stay until it is lifted. [ADR 48] Returns how many were deleted.
[[nodiscard]] std::int64_t purge_addresses(Tx& tx, const AccountId& account, WallTime before, WallTime now, int limit);

}  // namespace countersign::store
