#include "store/upkeep/sealed_columns.h"

#include <fmt/format.h>

#include <array>
#include <deque>
#include <string>

namespace countersign::store {

namespace {

/// Where sealed values stand, and the place that each is bound to (crypto::Place). A value is found by its account and
/// by one more column, which in all tables but `resources`, where there are few rows, is the rest of the primary key.
struct Stored {
  std::string_view table;
  std::string_view column;
  std::string_view place_table;  ///< Not always the table that it stands in.
  std::string_view place_column;
  std::string_view account = "account_id";
  std::string_view id = "id";
  std::string_view place_row = "id";
};

// As repository/resources.cpp makes it.
constexpr std::string_view kResourcePlace = "CAST(CAST(kind AS {{blob}}) || parent_id || id AS {{blob}})";

constexpr std::array kStored{
    Stored{.table = "subjects", .column = "identity_sealed", .place_table = "subjects", .place_column = "identity"},
    Stored{.table = "addresses", .column = "address_sealed", .place_table = "addresses", .place_column = "address"},
    Stored{.table = "contacts",
           .column = "address_sealed",
           .place_table = "addresses",
           .place_column = "address",
           .place_row = "address_id"},
    Stored{.table = "factors", .column = "name_sealed", .place_table = "factors", .place_column = "name"},
    Stored{.table = "factors", .column = "secret_sealed", .place_table = "factors", .place_column = "secret"},
    Stored{.table = "factors", .column = "material_sealed", .place_table = "factors", .place_column = "material"},
    Stored{
        .table = "transactions", .column = "display_sealed", .place_table = "transactions", .place_column = "display"},
    Stored{.table = "transactions",
           .column = "metadata_sealed",
           .place_table = "transactions",
           .place_column = "metadata"},
    Stored{.table = "transactions",
           .column = "return_url_sealed",
           .place_table = "transactions",
           .place_column = "return_url"},
    Stored{.table = "transactions",
           .column = "ceremonies_sealed",
           .place_table = "transactions",
           .place_column = "ceremonies"},
    Stored{.table = "payloads",
           .column = "data_key_wrapped",
           .place_table = "payloads",
           .place_column = "data_key",
           .id = "transaction_id",
           .place_row = "transaction_id"},
    Stored{.table = "messages", .column = "content_sealed", .place_table = "messages", .place_column = "content"},
    Stored{.table = "notices", .column = "content_sealed", .place_table = "messages", .place_column = "content"},
    Stored{.table = "test_messages", .column = "content_sealed", .place_table = "messages", .place_column = "content"},
    Stored{.table = "inbox_messages",
           .column = "content_sealed",
           .place_table = "messages",
           .place_column = "content",
           .account = "id"},
    Stored{.table = "webhook_endpoints",
           .column = "url_sealed",
           .place_table = "webhook_endpoints",
           .place_column = "url"},
    Stored{.table = "webhook_endpoints",
           .column = "secret_sealed",
           .place_table = "webhook_endpoints",
           .place_column = "secret"},
    Stored{.table = "webhook_endpoints",
           .column = "previous_secret_sealed",
           .place_table = "webhook_endpoints",
           .place_column = "previous_secret"},
    Stored{.table = "auth_tokens",
           .column = "token_sealed",
           .place_table = "auth_tokens",
           .place_column = "token",
           .id = "account_id",
           .place_row = "account_id"},
    Stored{.table = "resources",
           .column = "content_sealed",
           .place_table = "resources",
           .place_column = "content",
           .id = kResourcePlace,
           .place_row = kResourcePlace},
    Stored{.table = "idempotency",
           .column = "answer_sealed",
           .place_table = "idempotency",
           .place_column = "answer",
           .id = "key_digest",
           .place_row = "key_digest"},
};

// The statements for one of them, which the tokens name. Bytes 2 to 5 of a sealed value are the id of its key
// (crypto/sealing.h).
constexpr Columns kKeyCount{"substr({{sealed}}, 2, 4) AS key_id, count(*) AS sealed_values"};
constexpr std::string_view kCountText = R"sql(
    SELECT {{columns}}
    FROM {{its_table}}
    WHERE length({{sealed}}) > 0
    GROUP BY 1
    ORDER BY 1
)sql";
constexpr std::string_view kAnyText = R"sql(
    SELECT 1
    FROM {{its_table}}
    WHERE {{sealed}} IS NOT NULL AND substr({{sealed}}, 2, 4) = :key_id
    LIMIT 1
)sql";
constexpr Columns kStoredValue{"{{account}} AS account, {{id}} AS id, {{place_row}} AS place, {{sealed}} AS sealed"};
constexpr std::string_view kPageText = R"sql(
    SELECT {{columns}}
    FROM {{its_table}}
    WHERE ({{account}}, {{id}}) > (:account, :id)
    ORDER BY {{account}}, {{id}}
    LIMIT :limit
)sql";
constexpr std::string_view kSealText = R"sql(
    UPDATE {{its_table}}
    SET {{sealed}} = :anew
    WHERE {{account}} = :account AND {{id}} = :id AND {{sealed}} = :before
)sql";

/// One column and its statements.
class SealedColumn {
 public:
  explicit SealedColumn(const Stored& in)
      : stored(in),
        name(fmt::format("{}.{}", in.table, in.column)),
        count({kKeyCount, {"its_table", in.table}, {"sealed", in.column}}, kCountText),
        any({{"its_table", in.table}, {"sealed", in.column}}, kAnyText),
        page({kStoredValue,
              {"its_table", in.table},
              {"sealed", in.column},
              {"account", in.account},
              {"id", in.id},
              {"place_row", in.place_row}},
             kPageText),
        seal({{"its_table", in.table}, {"sealed", in.column}, {"account", in.account}, {"id", in.id}}, kSealText) {}

  const Stored& stored;
  const std::string name;
  const Sql count;
  const Sql any;
  const Sql page;
  const Sql seal;
};

const std::deque<SealedColumn>& all_sealed() {
  static const std::deque<SealedColumn> kAll(kStored.begin(), kStored.end());
  return kAll;
}

std::uint32_t key_id_in(std::string_view four_bytes) {
  std::uint32_t id = 0;
  for (const char byte : four_bytes) id = id << 8 | static_cast<unsigned char>(byte);
  return id;
}

std::string key_id_bytes(std::uint32_t id) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(id >> shift & 0xFFU));
  return out;
}

}  // namespace

std::vector<SealedCount> count_sealed(Tx& tx) {
  std::vector<SealedCount> counts;
  for (const auto& column : all_sealed()) {
    tx.all(column.count, {}, [&](const Row& row) {
      counts.push_back(
          {column.name, key_id_in(row.blob(kKeyCount["key_id"])), row.integer(kKeyCount["sealed_values"])});
    });
  }
  return counts;
}

bool is_sealed_under(Tx& tx, std::uint32_t key) {
  const std::string id = key_id_bytes(key);
  for (const auto& column : all_sealed()) {
    if (tx.one(column.any, {Blob{id}}, [](const Row&) {})) return true;
  }
  return false;
}

std::vector<std::string_view> sealed_columns() {
  std::vector<std::string_view> names;
  for (const auto& column : all_sealed()) names.push_back(column.name);
  return names;
}

bool next_sealed(Tx& tx, std::uint32_t current, int limit, SealedCursor& cursor, std::vector<SealedValue>& out) {
  out.clear();
  if (cursor.column >= all_sealed().size()) return false;
  const SealedCursor from = cursor;  // The statement borrows it while its rows move the cursor.
  int seen = 0;
  tx.all(all_sealed()[from.column].page, {{"account", Blob{from.account}}, {"id", Blob{from.id}}, {"limit", limit}},
         [&](const Row& row) {
           ++seen;
           cursor.account = row.bytes(kStoredValue["account"]);
           cursor.id = row.bytes(kStoredValue["id"]);
           if (row.is_null(kStoredValue["sealed"])) return;
           const auto key = crypto::key_id_of(row.blob(kStoredValue["sealed"]));
           if (!key || *key == current) return;
           out.push_back({from.column, cursor.account, cursor.id, row.bytes(kStoredValue["place"]),
                          row.bytes(kStoredValue["sealed"])});
         });
  if (seen < limit) cursor = {cursor.column + 1, {}, {}};
  return true;
}

std::int64_t seal_anew(Tx& tx, const Vault& vault, const std::vector<SealedValue>& values, Random& random) {
  std::int64_t done = 0;
  for (const auto& value : values) {
    const auto& column = all_sealed()[value.column];
    const auto plain =
        vault.sealer().open(value.sealed, {column.stored.place_table, value.place, column.stored.place_column});
    if (!plain) continue;  // Nobody could read it before, either; whoever needs it says so.
    const std::string sealed =
        vault.seal(plain->expose(), column.stored.place_table, value.place, column.stored.place_column, random);
    tx.put(column.seal, {{"anew", Blob{sealed}},
                         {"account", Blob{value.account}},
                         {"id", Blob{value.id}},
                         {"before", Blob{value.sealed}}});
    ++done;
  }
  return done;
}

}  // namespace countersign::store
