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

// What is kept of test accounts alone. [ADR 26]

/// By how much a test account's clock is ahead of the machine's; zero for all others, without a query.
[[nodiscard]] Duration clock_ahead(Tx& tx, const AccountId& account);
void save_clock_ahead(Tx& tx, const AccountId& account, Duration ahead);

/// When the first of what is to be done in a test account comes due, by its own clock; nothing where there is nothing.
[[nodiscard]] std::optional<WallTime> earliest_test_work(Tx& tx, const AccountId& account);

// What is due in one test account by `now`, its own time: the earliest first, at most `limit`. Nothing is leased,
// because it is worked off in the transaction that finds it; but for deliveries, which somebody outside must take.
[[nodiscard]] std::vector<MessageRow> due_test_messages(Tx& tx, const AccountId& account, WallTime now, int limit);
[[nodiscard]] std::vector<NoticeRow> due_test_notices(Tx& tx, const AccountId& account, WallTime now, int limit);
[[nodiscard]] std::vector<TransactionRow> lapsed_test_transactions(Tx& tx, const AccountId& account, WallTime now,
                                                                   int limit);
[[nodiscard]] std::vector<domain::standing::History> due_test_histories(Tx& tx, const AccountId& account, WallTime now,
                                                                        int limit);
[[nodiscard]] std::vector<ErasureRow> due_test_erasures(Tx& tx, const AccountId& account, WallTime now, int limit);
[[nodiscard]] std::vector<DeliveryRow> lease_test_deliveries(Tx& tx, const AccountId& account, WallTime now,
                                                             WallTime lease_until, std::string_view owner, int limit);

/// A message that was sent in test mode.
struct TestMessageRow {
  AccountId account;
  MessageId id;  ///< The inbox's own: a message that is sent twice is there twice.
  std::optional<TransactionId> transaction;
  std::optional<VerificationId> verification;
  std::string content_sealed;
  WallTime arrives_at;
};
void insert_test_message(Tx& tx, const TestMessageRow& row);
/// Those that have arrived by `now`, newest first; of one transaction alone, if one is given.
[[nodiscard]] std::vector<TestMessageRow> list_test_messages(Tx& tx, const AccountId& account, WallTime now,
                                                             const std::optional<TransactionId>& transaction,
                                                             int limit);
/// Keeps the newest `keep`.
void prune_test_messages(Tx& tx, const AccountId& account, int keep);

/// Deletes subjects of a test account that were made before `before` and have no transaction, with all that is known
/// of them, and messages from before it; at most about `limit`. Answers how many.
[[nodiscard]] std::int64_t purge_test_people(Tx& tx, const AccountId& account, WallTime before, int limit);

}  // namespace countersign::store
