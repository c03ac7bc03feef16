#include "store/repository/transactions.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/json_memory.h"
#include "store/error.h"
#include "store/repository/codec.h"
#include "store/repository/due_key.h"
#include "store/repository/risk_codec.h"
#include "store/repository/transaction_columns.h"

namespace countersign::store {

namespace {

/// How purposes stand in the column `type`, in the order of domain::Purpose from kStandaloneCode on.
constexpr std::array<std::string_view, 5> kPurposeTexts{"$code", "$add_source", "$decide_change", "$change_source",
                                                        "$show_methods"};

}  // namespace

domain::Purpose read_purpose(std::string_view type) {
  if (!type.starts_with('$')) return domain::Purpose::kRelease;
  const auto at = std::ranges::find(kPurposeTexts, type);
  if (at == kPurposeTexts.end()) throw StoreFailure({StoreError::Code::kUnreadable, "unknown type in transactions"});
  return static_cast<domain::Purpose>(1 + (at - kPurposeTexts.begin()));
}

TransactionRow read_transaction(const Row& row) {
  const auto status = domain::parse_transaction_status(row.text(kTransaction["status"]));
  if (!status) throw StoreFailure({StoreError::Code::kUnreadable, "unknown status in transactions"});
  TransactionRow t;
  t.state.account = row.id<AccountId>(kTransaction["account_id"]);
  t.state.id = row.id<TransactionId>(kTransaction["id"]);
  t.state.service = row.id<ServiceId>(kTransaction["service_id"]);
  t.state.subject = row.id<SubjectId>(kTransaction["subject_id"]);
  const std::string_view type = row.text(kTransaction["type"]);
  t.state.purpose = read_purpose(type);
  if (t.state.purpose == domain::Purpose::kRelease) t.type = type;
  t.state.status = *status;
  t.state.policy = decode_policy(row.text(kTransaction["policy"]));
  t.state.proofs = decode_proofs(row.text(kTransaction["proofs"]));
  t.locale = row.string(kTransaction["locale"]);
  t.display_sealed = row.bytes(kTransaction["display_sealed"]);
  t.display_hash = row.bytes(kTransaction["display_hash"]);
  t.payload_hash = row.bytes(kTransaction["payload_hash"]);
  t.binding_hash = row.bytes(kTransaction["binding_hash"]);
  t.token_digest = row.bytes(kTransaction["token_digest"]);
  t.readable_return_url = row.string(kTransaction["return_url"]);
  t.metadata_sealed = row.optional_bytes(kTransaction["metadata_sealed"]);
  t.state.created_at = row.time(kTransaction["created_at"]);
  t.state.expires_at = row.time(kTransaction["expires_at"]);
  t.state.verified_at = row.optional_time(kTransaction["verified_at"]);
  t.state.claimable_until = row.optional_time(kTransaction["claimable_until"]);
  t.claimer_digest = row.optional_bytes(kTransaction["claimer_digest"]);
  t.state.claimed_at = row.optional_time(kTransaction["claimed_at"]);
  t.state.ended_at = row.optional_time(kTransaction["ended_at"]);
  t.return_url_sealed = row.optional_bytes(kTransaction["return_url_sealed"]);
  if (!row.is_null(kTransaction["end_reason"])) {
    t.state.end_reason = domain::parse_end_reason(row.text(kTransaction["end_reason"]));
    if (!t.state.end_reason) throw StoreFailure({StoreError::Code::kUnreadable, "unknown end_reason in transactions"});
  }
  t.verifications_content = row.optional_bytes(kTransaction["verifications"]);
  t.ceremonies_sealed = row.optional_bytes(kTransaction["ceremonies_sealed"]);
  if (!row.is_null(kTransaction["risk"])) decode_risk(row.text(kTransaction["risk"]), t.state.review, t.risk);
  // Whoever cancels one in review leaves it there.
  using enum domain::TransactionStatus;
  if (t.state.status != kInReview && t.state.status != kDenied) t.state.review.reset();
  return t;
}

namespace {

/// When the sweeper has to look at it: the end of the hold, of the time to claim, or of the time for an operator's
/// word. [index transactions_due]
std::optional<WallTime> due_at(const domain::Transaction& t) {
  if (t.status == domain::TransactionStatus::kHeld) return due_key(t.account, t.expires_at);
  if (t.status == domain::TransactionStatus::kVerified && !t.claimed_at) return due_key(t.account, t.claimable_until);
  const bool was_refused =
      t.status == domain::TransactionStatus::kDenied && t.end_reason == domain::EndReason::kRefused;
  if (t.review && (t.status == domain::TransactionStatus::kInReview || was_refused))
    return due_key(t.account, t.review->until);
  return std::nullopt;
}

/// While an operator may decide. [index transactions_in_review]
std::optional<WallTime> review_until(const domain::Transaction& t) {
  return t.review ? std::optional(t.review->until) : std::nullopt;
}

/// Transactions that one page by status looks at.
constexpr std::int64_t kScanMax = 2000;

}  // namespace

std::string_view type_text(const TransactionRow& row) {
  if (row.state.purpose == domain::Purpose::kRelease) return row.type;
  return type_text(row.state.purpose);
}

std::string_view type_text(domain::Purpose purpose) {
  CS_CHECK(purpose != domain::Purpose::kRelease);
  return kPurposeTexts.at(static_cast<std::size_t>(purpose) - 1);
}

void insert_transaction(Tx& tx, const TransactionRow& t) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO transactions (
        account_id, id, service_id, subject_id, type, status, policy, proofs, locale, display_sealed,
        display_hash, payload_hash, binding_hash, token_digest, return_url, metadata_sealed, created_at,
        expires_at, due_at, return_url_sealed, verifications, ended_at, end_reason, risk, review_until)
      VALUES (
        :account_id, :id, :service_id, :subject_id, :type, :status, :policy, :proofs, :locale, :display_sealed,
        :display_hash, :payload_hash, :binding_hash, :token_digest, '', :metadata_sealed, :created_at,
        :expires_at, :due_at, :return_url_sealed, :verifications, :ended_at, :end_reason, :risk, :review_until)
  )sql"};
  tx.put(kInsert, {{"account_id", t.state.account},
                   {"id", t.state.id},
                   {"service_id", t.state.service},
                   {"subject_id", t.state.subject},
                   {"type", type_text(t)},
                   {"status", domain::to_text(t.state.status)},
                   {"policy", encode_policy(t.state.policy)},
                   {"proofs", encode_proofs(t.state.proofs)},
                   {"locale", t.locale},
                   {"display_sealed", Blob{t.display_sealed}},
                   {"display_hash", Blob{t.display_hash}},
                   {"payload_hash", Blob{t.payload_hash}},
                   {"binding_hash", Blob{t.binding_hash}},
                   {"token_digest", Blob{t.token_digest}},
                   {"metadata_sealed", optional_blob(t.metadata_sealed)},
                   {"created_at", t.state.created_at},
                   {"expires_at", t.state.expires_at},
                   {"due_at", due_at(t.state)},
                   {"return_url_sealed", optional_blob(t.return_url_sealed)},
                   {"verifications", optional_blob(t.verifications_content)},
                   {"ended_at", t.state.ended_at},
                   {"end_reason", t.state.end_reason.transform([](auto reason) { return domain::to_text(reason); })},
                   {"risk", encode_risk(t.state.review, t.risk)},
                   {"review_until", review_until(t.state)}});
}

std::optional<TransactionRow> find_transaction(Tx& tx, const AccountId& account, const TransactionId& id) {
  static constexpr Sql kFind{kTransaction, R"sql(
      SELECT {{columns}}
      FROM transactions t
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<TransactionRow> found;
  tx.one(kFind, {account, id}, [&](const Row& row) { found = read_transaction(row); });
  return found;
}

std::optional<ToRelease> find_transaction_to_release(Tx& tx, const AccountId& account, const TransactionId& id) {
  static constexpr Sql kFind{kTransaction, R"sql(
      SELECT {{columns}}, h.content, s.identity_sealed, p.data_key_wrapped, p.payload_sealed
      FROM transactions t
      LEFT JOIN standings h
        ON h.account_id = t.account_id AND h.subject_id = t.subject_id AND h.service_id = t.service_id
      LEFT JOIN subjects s ON s.account_id = t.account_id AND s.id = t.subject_id
      LEFT JOIN payloads p ON p.account_id = t.account_id AND p.transaction_id = t.id
      WHERE t.account_id = :account_id AND t.id = :id
  )sql"};
  std::optional<ToRelease> found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    found.emplace(read_transaction(row));
    found->row.history_content = row.optional_string(kFind["content"]);
    found->identity_sealed = row.optional_bytes(kFind["identity_sealed"]).value_or("");
    if (!row.is_null(kFind["payload_sealed"]))
      found->payload = {row.bytes(kFind["data_key_wrapped"]), row.bytes(kFind["payload_sealed"])};
  });
  return found;
}

void save_transaction(Tx& tx, const TransactionRow& t) {
  static constexpr Sql kSave{R"sql(
      UPDATE transactions
      SET status = :status,
          proofs = :proofs,
          verified_at = :verified_at,
          claimable_until = :claimable_until,
          claimer_digest = :claimer_digest,
          claimed_at = :claimed_at,
          ended_at = :ended_at,
          due_at = :due_at,
          end_reason = :end_reason,
          verifications = :verifications,
          ceremonies_sealed = :ceremonies_sealed
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kSave, {{"status", domain::to_text(t.state.status)},
                 {"proofs", encode_proofs(t.state.proofs)},
                 {"verified_at", t.state.verified_at},
                 {"claimable_until", t.state.claimable_until},
                 {"claimer_digest", optional_blob(t.claimer_digest)},
                 {"claimed_at", t.state.claimed_at},
                 {"ended_at", t.state.ended_at},
                 {"due_at", due_at(t.state)},
                 {"end_reason", t.state.end_reason.transform([](auto reason) { return domain::to_text(reason); })},
                 {"verifications", optional_blob(t.verifications_content)},
                 {"ceremonies_sealed", optional_blob(t.ceremonies_sealed)},
                 {"account_id", t.state.account},
                 {"id", t.state.id}});
}

void save_risk(Tx& tx, const TransactionRow& t) {
  static constexpr Sql kSave{R"sql(
      UPDATE transactions
      SET policy = :policy,
          expires_at = :expires_at,
          risk = :risk,
          review_until = :review_until
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kSave, {{"policy", encode_policy(t.state.policy)},
                 {"expires_at", t.state.expires_at},
                 {"risk", encode_risk(t.state.review, t.risk)},
                 {"review_until", review_until(t.state)},
                 {"account_id", t.state.account},
                 {"id", t.state.id}});
}

std::vector<TransactionRow> transactions_to_review(Tx& tx, const AccountId& account, WallTime now,
                                                   const std::optional<WallTime>& after, int limit) {
  static constexpr Sql kWaiting{kTransaction, R"sql(
      SELECT {{columns}}
      FROM transactions t {{index(}}transactions_in_review{{)}}
      WHERE account_id = :account_id AND review_until > :after
      ORDER BY review_until
      LIMIT :limit
  )sql"};
  std::vector<TransactionRow> rows;
  const WallTime from = after ? std::max(*after, now) : now;
  tx.all(kWaiting, {{"account_id", account}, {"after", from}, {"limit", limit}}, [&](const Row& row) {
    auto found = read_transaction(row);
    const bool refused = found.state.status == domain::TransactionStatus::kDenied;
    if (refused || found.state.status == domain::TransactionStatus::kInReview) rows.push_back(std::move(found));
  });
  return rows;
}

TransactionPage list_transactions(Tx& tx, const AccountId& account, const TransactionFilter& filter) {
  // Status, type and `claimed` are empty where any will do.
  static constexpr Token kFilter{"filter", R"sql(
      account_id = :account_id AND id < :before AND id >= :from
        AND (:status = '' OR status = :status)
        AND (:type = '' OR type = :type)
        AND (:claimed = '' OR (:claimed = 'yes') = (claimed_at IS NOT NULL))
  )sql"};
  static constexpr Sql kEdge{R"sql(
      SELECT id
      FROM transactions
      WHERE account_id = :account_id AND id < :before
      ORDER BY id DESC
      LIMIT 1 OFFSET :scanned
  )sql"};
  static constexpr Sql kList{{kTransaction, kFilter}, R"sql(
      SELECT {{columns}}
      FROM transactions t
      WHERE {{filter}}
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  static constexpr Sql kBySubject{{kTransaction, kFilter}, R"sql(
      SELECT {{columns}}
      FROM transactions t {{index(}}transactions_by_subject{{)}}
      WHERE {{filter}}
        AND subject_id = :subject_id
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  static constexpr Sql kUnacknowledged{{kTransaction, kFilter}, R"sql(
      SELECT {{columns}}
      FROM transactions t {{index(}}transactions_unacknowledged{{)}}
      WHERE {{filter}}
        AND claimed_at IS NOT NULL AND ended_at IS NULL
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  const TransactionId before{std::min(filter.held.end(), filter.before ? filter.before->id : last_id())};
  TransactionId from{filter.held.begin()};
  const std::string_view status = filter.status ? domain::to_text(*filter.status) : "";
  const std::string_view claimed = !filter.claimed ? "" : *filter.claimed ? "yes" : "no";

  TransactionPage page;
  const auto read = [&](const Row& row) { page.rows.push_back(read_transaction(row)); };
  if (filter.subject) {
    tx.all(kBySubject,
           {{"account_id", account},
            {"before", before},
            {"from", from},
            {"status", status},
            {"type", filter.type},
            {"claimed", claimed},
            {"subject_id", *filter.subject},
            {"limit", filter.limit}},
           read);
  } else if (filter.status == domain::TransactionStatus::kVerified && filter.claimed == true) {
    tx.all(kUnacknowledged,
           {{"account_id", account},
            {"before", before},
            {"from", from},
            {"status", status},
            {"type", filter.type},
            {"claimed", claimed},
            {"limit", filter.limit}},
           read);
  } else {
    if (filter.status || filter.claimed || !filter.type.empty()) {
      TransactionId edge;
      if (tx.one(kEdge, {{"account_id", account}, {"before", before}, {"scanned", kScanMax}},
                 [&](const Row& row) { edge = row.id<TransactionId>(kEdge["id"]); }) &&
          edge > from)
        page.next = from = edge;
    }
    tx.all(kList,
           {{"account_id", account},
            {"before", before},
            {"from", from},
            {"status", status},
            {"type", filter.type},
            {"claimed", claimed},
            {"limit", filter.limit}},
           read);
  }
  if (page.rows.size() == static_cast<std::size_t>(filter.limit)) page.next = page.rows.back().state.id;
  return page;
}

WallTime time_after_holds(Tx& tx, const AccountId& account, const SubjectId& subject, WallTime now) {
  static constexpr Sql kLatest{R"sql(
      SELECT created_at
      FROM transactions {{index(}}transactions_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id
      ORDER BY id DESC
      LIMIT 100
  )sql"};
  WallTime time = now;
  tx.all(kLatest, {account, subject},
         [&](const Row& row) { time = std::max(time, row.time(kLatest["created_at"]) + Duration(1)); });
  return time;
}

std::vector<TransactionRow> unclaimed_transactions(Tx& tx, const AccountId& account, const SubjectId& subject,
                                                   const ServiceId& service, int limit) {
  static constexpr Sql kOpen{kTransaction, R"sql(
      SELECT {{columns}}
      FROM transactions t {{index(}}transactions_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id AND service_id = :service_id
        AND status IN ('held', 'verified', 'in_review')
        AND claimed_at IS NULL
      ORDER BY id DESC
      LIMIT :limit
  )sql"};
  std::vector<TransactionRow> rows;
  tx.all(kOpen, {{"account_id", account}, {"subject_id", subject}, {"service_id", service}, {"limit", limit}},
         [&](const Row& row) { rows.push_back(read_transaction(row)); });
  return rows;
}

std::vector<TransactionRow> refused_transactions(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kRefused{kTransaction, R"sql(
      SELECT {{columns}}
      FROM transactions t {{index(}}transactions_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id AND status = 'denied' AND review_until IS NOT NULL
  )sql"};
  std::vector<TransactionRow> rows;
  tx.all(kRefused, {account, subject}, [&](const Row& row) { rows.push_back(read_transaction(row)); });
  return rows;
}

std::optional<std::string> last_locale(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kLast{R"sql(
      SELECT locale
      FROM transactions {{index(}}transactions_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id
      ORDER BY id DESC
      LIMIT 1
  )sql"};
  std::optional<std::string> locale;
  tx.one(kLast, {account, subject}, [&](const Row& row) { locale = row.string(kLast["locale"]); });
  return locale;
}

bool has_transaction(Tx& tx, const AccountId& account, const SubjectId& subject, const ServiceId& service) {
  static constexpr Sql kAny{R"sql(
      SELECT id
      FROM transactions {{index(}}transactions_by_subject{{)}}
      WHERE account_id = :account_id AND subject_id = :subject_id AND service_id = :service_id
      LIMIT 1
  )sql"};
  return tx.one(kAny, {{"account_id", account}, {"subject_id", subject}, {"service_id", service}}, [](const Row&) {});
}

std::vector<TransactionRow> lapsed_transactions(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside) {
  static constexpr Sql kDue{kTransaction, R"sql(
      SELECT {{columns}}
      FROM transactions t
      WHERE due_at <= :now
      ORDER BY due_at
      LIMIT :limit
  )sql"};
  std::vector<TransactionRow> rows;
  tx.all(kDue, {now, limit + static_cast<int>(aside.size())}, [&](const Row& row) {
    const std::string key = row.bytes(kDue["account_id"]) + row.bytes(kDue["id"]);
    if (aside.contains(key)) return;
    naming_row("transactions", key, [&] { rows.push_back(read_transaction(row)); });
  });
  return rows;
}

std::vector<TransactionRow> unacknowledged_transactions(Tx& tx, const AccountId& account, WallTime before, int limit) {
  static constexpr Sql kClaimed{kTransaction, R"sql(
      SELECT {{columns}}
      FROM transactions t {{index(}}transactions_unacknowledged{{)}}
      WHERE account_id = :account_id AND claimed_at IS NOT NULL AND ended_at IS NULL AND claimed_at < :before
      ORDER BY claimed_at
      LIMIT :limit
  )sql"};
  std::vector<TransactionRow> rows;
  tx.all(kClaimed, {{"account_id", account}, {"before", before}, {"limit", limit}},
         [&](const Row& row) { rows.push_back(read_transaction(row)); });
  return rows;
}

Unacknowledged count_unacknowledged(Tx& tx, const AccountId& account) {
  static constexpr Sql kCount{R"sql(
      SELECT count(*) AS transactions, min(claimed_at) AS first_claimed_at
      FROM transactions {{index(}}transactions_unacknowledged{{)}}
      WHERE account_id = :account_id AND claimed_at IS NOT NULL AND ended_at IS NULL
  )sql"};
  Unacknowledged found;
  tx.one(kCount, {account}, [&](const Row& row) {
    found = {row.integer(kCount["transactions"]), row.optional_time(kCount["first_claimed_at"])};
  });
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
  JsonMemory memory;
  const auto value = parse_json(plain.expose(), memory);
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
  static constexpr Sql kFind{R"sql(
      SELECT t.metadata_sealed, s.id AS subject_id, s.identity_sealed
      FROM transactions AS t
      LEFT JOIN subjects AS s ON s.account_id = t.account_id AND s.id = t.subject_id
      WHERE t.account_id = :account_id AND t.id = :id
  )sql"};
  Announced found;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    if (!row.is_null(kFind["metadata_sealed"]))
      found.metadata = vault.open(row.blob(kFind["metadata_sealed"]), "transactions", id.bytes(), "metadata").expose();
    if (row.is_null(kFind["subject_id"])) return;
    auto identity = vault.open(row.blob(kFind["identity_sealed"]), "subjects",
                               row.id<SubjectId>(kFind["subject_id"]).bytes(), "identity");
    if (!identity.expose().empty()) found.identity = identity.expose();
  });
  return found;
}

std::optional<SecretString> open_metadata(const Vault& vault, const TransactionRow& row) {
  if (!row.metadata_sealed) return std::nullopt;
  return vault.open(*row.metadata_sealed, "transactions", row.state.id.bytes(), "metadata");
}

}  // namespace countersign::store
