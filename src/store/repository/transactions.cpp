#include "store/repository/transactions.h"

#include <algorithm>

#include "store/error.h"
#include "store/repository/codec.h"
#include "store/repository/due_key.h"

namespace countersign::store {

namespace {

// A macro, so that the queries are literals joined by the compiler and cannot drift apart.
#define CS_TRANSACTION_FIELDS                                                                                         \
  "SELECT t.account_id, t.id, t.service_id, t.subject_id, t.type, t.status, t.policy, t.proofs, t.locale,"            \
  " t.display_sealed, t.display_hash, t.payload_hash, t.binding_hash, t.token_digest, t.return_url,"                  \
  " t.metadata_sealed, t.created_at, t.expires_at, t.verified_at, t.claimable_until, t.claimer_digest, t.claimed_at," \
  " t.ended_at, t.return_url_sealed, t.end_reason"
#define CS_TRANSACTION_COLUMNS CS_TRANSACTION_FIELDS " FROM transactions t "

TransactionRow read_transaction(const Row& row) {
  const auto status = domain::parse_transaction_status(row.text(5));
  if (!status) throw StoreFailure({StoreError::Code::kUnreadable, "unknown status in transactions"});
  TransactionRow t;
  t.state.account = row.id<AccountId>(0);
  t.state.id = row.id<TransactionId>(1);
  t.state.service = row.id<ServiceId>(2);
  t.state.subject = row.id<SubjectId>(3);
  t.type = row.string(4);
  t.state.status = *status;
  t.state.policy = decode_policy(row.text(6));
  t.state.proofs = decode_proofs(row.text(7));
  t.locale = row.string(8);
  t.display_sealed = row.bytes(9);
  t.display_hash = row.bytes(10);
  t.payload_hash = row.bytes(11);
  t.binding_hash = row.bytes(12);
  t.token_digest = row.bytes(13);
  t.readable_return_url = row.string(14);
  t.metadata_sealed = row.optional_bytes(15);
  t.state.created_at = row.time(16);
  t.state.expires_at = row.time(17);
  t.state.verified_at = row.optional_time(18);
  t.state.claimable_until = row.optional_time(19);
  t.claimer_digest = row.optional_bytes(20);
  t.state.claimed_at = row.optional_time(21);
  t.state.ended_at = row.optional_time(22);
  t.return_url_sealed = row.optional_bytes(23);
  if (!row.is_null(24)) {
    t.state.end_reason = domain::parse_end_reason(row.text(24));
    if (!t.state.end_reason) throw StoreFailure({StoreError::Code::kUnreadable, "unknown end_reason in transactions"});
  }
  return t;
}

/// When the sweeper has to look at it: the end of the hold, or of the time to claim. [index transactions_due]
std::optional<WallTime> due_at(const domain::Transaction& t) {
  if (t.status == domain::TransactionStatus::kHeld) return due_key(t.account, t.expires_at);
  if (t.status == domain::TransactionStatus::kVerified && !t.claimed_at) return due_key(t.account, t.claimable_until);
  return std::nullopt;
}

/// Transactions that one page by status looks at.
constexpr std::int64_t kScanMax = 2000;

}  // namespace

void insert_transaction(Tx& tx, const TransactionRow& t) {
  static const Sql kInsert{
      "INSERT INTO transactions (account_id, id, service_id, subject_id, type, status, policy, proofs, locale, "
      "display_sealed,"
      " display_hash, payload_hash, binding_hash, token_digest, return_url, metadata_sealed, created_at, expires_at,"
      " due_at, return_url_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, '', ?15, ?16,"
      " ?17, ?18, ?19)"};
  tx.put(kInsert, {t.state.account, t.state.id, t.state.service, t.state.subject, t.type,
                   domain::to_text(t.state.status), encode_policy(t.state.policy), encode_proofs(t.state.proofs),
                   t.locale, Blob{t.display_sealed}, Blob{t.display_hash}, Blob{t.payload_hash}, Blob{t.binding_hash},
                   Blob{t.token_digest}, optional_blob(t.metadata_sealed), t.state.created_at, t.state.expires_at,
                   due_at(t.state), optional_blob(t.return_url_sealed)});
}

std::optional<TransactionRow> find_transaction(Tx& tx, const AccountId& account, const TransactionId& id) {
  static const Sql kFind{CS_TRANSACTION_COLUMNS "WHERE account_id = ?1 AND id = ?2"};
  std::optional<TransactionRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = read_transaction(row); });
  return found;
}

std::optional<TransactionRow> find_transaction_with_history(Tx& tx, const AccountId& account, const TransactionId& id) {
  static const Sql kFind{
      CS_TRANSACTION_FIELDS
      ", h.content FROM transactions t LEFT JOIN standings h ON h.account_id = t.account_id"
      " AND h.subject_id = t.subject_id AND h.service_id = t.service_id WHERE t.account_id = ?1 AND t.id = ?2"};
  std::optional<TransactionRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    found = read_transaction(row);
    found->history_content = row.optional_string(25);
  });
  return found;
}

void save_transaction(Tx& tx, const TransactionRow& t) {
  static const Sql kSave{
      "UPDATE transactions SET status = ?3, proofs = ?4, verified_at = ?5, claimable_until = ?6, claimer_digest = ?7,"
      " claimed_at = ?8, ended_at = ?9, due_at = ?10, end_reason = ?11 WHERE account_id = ?1 AND id = ?2"};
  tx.put(kSave, {t.state.account, t.state.id, domain::to_text(t.state.status), encode_proofs(t.state.proofs),
                 t.state.verified_at, t.state.claimable_until, optional_blob(t.claimer_digest), t.state.claimed_at,
                 t.state.ended_at, due_at(t.state),
                 t.state.end_reason.transform([](auto reason) { return domain::to_text(reason); })});
}

TransactionPage list_transactions(Tx& tx, const AccountId& account, const TransactionFilter& filter) {
  // ?4 to ?6 are empty where any will do.
#define CS_TRANSACTION_FILTER                                                                              \
  "WHERE account_id = ?1 AND id < ?2 AND id >= ?3 AND (?4 = '' OR status = ?4) AND (?5 = '' OR type = ?5)" \
  " AND (?6 = '' OR (?6 = 'yes') = (claimed_at IS NOT NULL)) "
  static const Sql kEdge{
      "SELECT id FROM transactions WHERE account_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3"};
  static const Sql kList{CS_TRANSACTION_COLUMNS CS_TRANSACTION_FILTER "ORDER BY id DESC LIMIT ?7"};
  static const Sql kBySubject{CS_TRANSACTION_COLUMNS "{{index(}}transactions_by_subject{{)}} " CS_TRANSACTION_FILTER
                                                     "AND subject_id = ?8 ORDER BY id DESC LIMIT ?7"};
  static const Sql kUnacknowledged{CS_TRANSACTION_COLUMNS
                                   "{{index(}}transactions_unacknowledged{{)}} " CS_TRANSACTION_FILTER
                                   "AND claimed_at IS NOT NULL AND ended_at IS NULL ORDER BY id DESC LIMIT ?7"};
#undef CS_TRANSACTION_FILTER
  const TransactionId before{std::min(filter.held.end(), filter.before ? filter.before->id : last_id())};
  TransactionId from{filter.held.begin()};
  const std::string_view status = filter.status ? domain::to_text(*filter.status) : "";
  const std::string_view claimed = !filter.claimed ? "" : *filter.claimed ? "yes" : "no";

  TransactionPage page;
  const auto read = [&](const Row& row) { page.rows.push_back(read_transaction(row)); };
  if (filter.subject) {
    tx.all(kBySubject, {account, before, from, status, filter.type, claimed, filter.limit, *filter.subject}, read);
  } else if (filter.status == domain::TransactionStatus::kVerified && filter.claimed == true) {
    tx.all(kUnacknowledged, {account, before, from, status, filter.type, claimed, filter.limit}, read);
  } else {
    if (filter.status || filter.claimed || !filter.type.empty()) {
      TransactionId edge;
      if (tx.one(kEdge, {account, before, kScanMax}, [&](const Row& row) { edge = row.id<TransactionId>(0); }) &&
          edge > from)
        page.next = from = edge;
    }
    tx.all(kList, {account, before, from, status, filter.type, claimed, filter.limit}, read);
  }
  if (page.rows.size() == static_cast<std::size_t>(filter.limit)) page.next = page.rows.back().state.id;
  return page;
}

WallTime time_after_holds(Tx& tx, const AccountId& account, const SubjectId& subject, WallTime now) {
  static const Sql kLatest{
      "SELECT created_at FROM transactions {{index(}}transactions_by_subject{{)}}"
      " WHERE account_id = ?1 AND subject_id = ?2 ORDER BY id DESC LIMIT 100"};
  WallTime time = now;
  tx.all(kLatest, {account, subject}, [&](const Row& row) { time = std::max(time, row.time(0) + Duration(1)); });
  return time;
}

std::vector<TransactionRow> unclaimed_transactions(Tx& tx, const AccountId& account, const SubjectId& subject,
                                                   const ServiceId& service, int limit) {
  static const Sql kOpen{CS_TRANSACTION_COLUMNS
                         "{{index(}}transactions_by_subject{{)}} WHERE account_id = ?1 AND subject_id = ?2 AND"
                         " service_id = ?3 AND status IN ('held', 'verified') AND claimed_at IS NULL"
                         " ORDER BY id DESC LIMIT ?4"};
  std::vector<TransactionRow> rows;
  tx.all(kOpen, {account, subject, service, limit}, [&](const Row& row) { rows.push_back(read_transaction(row)); });
  return rows;
}

std::optional<std::string> last_locale(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static const Sql kLast{
      "SELECT locale FROM transactions {{index(}}transactions_by_subject{{)}} WHERE account_id = ?1 AND subject_id = ?2"
      " ORDER BY id DESC LIMIT 1"};
  std::optional<std::string> locale;
  tx.one(kLast, {account, subject}, [&](const Row& row) { locale = row.string(0); });
  return locale;
}

bool has_transaction(Tx& tx, const AccountId& account, const SubjectId& subject, const ServiceId& service) {
  static const Sql kAny{
      "SELECT id FROM transactions {{index(}}transactions_by_subject{{)}} WHERE account_id = ?1 AND subject_id = ?2"
      " AND service_id = ?3 LIMIT 1"};
  return tx.one(kAny, {account, subject, service}, [](const Row&) {});
}

std::vector<TransactionRow> lapsed_transactions(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside) {
  static const Sql kDue{CS_TRANSACTION_COLUMNS "WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2"};
  std::vector<TransactionRow> rows;
  tx.all(kDue, {now, limit + static_cast<int>(aside.size())}, [&](const Row& row) {
    const std::string key = row.bytes(0) + row.bytes(1);
    if (aside.contains(key)) return;
    naming_row("transactions", key, [&] { rows.push_back(read_transaction(row)); });
  });
  return rows;
}

std::vector<TransactionRow> unacknowledged_transactions(Tx& tx, const AccountId& account, WallTime before, int limit) {
  static const Sql kClaimed{
      CS_TRANSACTION_COLUMNS
      "{{index(}}transactions_unacknowledged{{)}} WHERE account_id = ?1 AND claimed_at IS NOT NULL"
      " AND ended_at IS NULL AND claimed_at < ?2 ORDER BY claimed_at LIMIT ?3"};
  std::vector<TransactionRow> rows;
  tx.all(kClaimed, {account, before, limit}, [&](const Row& row) { rows.push_back(read_transaction(row)); });
  return rows;
}

Unacknowledged count_unacknowledged(Tx& tx, const AccountId& account) {
  static const Sql kCount{
      "SELECT count(*), min(claimed_at) FROM transactions {{index(}}transactions_unacknowledged{{)}}"
      " WHERE account_id = ?1 AND claimed_at IS NOT NULL AND ended_at IS NULL"};
  Unacknowledged found;
  tx.one(kCount, {account}, [&](const Row& row) { found = {row.integer(0), row.optional_time(1)}; });
  return found;
}

std::string seal_display(const Vault& vault, const TransactionId& id, std::string_view canonical, Random& random) {
  return vault.seal(canonical, "transactions", id.bytes(), "display", random);
}

domain::Display open_display(const Vault& vault, const TransactionRow& row) {
  return open_display(vault, row.state.id, row.display_sealed);
}

domain::Display open_display(const Vault& vault, const TransactionId& id, std::string_view sealed) {
  const SecretString plain = vault.open(sealed, "transactions", id.bytes(), "display");
  const auto value = parse_json(plain.expose());
  if (!value || !value->is_object()) throw StoreFailure({StoreError::Code::kUnreadable, "a display is no object"});
  return domain::display_from_json(*value);
}

std::string seal_return_url(const Vault& vault, const TransactionId& id, std::string_view url, Random& random) {
  return vault.seal(url, "transactions", id.bytes(), "return_url", random);
}

std::string open_return_url(const Vault& vault, const TransactionRow& row) {
  if (!row.return_url_sealed) return row.readable_return_url;
  return vault.open(*row.return_url_sealed, "transactions", row.state.id.bytes(), "return_url").expose();
}

std::string seal_metadata(const Vault& vault, const TransactionId& id, std::string_view canonical, Random& random) {
  return vault.seal(canonical, "transactions", id.bytes(), "metadata", random);
}

Announced announced(Tx& tx, const Vault& vault, const AccountId& account, const TransactionId& id) {
  static const Sql kFind{
      "SELECT t.metadata_sealed, s.id, s.identity_sealed FROM transactions AS t LEFT JOIN subjects AS s ON"
      " s.account_id = t.account_id AND s.id = t.subject_id WHERE t.account_id = ?1 AND t.id = ?2"};
  Announced found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    if (!row.is_null(0)) found.metadata = vault.open(row.blob(0), "transactions", id.bytes(), "metadata").expose();
    if (row.is_null(1)) return;
    auto identity = vault.open(row.blob(2), "subjects", row.id<SubjectId>(1).bytes(), "identity");
    if (!identity.expose().empty()) found.identity = identity.expose();
  });
  return found;
}

std::optional<SecretString> open_metadata(const Vault& vault, const TransactionRow& row) {
  if (!row.metadata_sealed) return std::nullopt;
  return vault.open(*row.metadata_sealed, "transactions", row.state.id.bytes(), "metadata");
}

}  // namespace countersign::store
