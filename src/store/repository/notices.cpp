#include "store/repository/notices.h"

#include "base/number.h"
#include "domain/line_guard.h"
#include "store/error.h"
#include "store/repository/due_key.h"

namespace countersign::store {

namespace {

// about :=
//    the ids of bindings as text, YB…, with a comma between
//    or "since:" and a time in microseconds
constexpr std::string_view kSince = "since:";

std::string since_text(WallTime since) {
  return std::string(kSince) + std::to_string(since.time_since_epoch().count());
}

std::optional<WallTime> read_since(std::string_view text) {
  if (!text.starts_with(kSince)) return std::nullopt;
  const auto micros = parse_number<std::int64_t>(text.substr(kSince.size()));
  if (!micros) throw StoreFailure({StoreError::Code::kUnreadable, "no time in notices"});
  return WallTime{} + std::chrono::microseconds(*micros);
}

std::string bindings_text(const std::vector<BindingId>& ids) {
  std::string text;
  for (const auto& id : ids) {
    if (!text.empty()) text += ',';
    text += id.text();
  }
  return text;
}

std::vector<BindingId> read_bindings(std::string_view text) {
  std::vector<BindingId> ids;
  while (!text.empty()) {
    const auto comma = text.find(',');
    const auto id = BindingId::parse(text.substr(0, comma));
    if (!id) throw StoreFailure({StoreError::Code::kUnreadable, "no binding's id in notices"});
    ids.push_back(*id);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return ids;
}

contact::Channel notice_channel(const Row& row, int column) {
  const auto channel = contact::parse_channel(row.text(column));
  if (!channel) throw StoreFailure({StoreError::Code::kUnreadable, "unknown channel in notices"});
  return *channel;
}

}  // namespace

void insert_notice(Tx& tx, const NoticeRow& n) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO notices (
        account_id, id, subject_id, service_id, contact_id, about, channel, provider, status, content_sealed,
        attempts, due_at, lease_owner, expires_at)
      VALUES (
        :account_id, :id, :subject_id, :service_id, :contact_id, :about, :channel, :provider, 'queued',
        :content_sealed, 0, :due_at, '', :expires_at)
  )sql"};
  tx.put(kInsert, {{"account_id", n.account},
                   {"id", n.id},
                   {"subject_id", n.subject},
                   {"service_id", n.service},
                   {"contact_id", n.contact},
                   {"about", n.since ? since_text(*n.since) : bindings_text(n.about)},
                   {"channel", contact::to_text(n.channel)},
                   {"provider", n.provider},
                   {"content_sealed", Blob{n.content_sealed}},
                   {"due_at", due_key(n.account, n.due_at)},
                   {"expires_at", n.expires_at}});
}

std::vector<WaitingNotice> waiting_notices(Tx& tx, const AccountId& account, const SubjectId& subject,
                                           const ServiceId& service) {
  static constexpr Sql kWaiting{R"sql(
      SELECT id, contact_id, about, expires_at
      FROM notices
      WHERE status = 'queued' AND account_id = :account_id AND subject_id = :subject_id
        AND service_id = :service_id AND attempts = 0 AND substr(about, 1, 5) = 'since'
      ORDER BY id
  )sql"};
  std::vector<WaitingNotice> waiting;
  tx.all(kWaiting, {{"account_id", account}, {"subject_id", subject}, {"service_id", service}}, [&](const Row& row) {
    if (const auto since = read_since(row.text(kWaiting["about"])))
      waiting.push_back({row.id<MessageId>(kWaiting["id"]), row.id<AddressId>(kWaiting["contact_id"]), *since,
                         row.time(kWaiting["expires_at"])});
  });
  return waiting;
}

void widen_notice(Tx& tx, const AccountId& account, const MessageId& id, WallTime since) {
  static constexpr Sql kWiden{R"sql(
      UPDATE notices
      SET about = :about
      WHERE account_id = :account_id AND id = :id
  )sql"};
  tx.put(kWiden, {{"about", since_text(since)}, {"account_id", account}, {"id", id}});
}

std::vector<AccountId> accounts_with_notices(Tx& tx) {
  // One step along the index for each, however many it has.
  static constexpr Sql kNext{R"sql(
      SELECT account_id
      FROM notices
      WHERE status = 'queued' AND account_id > :after
      ORDER BY account_id
      LIMIT 1
  )sql"};
  std::vector<AccountId> accounts;
  AccountId after{};
  while (tx.one(kNext, {after}, [&](const Row& row) { after = row.id<AccountId>(kNext["account_id"]); }))
    accounts.push_back(after);
  return accounts;
}

NoticeRow read_due_notice(const Row& row) {
  NoticeRow n;
  n.account = row.id<AccountId>(kDueNotice["account_id"]);
  n.id = row.id<MessageId>(kDueNotice["id"]);
  n.subject = row.id<SubjectId>(kDueNotice["subject_id"]);
  n.service = row.id<ServiceId>(kDueNotice["service_id"]);
  n.contact = row.id<AddressId>(kDueNotice["contact_id"]);
  n.since = read_since(row.text(kDueNotice["about"]));
  if (!n.since) n.about = read_bindings(row.text(kDueNotice["about"]));
  n.channel = notice_channel(row, kDueNotice["channel"]);
  n.provider = row.string(kDueNotice["provider"]);
  n.content_sealed = row.bytes(kDueNotice["content_sealed"]);
  n.attempts = row.integer(kDueNotice["attempts"]);
  n.expires_at = row.time(kDueNotice["expires_at"]);
  n.due_at = row.time(kDueNotice["due_at"]);
  return n;
}

Leased<NoticeRow> due_notices(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static constexpr Sql kDue{kDueNotice, R"sql(
      SELECT {{columns}}
      FROM notices
      WHERE status = 'queued' AND account_id = :account_id AND due_at <= :now
      ORDER BY due_at
      LIMIT :limit
      {{skip_locked}}
  )sql"};
  Leased<NoticeRow> due;
  tx.all(kDue, {{"account_id", account}, {"now", now}, {"limit", limit}}, [&](const Row& row) {
    read_or_set_aside(due, "notices", row.bytes(kDue["account_id"]) + row.bytes(kDue["id"]),
                      [&] { return read_due_notice(row); });
  });
  for (const auto& [table, key, why] : due.set_aside)
    set_notice_aside(tx, key.substr(0, sizeof(Id)), key.substr(sizeof(Id)), now);
  return due;
}

void set_notice_aside(Tx& tx, std::string_view account, std::string_view id, WallTime now) {
  static constexpr Sql kSetAside{R"sql(
      UPDATE notices
      SET status = 'failed', error_code = 'unreadable', finished_at = :finished_at
      WHERE account_id = :account_id AND id = :id AND status = 'queued'
  )sql"};
  tx.put(kSetAside, {{"finished_at", now}, {"account_id", Blob{account}}, {"id", Blob{id}}});
}

void lease_notice(Tx& tx, NoticeRow& n, WallTime lease_until, std::string_view owner) {
  static constexpr Sql kLease{R"sql(
      UPDATE notices
      SET due_at = :due_at, lease_owner = :lease_owner, attempts = :attempts
      WHERE account_id = :account_id AND id = :id
  )sql"};
  n.due_at = lease_until;
  ++n.attempts;
  tx.put(kLease, {{"due_at", lease_until},
                  {"lease_owner", owner},
                  {"attempts", n.attempts},
                  {"account_id", n.account},
                  {"id", n.id}});
}

bool finish_notice(Tx& tx, const AccountId& account, const MessageId& id, const std::optional<std::string>& error_code,
                   WallTime now) {
  static constexpr Sql kFinish{R"sql(
      UPDATE notices
      SET status = :status,
          error_code = :error_code,
          finished_at = :finished_at,
          content_sealed = NULL
      WHERE account_id = :account_id AND id = :id AND status = 'queued'
  )sql"};
  return tx.exec(kFinish, {{"status", error_code ? "failed" : "sent"},
                           {"error_code", error_code},
                           {"finished_at", now},
                           {"account_id", account},
                           {"id", id}}) == 1;
}

void retry_notice(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at, std::string_view error_code) {
  static constexpr Sql kRetry{R"sql(
      UPDATE notices
      SET due_at = :due_at, error_code = :error_code
      WHERE account_id = :account_id AND id = :id AND status = 'queued'
  )sql"};
  tx.put(kRetry,
         {{"due_at", due_key(account, due_at)}, {"error_code", error_code}, {"account_id", account}, {"id", id}});
}

void put_notice_off(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at) {
  static constexpr Sql kPutOff{R"sql(
      UPDATE notices
      SET due_at = :due_at, attempts = attempts - 1, error_code = 'over_budget'
      WHERE account_id = :account_id AND id = :id AND status = 'queued'
  )sql"};
  tx.put(kPutOff, {{"due_at", due_key(account, due_at)}, {"account_id", account}, {"id", id}});
}

void hand_notice_over(Tx& tx, const NoticeRow& n, WallTime due_at) {
  static constexpr Sql kHandOver{R"sql(
      UPDATE notices
      SET channel = :channel,
          provider = :provider,
          content_sealed = :content_sealed,
          due_at = :due_at
      WHERE account_id = :account_id AND id = :id AND status = 'queued'
  )sql"};
  tx.put(kHandOver, {{"channel", contact::to_text(n.channel)},
                     {"provider", n.provider},
                     {"content_sealed", Blob{n.content_sealed}},
                     {"due_at", due_key(n.account, due_at)},
                     {"account_id", n.account},
                     {"id", n.id}});
}

void drop_notices(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kDrop{R"sql(
      DELETE FROM notices
      WHERE account_id = :account_id AND subject_id = :subject_id
  )sql"};
  tx.put(kDrop, {account, subject});
}

std::optional<SecretString> find_address(Tx& tx, const Vault& vault, const AccountId& account, const AddressId& id) {
  static constexpr Sql kFind{R"sql(
      SELECT address_sealed
      FROM addresses
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<SecretString> address;
  tx.one(kFind, {account, id}, [&](const Row& row) {
    if (row.blob(kFind["address_sealed"]).empty()) return;
    address = vault.open(row.blob(kFind["address_sealed"]), "addresses", id.bytes(), "address");
  });
  return address;
}

std::int64_t purge_addresses(Tx& tx, const AccountId& account, WallTime before, WallTime now, int limit) {
  static constexpr Sql kUsedAgain{R"sql(
      UPDATE addresses
      SET unused_since = NULL
      WHERE account_id = :account_id AND unused_since < :before
        AND EXISTS (
            SELECT 1
            FROM contacts c
            WHERE c.account_id = :account_id AND c.address_id = addresses.id)
  )sql"};
  // Due again when the year is over in which guesses were counted there; until then only its keyed index is left.
  static constexpr Sql kStillCounts{R"sql(
      UPDATE addresses
      SET address_sealed = :address_sealed,
          unused_since = :before + (
              SELECT MAX(g.year_start)
              FROM line_guards g
              WHERE g.account_id = :account_id AND g.address_id = addresses.id) - :year_ago
      WHERE account_id = :account_id AND unused_since < :before
        AND EXISTS (
            SELECT 1
            FROM line_guards g
            WHERE g.account_id = :account_id AND g.address_id = addresses.id AND g.year_start > :year_ago)
  )sql"};
  // An opt-out has no end, and many gateways enforce none: its keyed index stays, and is looked at again after as long.
  static constexpr Sql kOptedOut{R"sql(
      UPDATE addresses
      SET address_sealed = :address_sealed,
          unused_since = :now
      WHERE account_id = :account_id AND unused_since < :before AND obstacles LIKE '% opted_out %'
  )sql"};
  static constexpr Sql kPurge{R"sql(
      DELETE FROM addresses
      WHERE account_id = :account_id
        AND id IN (
            SELECT id
            FROM addresses
            WHERE account_id = :account_id AND unused_since < :before
            ORDER BY unused_since
            LIMIT :limit)
  )sql"};
  static constexpr Sql kGuards{R"sql(
      DELETE FROM line_guards
      WHERE account_id = :account_id
        AND address_id IN (
            SELECT id
            FROM addresses
            WHERE account_id = :account_id AND unused_since < :before
            ORDER BY unused_since
            LIMIT :limit)
  )sql"};
  tx.put(kUsedAgain, {account, before});
  tx.put(kStillCounts, {{"address_sealed", Blob{""}},
                        {"before", before},
                        {"account_id", account},
                        {"year_ago", now - domain::kFailuresYear}});
  tx.put(kOptedOut, {{"address_sealed", Blob{""}}, {"now", now}, {"account_id", account}, {"before", before}});
  tx.put(kGuards, {{"account_id", account}, {"before", before}, {"limit", limit}});
  return tx.exec(kPurge, {{"account_id", account}, {"before", before}, {"limit", limit}});
}

}  // namespace countersign::store
