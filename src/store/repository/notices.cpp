#include "store/repository/notices.h"

#include "store/error.h"
#include "store/repository/due_key.h"

namespace countersign::store {

namespace {

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
  static const Sql kInsert{
      "INSERT INTO notices (account_id, id, subject_id, service_id, contact_id, about, channel, provider, status,"
      " content_sealed, attempts, due_at, lease_owner, expires_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'queued', ?9, 0, ?10, '', ?11)"};
  tx.put(kInsert,
         {n.account, n.id, n.subject, n.service, n.contact, bindings_text(n.about), contact::to_text(n.channel),
          n.provider, Blob{n.content_sealed}, due_key(n.account, n.due_at), n.expires_at});
}

std::vector<AccountId> accounts_with_notices(Tx& tx) {
  // One step along the index for each, however many it has.
  static const Sql kNext{
      "SELECT account_id FROM notices WHERE status = 'queued' AND account_id > ?1 ORDER BY account_id LIMIT 1"};
  std::vector<AccountId> accounts;
  AccountId after{};
  while (tx.one(kNext, {after}, [&](const Row& row) { after = row.id<AccountId>(0); })) accounts.push_back(after);
  return accounts;
}

NoticeRow read_due_notice(const Row& row) {
  NoticeRow n;
  n.account = row.id<AccountId>(0);
  n.id = row.id<MessageId>(1);
  n.subject = row.id<SubjectId>(2);
  n.service = row.id<ServiceId>(3);
  n.contact = row.id<AddressId>(4);
  n.about = read_bindings(row.text(5));
  n.channel = notice_channel(row, 6);
  n.provider = row.string(7);
  n.content_sealed = row.bytes(8);
  n.attempts = row.integer(9);
  n.expires_at = row.time(10);
  n.due_at = row.time(11);
  return n;
}

Leased<NoticeRow> due_notices(Tx& tx, const AccountId& account, WallTime now, int limit) {
  static const Sql kDue{
      "SELECT account_id, id, subject_id, service_id, contact_id, about, channel, provider, content_sealed, attempts,"
      " expires_at, due_at FROM notices WHERE status = 'queued' AND account_id = ?1 AND due_at <= ?2"
      " ORDER BY due_at LIMIT ?3 {{skip_locked}}"};
  Leased<NoticeRow> due;
  tx.all(kDue, {account, now, limit}, [&](const Row& row) {
    if (auto why = why_unreadable([&] { due.jobs.push_back(read_due_notice(row)); }))
      due.set_aside.push_back({"notices", row.bytes(0) + row.bytes(1), *std::move(why)});
  });
  for (const auto& [table, key, why] : due.set_aside)
    set_notice_aside(tx, key.substr(0, sizeof(Id)), key.substr(sizeof(Id)), now);
  return due;
}

void set_notice_aside(Tx& tx, std::string_view account, std::string_view id, WallTime now) {
  static const Sql kSetAside{
      "UPDATE notices SET status = 'failed', error_code = 'unreadable', finished_at = ?3"
      " WHERE account_id = ?1 AND id = ?2 AND status = 'queued'"};
  tx.put(kSetAside, {Blob{account}, Blob{id}, now});
}

void lease_notice(Tx& tx, NoticeRow& n, WallTime lease_until, std::string_view owner) {
  static const Sql kLease{
      "UPDATE notices SET due_at = ?3, lease_owner = ?4, attempts = ?5 WHERE account_id = ?1 AND id = ?2"};
  n.due_at = lease_until;
  ++n.attempts;
  tx.put(kLease, {n.account, n.id, lease_until, owner, n.attempts});
}

bool finish_notice(Tx& tx, const AccountId& account, const MessageId& id, const std::optional<std::string>& error_code,
                   WallTime now) {
  static const Sql kFinish{
      "UPDATE notices SET status = ?3, error_code = ?4, finished_at = ?5, content_sealed = NULL"
      " WHERE account_id = ?1 AND id = ?2 AND status = 'queued'"};
  return tx.exec(kFinish, {account, id, error_code ? "failed" : "sent", error_code, now}) == 1;
}

void retry_notice(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at, std::string_view error_code) {
  static const Sql kRetry{
      "UPDATE notices SET due_at = ?3, error_code = ?4 WHERE account_id = ?1 AND id = ?2 AND status = 'queued'"};
  tx.put(kRetry, {account, id, due_key(account, due_at), error_code});
}

void put_notice_off(Tx& tx, const AccountId& account, const MessageId& id, WallTime due_at) {
  static const Sql kPutOff{
      "UPDATE notices SET due_at = ?3, attempts = attempts - 1, error_code = 'over_budget'"
      " WHERE account_id = ?1 AND id = ?2 AND status = 'queued'"};
  tx.put(kPutOff, {account, id, due_key(account, due_at)});
}

void hand_notice_over(Tx& tx, const NoticeRow& n, WallTime due_at) {
  static const Sql kHandOver{
      "UPDATE notices SET channel = ?3, provider = ?4, content_sealed = ?5, due_at = ?6"
      " WHERE account_id = ?1 AND id = ?2 AND status = 'queued'"};
  tx.put(kHandOver, {n.account, n.id, contact::to_text(n.channel), n.provider, Blob{n.content_sealed},
                     due_key(n.account, due_at)});
}

void drop_notices(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static const Sql kDrop{"DELETE FROM notices WHERE account_id = ?1 AND subject_id = ?2"};
  tx.put(kDrop, {account, subject});
}

std::optional<SecretString> find_address(Tx& tx, const Vault& vault, const AccountId& account, const AddressId& id) {
  static const Sql kFind{"SELECT address_sealed FROM addresses WHERE account_id = ?1 AND id = ?2"};
  std::optional<SecretString> address;
  tx.one(kFind, {account, id},
         [&](const Row& row) { address = vault.open(row.blob(0), "addresses", id.bytes(), "address"); });
  return address;
}

std::int64_t purge_addresses(Tx& tx, const AccountId& account, WallTime before, int limit) {
  static const Sql kUsedAgain{
      "UPDATE addresses SET unused_since = NULL WHERE account_id = ?1 AND unused_since < ?2 AND EXISTS"
      " (SELECT 1 FROM contacts c WHERE c.account_id = ?1 AND c.address_id = addresses.id)"};
  static const Sql kPurge{
      "DELETE FROM addresses WHERE account_id = ?1 AND id IN (SELECT id FROM addresses WHERE account_id = ?1"
      " AND unused_since < ?2 ORDER BY unused_since LIMIT ?3)"};
  static const Sql kGuards{
      "DELETE FROM line_guards WHERE account_id = ?1 AND address_id IN (SELECT id FROM addresses WHERE account_id = ?1"
      " AND unused_since < ?2 ORDER BY unused_since LIMIT ?3)"};
  tx.put(kUsedAgain, {account, before});
  tx.put(kGuards, {account, before, limit});
  return tx.exec(kPurge, {account, before, limit});
}

}  // namespace countersign::store
