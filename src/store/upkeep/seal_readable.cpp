#include "store/upkeep/seal_readable.h"

#include <vector>

#include "store/repository/factors.h"
#include "store/repository/transactions.h"

namespace countersign::store {

namespace {

template <class RowId>
struct Readable {
  AccountId account;
  RowId id;
  std::string text;
};

}  // namespace

std::int64_t seal_readable(Tx& tx, const Vault& vault, int limit, Random& random) {
  static constexpr Sql kUrls{R"sql(
      SELECT account_id, id, return_url
      FROM transactions {{index(}}transactions_readable{{)}}
      WHERE return_url <> ''
      LIMIT :limit
  )sql"};
  static constexpr Sql kSealUrl{R"sql(
      UPDATE transactions
      SET return_url = '', return_url_sealed = :return_url_sealed
      WHERE account_id = :account_id AND id = :id
  )sql"};
  static constexpr Sql kNames{R"sql(
      SELECT account_id, id, name
      FROM factors {{index(}}factors_readable{{)}}
      WHERE name <> ''
      LIMIT :limit
  )sql"};
  static constexpr Sql kSealName{R"sql(
      UPDATE factors
      SET name = '', name_sealed = :name_sealed
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::vector<Readable<TransactionId>> urls;
  tx.all(kUrls, {limit}, [&](const Row& row) {
    urls.push_back(
        {row.id<AccountId>(kUrls["account_id"]), row.id<TransactionId>(kUrls["id"]), row.string(kUrls["return_url"])});
  });
  for (const auto& row : urls) {
    const std::string sealed = seal_return_url(vault, row.id, row.text, random);
    tx.put(kSealUrl, {{"return_url_sealed", Blob{sealed}}, {"account_id", row.account}, {"id", row.id}});
  }
  std::vector<Readable<FactorId>> names;
  tx.all(kNames, {limit}, [&](const Row& row) {
    names.push_back(
        {row.id<AccountId>(kNames["account_id"]), row.id<FactorId>(kNames["id"]), row.string(kNames["name"])});
  });
  for (const auto& row : names) {
    const std::string sealed = seal_name(vault, row.id, row.text, random);
    tx.put(kSealName, {{"name_sealed", Blob{sealed}}, {"account_id", row.account}, {"id", row.id}});
  }
  return static_cast<std::int64_t>(urls.size() + names.size());
}

}  // namespace countersign::store
