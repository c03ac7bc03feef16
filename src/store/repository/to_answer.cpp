#include "store/repository/to_answer.h"

#include "store/error.h"
#include "store/repository/codec.h"
#include "store/repository/transaction_columns.h"

namespace countersign::store {

namespace {

constexpr Columns kAnswering{R"sql(
    f.id, f.subject_id, f.type AS factor_type, f.status, f.material_sealed
)sql"};

/// From the columns that begin at `at`; nullopt where nothing was joined.
std::optional<AnsweringFactor> read_answering(const Row& row, int at) {
  if (row.is_null(at + kAnswering["id"])) return std::nullopt;
  const auto type = domain::parse_method(row.text(at + kAnswering["factor_type"]));
  const auto status = domain::parse_factor_status(row.text(at + kAnswering["status"]));
  if (!type || !status) throw StoreFailure({StoreError::Code::kUnreadable, "unknown word in factors"});
  return AnsweringFactor{row.id<FactorId>(at + kAnswering["id"]), row.id<SubjectId>(at + kAnswering["subject_id"]),
                         *type, *status, row.optional_bytes(at + kAnswering["material_sealed"])};
}

}  // namespace

std::optional<ToJudge> find_to_judge(Tx& tx, const AccountId& account, const TransactionId& id,
                                     std::string_view handle_digest) {
  static constexpr Columns kJudged{R"sql(
      t.service_id, t.subject_id, t.type, t.policy, t.binding_hash, t.ceremonies_sealed
  )sql"};
  static constexpr Sql kFind{{kJudged, kAnswering.as("factor")}, R"sql(
      SELECT {{columns}}, {{factor}}
      FROM transactions t
      LEFT JOIN factors f {{index(}}factors_by_handle{{)}}
        ON f.account_id = t.account_id AND f.handle_digest = :handle_digest
      WHERE t.account_id = :account_id AND t.id = :id
  )sql"};
  std::optional<ToJudge> found;
  tx.one(kFind, {{"handle_digest", Blob{handle_digest}}, {"account_id", account}, {"id", id}}, [&](const Row& row) {
    found.emplace(ToJudge{row.id<ServiceId>(kJudged["service_id"]), row.id<SubjectId>(kJudged["subject_id"]),
                          read_purpose(row.text(kJudged["type"])), decode_policy(row.text(kJudged["policy"])),
                          row.bytes(kJudged["binding_hash"]), row.optional_bytes(kJudged["ceremonies_sealed"]),
                          read_answering(row, kJudged.count())});
  });
  return found;
}

std::optional<ToAnswer> find_transaction_to_answer(Tx& tx, const AccountId& account, const TransactionId& id,
                                                   const std::optional<FactorId>& factor) {
  static constexpr Sql kFind{{kTransaction, kAnswering.as("factor")}, R"sql(
      SELECT {{columns}}, h.content, {{factor}}
      FROM transactions t
      LEFT JOIN standings h
        ON h.account_id = t.account_id AND h.subject_id = t.subject_id AND h.service_id = t.service_id
      LEFT JOIN factors f ON f.account_id = t.account_id AND f.id = :factor_id
      WHERE t.account_id = :account_id AND t.id = :id
  )sql"};
  std::optional<ToAnswer> found;
  tx.one(kFind, {{"factor_id", factor}, {"account_id", account}, {"id", id}}, [&](const Row& row) {
    found.emplace(ToAnswer{read_transaction(row), read_answering(row, kTransaction.count() + 1)});
    found->row.history_content = row.optional_string(kTransaction.count());
  });
  return found;
}

}  // namespace countersign::store
