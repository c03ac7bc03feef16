#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "risk/counts.h"
#include "risk/pumping.h"
#include "store/tx.h"

namespace countersign::store {

// What the fraud rules count and block, of all nodes together (docs/adr/0051). Each change has the next version, so
// that a node reads what it has not seen. Whoever writes here runs alone among all nodes: a unit without a Beside.

struct CountedCell {
  risk::Cell cell;
  risk::Counted counted;
};

/// An established person who was counted on that day (risk::day_number_of): once, whichever node it is.
struct TypedMark {
  AccountId account;
  SubjectId subject;
  std::int32_t day = 0;
  auto operator<=>(const TypedMark&) const = default;
};

/// A place that was closed.
struct BlockRow {
  AccountId account;
  risk::Kind kind = risk::Kind::kPrefix;
  std::string key;
  BlockId id;  ///< Of this block: each begins with a new one.
  std::string rule;
  risk::Block block;
};

/// The version that the unit's changes have: later than any before, also where what had that was deleted since.
[[nodiscard]] std::int64_t next_risk_version(Tx& tx, WallTime now);

/// Adds them to what is stored: one statement for each.
void add_counts(Tx& tx, const std::vector<CountedCell>& counted, std::int64_t version);
/// Those that are stored stay as they are: one statement for each.
void add_typed(Tx& tx, const std::vector<TypedMark>& marks, std::int64_t version);
[[nodiscard]] std::vector<TypedMark> read_typed(Tx& tx, std::int64_t seen);
/// All of later versions than `seen`, as they are now.
struct RiskNews {
  std::vector<CountedCell> counted;
  std::vector<BlockRow> blocks;
  std::vector<TypedMark> typed;
  std::int64_t version = 0;  ///< The last.
};
[[nodiscard]] RiskNews read_risk_news(Tx& tx, std::int64_t seen);
/// The same, with the marks that were read before the unit wrote its own.
[[nodiscard]] RiskNews read_risk_news(Tx& tx, std::int64_t seen, std::vector<TypedMark> typed);

/// Replaces the place's block.
void save_block(Tx& tx, const BlockRow& row, std::int64_t version);
[[nodiscard]] std::optional<BlockRow> find_block(Tx& tx, const AccountId& account, risk::Kind kind,
                                                 std::string_view key);
[[nodiscard]] std::optional<BlockRow> find_block(Tx& tx, const AccountId& account, const BlockId& id);
/// Those that are closed, the newest first; before `after`.
[[nodiscard]] std::vector<BlockRow> list_blocks(Tx& tx, const AccountId& account, WallTime now,
                                                const std::optional<BlockId>& after, int limit);
/// What is stored of the hours of a place.
[[nodiscard]] std::vector<CountedCell> counts_of(Tx& tx, const AccountId& account, risk::Kind kind,
                                                 std::string_view key);

/// Deletes what no rule looks at any more: hours after 26, days after 16, marks after 2, blocks that are over for so
/// long that they are forgotten. At most `limit` of each; how many.
std::int64_t purge_risk(Tx& tx, const AccountId& account, WallTime now, int limit);

}  // namespace countersign::store
