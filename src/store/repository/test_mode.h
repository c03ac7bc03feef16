#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "store/repository/erasures.h"
#include "store/repository/messages.h"
#include "store/repository/notices.h"
#include "store/repository/standings.h"
#include "store/repository/transactions.h"
#include "store/repository/webhooks.h"
#include "store/tx.h"

namespace countersign::store {

// Data stored only for test accounts. [ADR 26]

/// How far a test account's clock is ahead of the machine's; zero for all others, without a query.
[[nodiscard]] Duration clock_ahead(Tx& tx, const AccountId& account);
void save_clock_ahead(Tx& tx, const AccountId& account, Duration ahead);

/// When the first work of a test account comes due, by its own clock; nullopt if there is none.
[[nodiscard]] std::optional<WallTime> earliest_test_work(Tx& tx, const AccountId& account);

// Work due in one test account by `now`, its own time: the earliest first, at most `limit`. It is not leased, because
// it is done in the transaction that finds it; except for deliveries, which an external endpoint must receive.
[[nodiscard]] std::vector<MessageRow> due_test_messages(Tx& tx, const AccountId& account, WallTime now, int limit);
[[nodiscard]] std::vector<NoticeRow> due_test_notices(Tx& tx, const AccountId& account, WallTime now, int limit);
[[nodiscard]] std::vector<TransactionRow> lapsed_test_transactions(Tx& tx, const AccountId& account, WallTime now,
                                                                   int limit);
[[nodiscard]] std::vector<domain::standing::History> due_test_histories(Tx& tx, const AccountId& account, WallTime now,
                                                                        int limit);
[[nodiscard]] std::vector<ErasureRow> due_test_erasures(Tx& tx, const AccountId& account, WallTime now, int limit);
[[nodiscard]] std::vector<DeliveryRow> lease_test_deliveries(Tx& tx, const AccountId& account, WallTime now,
                                                             WallTime lease_until, std::string_view owner, int limit);

/// A message sent in test mode.
struct TestMessageRow {
  AccountId account;
  MessageId id;  ///< The inbox's own id: a message that is sent twice appears twice.
  std::optional<TransactionId> transaction;
  std::optional<VerificationId> verification;
  std::string content_sealed;
  WallTime arrives_at;
};
void insert_test_message(Tx& tx, const TestMessageRow& row);
/// Those that have arrived by `now`, newest first; only of one transaction, if given.
[[nodiscard]] std::vector<TestMessageRow> list_test_messages(Tx& tx, const AccountId& account, WallTime now,
                                                             const std::optional<TransactionId>& transaction,
                                                             int limit);
/// Deletes all but the newest `keep`.
void prune_test_messages(Tx& tx, const AccountId& account, int keep);

/// Deletes subjects of a test account created before `before` without a transaction, with all their data, and messages
/// from before it; at most about `limit`. Returns how many.
[[nodiscard]] std::int64_t purge_test_people(Tx& tx, const AccountId& account, WallTime before, int limit);

}  // namespace countersign::store
