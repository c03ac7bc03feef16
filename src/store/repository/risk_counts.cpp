#include "store/repository/risk_counts.h"

#include <algorithm>
#include <utility>

namespace countersign::store {

namespace {

constexpr Columns kCell{R"sql(account_id, kind, bucket, count_key, sent, newcomers, established)sql"};
constexpr Columns kBlock{R"sql(account_id, kind, block_key, id, rule, step, started_at, until, lifted_at)sql"};
constexpr std::int32_t kHoursStored = 26;
constexpr std::int32_t kDaysStored = 16;
constexpr std::int32_t kMarkDaysStored = 1;  ///< And the one that runs: clocks of nodes differ.

risk::Kind kind_of(std::int64_t number) {
  if (number < 0 || number >= static_cast<std::int64_t>(risk::kKinds))
    throw StoreFailure({StoreError::Code::kUnreadable, "unknown kind in risk_counts"});
  return static_cast<risk::Kind>(number);
}

CountedCell cell_of(const Row& row) {
  const auto small = [&](int column) { return static_cast<std::int32_t>(row.integer(column)); };
  const auto account = row.id<AccountId>(kCell["account_id"]);
  return {{risk::CountKey::of(account, kind_of(row.integer(kCell["kind"])), row.bytes(kCell["count_key"])),
           small(kCell["bucket"])},
          {small(kCell["sent"]), small(kCell["newcomers"]), small(kCell["established"])}};
}

BlockRow block_of(const Row& row) {
  BlockRow block;
  block.account = row.id<AccountId>(kBlock["account_id"]);
  block.kind = kind_of(row.integer(kBlock["kind"]));
  block.key = row.bytes(kBlock["block_key"]);
  block.id = row.id<BlockId>(kBlock["id"]);
  block.rule = row.string(kBlock["rule"]);
  block.block.step = static_cast<int>(row.integer(kBlock["step"]));
  block.block.started_at = row.time(kBlock["started_at"]);
  block.block.until = row.time(kBlock["until"]);
  block.block.lifted_at = row.optional_time(kBlock["lifted_at"]);
  return block;
}

}  // namespace

std::int64_t next_risk_version(Tx& tx, WallTime now) {
  static constexpr Sql kOfCounts{R"sql(
      SELECT version
      FROM risk_counts
      ORDER BY version DESC
      LIMIT 1
  )sql"};
  static constexpr Sql kOfBlocks{R"sql(
      SELECT version
      FROM risk_blocks
      ORDER BY version DESC
      LIMIT 1
  )sql"};
  std::int64_t last = to_micros(now);
  tx.one(kOfCounts, {}, [&](const Row& row) { last = row.integer(kOfCounts["version"]); });
  tx.one(kOfBlocks, {}, [&](const Row& row) { last = std::max(last, row.integer(kOfBlocks["version"])); });
  return last + 1;
}

void add_counts(Tx& tx, const std::vector<CountedCell>& counted, std::int64_t version) {
  static constexpr Sql kAdd{R"sql(
      INSERT INTO risk_counts (account_id, kind, bucket, count_key, sent, newcomers, established, version)
      VALUES (:account_id, :kind, :bucket, :count_key, :sent, :newcomers, :established, :version)
      ON CONFLICT (account_id, kind, bucket, count_key) DO UPDATE
      SET sent = risk_counts.sent + :sent,
          newcomers = risk_counts.newcomers + :newcomers,
          established = risk_counts.established + :established,
          version = :version
  )sql"};
  for (const auto& [cell, one] : counted) {
    tx.put(kAdd, {{"account_id", cell.key.account},
                  {"kind", static_cast<std::int64_t>(cell.key.kind)},
                  {"bucket", std::int64_t{cell.bucket}},
                  {"count_key", Blob{cell.key.text()}},
                  {"sent", std::int64_t{one.sent}},
                  {"newcomers", std::int64_t{one.newcomers}},
                  {"established", std::int64_t{one.established}},
                  {"version", version}});
  }
}

void add_typed(Tx& tx, const std::vector<TypedMark>& marks, std::int64_t version) {
  static constexpr Sql kAdd{R"sql(
      INSERT INTO risk_typed (account_id, subject_id, day, version)
      VALUES (:account_id, :subject_id, :day, :version)
      ON CONFLICT (account_id, subject_id, day) DO NOTHING
  )sql"};
  for (const auto& mark : marks) {
    tx.put(kAdd, {{"account_id", mark.account},
                  {"subject_id", mark.subject},
                  {"day", std::int64_t{mark.day}},
                  {"version", version}});
  }
}

std::vector<TypedMark> read_typed(Tx& tx, std::int64_t seen) {
  static constexpr Sql kMarks{R"sql(
      SELECT account_id, subject_id, day
      FROM risk_typed
      WHERE version > :seen
  )sql"};
  std::vector<TypedMark> marks;
  tx.all(kMarks, {seen}, [&](const Row& row) {
    marks.push_back({row.id<AccountId>(kMarks["account_id"]), row.id<SubjectId>(kMarks["subject_id"]),
                     static_cast<std::int32_t>(row.integer(kMarks["day"]))});
  });
  return marks;
}

RiskNews read_risk_news(Tx& tx, std::int64_t seen) { return read_risk_news(tx, seen, read_typed(tx, seen)); }

RiskNews read_risk_news(Tx& tx, std::int64_t seen, std::vector<TypedMark> typed) {
  static constexpr Sql kCells{kCell, R"sql(
      SELECT {{columns}}, version
      FROM risk_counts
      WHERE version > :seen
  )sql"};
  static constexpr Sql kBlocks{kBlock, R"sql(
      SELECT {{columns}}, version
      FROM risk_blocks
      WHERE version > :seen
  )sql"};
  RiskNews news;
  news.version = seen;
  news.typed = std::move(typed);
  tx.all(kCells, {seen}, [&](const Row& row) {
    news.counted.push_back(cell_of(row));
    news.version = std::max(news.version, row.integer(kCells["version"]));
  });
  tx.all(kBlocks, {seen}, [&](const Row& row) {
    news.blocks.push_back(block_of(row));
    news.version = std::max(news.version, row.integer(kBlocks["version"]));
  });
  return news;
}

void save_block(Tx& tx, const BlockRow& row, std::int64_t version) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO risk_blocks (account_id, kind, block_key, id, rule, step, started_at, until, lifted_at, version)
      VALUES (:account_id, :kind, :block_key, :id, :rule, :step, :started_at, :until, :lifted_at, :version)
      ON CONFLICT (account_id, kind, block_key) DO UPDATE
      SET id = :id, rule = :rule, step = :step, started_at = :started_at, until = :until, lifted_at = :lifted_at,
          version = :version
  )sql"};
  tx.put(kSave, {{"account_id", row.account},
                 {"kind", static_cast<std::int64_t>(row.kind)},
                 {"block_key", Blob{row.key}},
                 {"id", row.id},
                 {"rule", row.rule},
                 {"step", std::int64_t{row.block.step}},
                 {"started_at", row.block.started_at},
                 {"until", row.block.until},
                 {"lifted_at", row.block.lifted_at},
                 {"version", version}});
}

std::optional<BlockRow> find_block(Tx& tx, const AccountId& account, risk::Kind kind, std::string_view key) {
  static constexpr Sql kFind{kBlock, R"sql(
      SELECT {{columns}}
      FROM risk_blocks
      WHERE account_id = :account_id AND kind = :kind AND block_key = :block_key
  )sql"};
  std::optional<BlockRow> found;
  tx.one(kFind, {{"account_id", account}, {"kind", static_cast<std::int64_t>(kind)}, {"block_key", Blob{key}}},
         [&](const Row& row) { found = block_of(row); });
  return found;
}

std::optional<BlockRow> find_block(Tx& tx, const AccountId& account, const BlockId& id) {
  static constexpr Sql kFind{kBlock, R"sql(
      SELECT {{columns}}
      FROM risk_blocks
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<BlockRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = block_of(row); });
  return found;
}

std::vector<BlockRow> list_blocks(Tx& tx, const AccountId& account, WallTime now, const std::optional<BlockId>& after,
                                  int limit) {
  static constexpr Sql kClosed{kBlock, R"sql(
      SELECT {{columns}}
      FROM risk_blocks
      WHERE account_id = :account_id AND until > :now AND lifted_at IS NULL AND id < :after
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  Id before;
  before.raw.fill(0xFF);
  if (after) before = after->id;
  std::vector<BlockRow> rows;
  tx.all(kClosed, {{"account_id", account}, {"now", now}, {"after", before}, {"limit", limit}},
         [&](const Row& row) { rows.push_back(block_of(row)); });
  return rows;
}

std::vector<CountedCell> counts_of(Tx& tx, const AccountId& account, risk::Kind kind, std::string_view key) {
  static constexpr Sql kOfKey{kCell, R"sql(
      SELECT {{columns}}
      FROM risk_counts
      WHERE account_id = :account_id AND kind = :kind AND count_key = :count_key
  )sql"};
  std::vector<CountedCell> cells;
  tx.all(kOfKey, {{"account_id", account}, {"kind", static_cast<std::int64_t>(kind)}, {"count_key", Blob{key}}},
         [&](const Row& row) { cells.push_back(cell_of(row)); });
  return cells;
}

std::int64_t purge_risk(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static constexpr Sql kOld{R"sql(
      DELETE FROM risk_counts
      WHERE account_id = :account_id AND kind = :kind AND bucket < :before
        AND (bucket, count_key) IN (
            SELECT bucket, count_key
            FROM risk_counts
            WHERE account_id = :account_id AND kind = :kind AND bucket < :before
            ORDER BY bucket, count_key
            LIMIT :limit)
  )sql"};
  static constexpr Sql kMarks{R"sql(
      DELETE FROM risk_typed
      WHERE account_id = :account_id AND day < :before
        AND (subject_id, day) IN (
            SELECT subject_id, day
            FROM risk_typed
            WHERE account_id = :account_id AND day < :before
            LIMIT :limit)
  )sql"};
  static constexpr Sql kOver{R"sql(
      DELETE FROM risk_blocks
      WHERE account_id = :account_id AND until < :before
  )sql"};
  std::int64_t deleted = 0;
  for (std::size_t i = 0; i < risk::kKinds; ++i) {
    const auto kind = static_cast<risk::Kind>(i);
    const std::int64_t before =
        risk::counts_days(kind) ? risk::day_number_of(now) - kDaysStored : risk::hour_of(now) - kHoursStored;
    deleted += tx.exec(
        kOld, {{"account_id", account}, {"kind", static_cast<std::int64_t>(i)}, {"before", before}, {"limit", limit}});
  }
  deleted += tx.exec(kMarks, {{"account_id", account},
                              {"before", std::int64_t{risk::day_number_of(now) - kMarkDaysStored}},
                              {"limit", limit}});
  tx.put(kOver, {{"account_id", account}, {"before", now - risk::kBlockForgotten}});
  return deleted;
}

}  // namespace countersign::store
