#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "risk/record.h"
#include "store/repository/time_range.h"
#include "store/tx.h"

namespace countersign::store {

// Decisions of the fraud rules (docs/adr/0051): those of one account, node and second are one row.

/// At most so many in one row, made within kDecisionsSpan.
inline constexpr std::size_t kDecisionsOfARow = 256;
inline constexpr Duration kDecisionsSpan = std::chrono::seconds(2);

/// All of one account, in any order. One statement for each row.
void add_decisions(Tx& tx, const AccountId& account, std::vector<risk::Record> records);

struct DecisionFilter {
  TimeRange made = {};
  std::optional<risk::Point> point = {};
  std::optional<risk::Outcome> outcome = {};
  std::string rule = {};     ///< One that matched; empty: any.
  std::string country = {};  ///< Of the number; empty: any.
  std::optional<TransactionId> transaction = {};
  std::optional<DecisionId> after = {};  ///< Only those before that one.
  int limit = 50;
};
struct DecisionPage {
  std::vector<risk::Record> records;  ///< The newest first.
  /// Where to go on. A page may hold fewer than `limit`, or none, and have one: only so many rows are looked through
  /// at once.
  std::optional<DecisionId> next;
};
/// What the last second brought may be missing.
[[nodiscard]] DecisionPage list_decisions(Tx& tx, const AccountId& account, const DecisionFilter& filter);

/// Calls `read` with all decisions of the range, row by row, the oldest first; for a replay. At most `limit` rows from
/// `after` on (empty: from the beginning); returns where to go on, empty at the end.
[[nodiscard]] std::string read_decisions(Tx& tx, const AccountId& account, const TimeRange& range,
                                         std::string_view after, int limit,
                                         FunctionRef<void(const risk::Record&)> read);

// The content of a row.
[[nodiscard]] std::string encode_decisions(std::span<const risk::Record> records);
/// Throws StoreFailure (kUnreadable) for anything that encode_decisions does not write.
[[nodiscard]] std::vector<risk::Record> decode_decisions(std::string_view content);

}  // namespace countersign::store
