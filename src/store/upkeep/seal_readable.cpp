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

template <class RowId>
std::vector<Readable<RowId>> find_readable(Tx& tx, const Sql& sql, int limit) {
  std::vector<Readable<RowId>> rows;
  tx.all(sql, {limit},
         [&](const Row& row) { rows.push_back({row.id<AccountId>(0), row.id<RowId>(1), row.string(2)}); });
  return rows;
}

}  // namespace

std::int64_t seal_readable(Tx& tx, const Vault& vault, int limit, Random& random) {
  static const Sql kUrls{
      "SELECT account_id, id, return_url FROM transactions {{index(}}transactions_readable{{)}}"
      " WHERE return_url <> '' LIMIT ?1"};
  static const Sql kSealUrl{
      "UPDATE transactions SET return_url = '', return_url_sealed = ?3 WHERE account_id = ?1 AND id = ?2"};
  static const Sql kNames{
      "SELECT account_id, id, name FROM factors {{index(}}factors_readable{{)}} WHERE name <> '' LIMIT ?1"};
  static const Sql kSealName{"UPDATE factors SET name = '', name_sealed = ?3 WHERE account_id = ?1 AND id = ?2"};
  const auto urls = find_readable<TransactionId>(tx, kUrls, limit);
  for (const auto& row : urls) {
    const std::string sealed = seal_return_url(vault, row.id, row.text, random);
    tx.put(kSealUrl, {row.account, row.id, Blob{sealed}});
  }
  const auto names = find_readable<FactorId>(tx, kNames, limit);
  for (const auto& row : names) {
    const std::string sealed = seal_name(vault, row.id, row.text, random);
    tx.put(kSealName, {row.account, row.id, Blob{sealed}});
  }
  return static_cast<std::int64_t>(urls.size() + names.size());
}

}  // namespace countersign::store
