#include "store/repository/verifications.h"

#include "store/error.h"

namespace countersign::store {

namespace {

#define CS_VERIFICATION_COLUMNS                                                                                      \
  "SELECT account_id, transaction_id, id, contact_id, channel, provider, provider_ref, status, code_digest,"         \
  " code_valid_until, previous_digest, previous_valid_until, attempts, sends, created_at, last_sent_at, expires_at," \
  " send_fault FROM verifications "

std::optional<domain::SentCode> read_code(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return domain::SentCode{row.bytes(column), row.time(column + 1)};
}

VerificationRow read_verification(const Row& row) {
  const auto channel = contact::parse_channel(row.text(4));
  const auto status = domain::parse_verification_status(row.text(7));
  if (!channel || !status) throw StoreFailure({StoreError::Code::kUnreadable, "unknown word in verifications"});
  VerificationRow v;
  v.state.account = row.id<AccountId>(0);
  v.state.transaction = row.id<TransactionId>(1);
  v.state.id = row.id<VerificationId>(2);
  v.state.contact = row.id<ContactId>(3);
  v.state.channel = *channel;
  v.provider = row.string(5);
  v.provider_ref = row.optional_string(6);
  v.state.status = *status;
  v.state.code = read_code(row, 8);
  v.state.previous_code = read_code(row, 10);
  v.state.attempts = static_cast<int>(row.integer(12));
  v.state.sends = static_cast<int>(row.integer(13));
  v.state.created_at = row.time(14);
  v.state.last_sent_at = row.time(15);
  v.state.expires_at = row.time(16);
  v.send_fault = row.optional_string(17);
  return v;
}

std::optional<Blob> digest_of(const std::optional<domain::SentCode>& code) {
  return code ? std::optional(Blob{code->digest}) : std::nullopt;
}

std::optional<WallTime> validity_of(const std::optional<domain::SentCode>& code) {
  return code ? std::optional(code->valid_until) : std::nullopt;
}

}  // namespace

void insert_verification(Tx& tx, const VerificationRow& v, std::optional<std::string_view> sendings) {
  static const Sql kInsert{
      "INSERT INTO verifications (account_id, transaction_id, id, contact_id, channel, provider, provider_ref, status,"
      " code_digest, code_valid_until, previous_digest, previous_valid_until, attempts, sends, created_at, "
      "last_sent_at,"
      " expires_at, sendings) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,"
      " ?18)"};
  const auto& s = v.state;
  tx.put(kInsert,
         {s.account, s.transaction, s.id, s.contact, contact::to_text(s.channel), v.provider, v.provider_ref,
          domain::to_text(s.status), digest_of(s.code), validity_of(s.code), digest_of(s.previous_code),
          validity_of(s.previous_code), s.attempts, s.sends, s.created_at, s.last_sent_at, s.expires_at, sendings});
}

void save_verification(Tx& tx, const VerificationRow& v) {
  static const Sql kSave{
      "UPDATE verifications SET status = ?4, code_digest = ?5, code_valid_until = ?6, previous_digest = ?7,"
      " previous_valid_until = ?8, attempts = ?9, sends = ?10, last_sent_at = ?11, send_fault = ?12"
      " WHERE account_id = ?1 AND transaction_id = ?2 AND id = ?3"};
  const auto& s = v.state;
  tx.put(kSave,
         {s.account, s.transaction, s.id, domain::to_text(s.status), digest_of(s.code), validity_of(s.code),
          digest_of(s.previous_code), validity_of(s.previous_code), s.attempts, s.sends, s.last_sent_at, v.send_fault});
}

void set_provider_ref(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                      std::string_view ref) {
  static const Sql kSet{
      "UPDATE verifications SET provider_ref = ?4 WHERE account_id = ?1 AND transaction_id = ?2 AND id = ?3"};
  tx.put(kSet, {account, transaction, id, ref});
}

void set_send_fault(Tx& tx, const AccountId& account, const TransactionId& transaction, const VerificationId& id,
                    std::string_view fault) {
  static const Sql kSet{
      "UPDATE verifications SET send_fault = ?4 WHERE account_id = ?1 AND transaction_id = ?2 AND id = ?3"};
  tx.put(kSet, {account, transaction, id, fault});
}

std::vector<VerificationRow> verifications_of(Tx& tx, const AccountId& account, const TransactionId& transaction) {
  static const Sql kAll{CS_VERIFICATION_COLUMNS
                        "WHERE account_id = ?1 AND transaction_id = ?2 ORDER BY id DESC LIMIT 100"};
  std::vector<VerificationRow> rows;
  tx.all(kAll, {account, transaction}, [&](const Row& row) { rows.push_back(read_verification(row)); });
  return rows;
}

std::optional<VerificationRow> find_verification(Tx& tx, const AccountId& account, const TransactionId& transaction,
                                                 const VerificationId& id) {
  static const Sql kFind{CS_VERIFICATION_COLUMNS "WHERE account_id = ?1 AND transaction_id = ?2 AND id = ?3"};
  std::optional<VerificationRow> found;
  tx.one(kFind, {account, transaction, id}, [&](const Row& row) { found = read_verification(row); });
  return found;
}

}  // namespace countersign::store
