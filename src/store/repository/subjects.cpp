#include "store/repository/subjects.h"

namespace countersign::store {

namespace {

std::string index_of_identity(const Vault& vault, std::string_view identity) {
  return vault.digester().blind_index("identity", identity);
}

// recipient :=
//    service    16 bytes
//    address    E.164, or the e-mail's index form
std::string index_of_recipient(const Vault& vault, const ServiceId& service, std::string_view index_text) {
  return vault.digester().blind_index("recipient", std::string(service.bytes()).append(index_text));
}

std::optional<SubjectId> find_by_index(Tx& tx, const AccountId& account, std::string_view index) {
  static constexpr Sql kFind{R"sql(
      SELECT id
      FROM subjects
      WHERE account_id = :account_id AND identity_index = :identity_index
  )sql"};
  std::optional<SubjectId> id;
  tx.one(kFind, {account, Blob{index}}, [&](const Row& row) { id = row.id<SubjectId>(kFind["id"]); });
  return id;
}

SubjectId insert_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view index,
                         std::string_view identity, Moment& moment) {
  static constexpr Sql kInsert{R"sql(
      INSERT INTO subjects (account_id, id, identity_index, identity_sealed, created_at, sends_start, sends_count)
      VALUES (:account_id, :id, :identity_index, :identity_sealed, :created_at, 0, 0)
  )sql"};
  const auto id = SubjectId::make(moment);
  const std::string sealed = vault.seal(identity, "subjects", id.bytes(), "identity", moment.random);
  tx.put(kInsert, {{"account_id", account},
                   {"id", id},
                   {"identity_index", Blob{index}},
                   {"identity_sealed", Blob{sealed}},
                   {"created_at", moment.now}});
  return id;
}

}  // namespace

std::optional<SubjectId> find_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view identity) {
  return find_by_index(tx, account, index_of_identity(vault, identity));
}

EnsuredSubject ensure_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view identity,
                              const std::optional<ServiceId>& history_at, Moment& moment, const AskTrust* trust) {
  const auto index = index_of_identity(vault, identity);
  static constexpr Sql kFind{R"sql(
      SELECT id, erased_at
      FROM subjects
      WHERE account_id = :account_id AND identity_index = :identity_index
  )sql"};
  // No join: PostgreSQL may choose to merge, and then reads all that lies before the subject.
  static constexpr Sql kFindWithHistory{R"sql(
      SELECT s.id, s.erased_at, (
          SELECT h.content
          FROM standings h
          WHERE h.account_id = s.account_id AND h.subject_id = s.id AND h.service_id = :service_id
        ) AS content
      FROM subjects s
      WHERE s.account_id = :account_id AND s.identity_index = :identity_index
  )sql"};
  // People are counted whether or not she is known.
  static constexpr Sql kFindWithTrust{R"sql(
      SELECT s.id, s.erased_at, (
          SELECT h.content
          FROM standings h
          WHERE h.account_id = :account_id AND h.subject_id = s.id AND h.service_id = :service_id
        ) AS content, (
          SELECT p.content
          FROM risk_people p
          WHERE p.account_id = :account_id AND p.subject_id = s.id
        ) AS profile, (
          SELECT l.people
          FROM risk_links l
          WHERE l.account_id = :account_id AND l.kind = 1 AND l.bucket = :day AND l.link_key = :device
        ) AS on_device, (
          SELECT l.people
          FROM risk_links l
          WHERE l.account_id = :account_id AND l.kind = 2 AND l.bucket = :day AND l.link_key = :address
        ) AS at_address, (
          SELECT l.people
          FROM risk_links l
          WHERE l.account_id = :account_id AND l.kind = 3 AND l.bucket = 0 AND l.link_key = :payout
        ) AS with_payout
      FROM (SELECT 1 AS one) o
      LEFT JOIN subjects s ON s.account_id = :account_id AND s.identity_index = :identity_index
  )sql"};
  static constexpr Sql kReturn{R"sql(
      UPDATE subjects
      SET identity_sealed = :identity_sealed, erased_at = NULL
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::optional<EnsuredSubject> found;
  bool erased = false;
  const auto read = [&](const Row& row) {
    found.emplace(row.id<SubjectId>(kFind["id"]));
    erased = row.optional_time(kFind["erased_at"]).has_value();
    if (history_at && !erased) found->history_content = row.optional_string(kFindWithHistory["content"]);
  };
  tx.will_take(Named::kSubjectOfIdentity, account.bytes(), index);
  StoredTrust known;
  if (history_at && trust != nullptr) {
    tx.one(kFindWithTrust,
           {{"account_id", account},
            {"service_id", *history_at},
            {"day", trust->day},
            {"device", Blob{trust->device}},
            {"address", Blob{trust->address}},
            {"payout", Blob{trust->payout}},
            {"identity_index", Blob{index}}},
           [&](const Row& row) {
             const auto count = [&](int column) { return row.is_null(column) ? 0 : row.integer(column); };
             known = {row.optional_string(kFindWithTrust["profile"]), count(kFindWithTrust["on_device"]),
                      count(kFindWithTrust["at_address"]), count(kFindWithTrust["with_payout"])};
             if (row.is_null(kFindWithTrust["id"])) return;
             read(row);
           });
  } else if (history_at) {
    tx.one(kFindWithHistory, {{"service_id", *history_at}, {"account_id", account}, {"identity_index", Blob{index}}},
           read);
  } else {
    tx.one(kFind, {account, Blob{index}}, read);
  }
  if (erased) {  // The same person came again: to the same subject, for which nothing founds any more. [STD-14]
    tx.alone();
    tx.put(kReturn,
           {{"identity_sealed", Blob{vault.seal(identity, "subjects", found->id.bytes(), "identity", moment.random)}},
            {"account_id", account},
            {"id", found->id}});
  }
  if (found) {
    if (erased) known.profile.reset();
    found->trust = std::move(known);
    return *std::move(found);
  }
  EnsuredSubject made{insert_subject(tx, vault, account, index, identity, moment), true};
  made.trust = std::move(known);
  return made;
}

SubjectId ensure_subject(Tx& tx, const Vault& vault, const AccountId& account, std::string_view identity,
                         Moment& moment) {
  return ensure_subject(tx, vault, account, identity, std::nullopt, moment).id;
}

std::optional<SubjectId> find_recipient(Tx& tx, const Vault& vault, const AccountId& account, const ServiceId& service,
                                        std::string_view index_text) {
  return find_by_index(tx, account, index_of_recipient(vault, service, index_text));
}

SubjectId insert_recipient(Tx& tx, const Vault& vault, const AccountId& account, const ServiceId& service,
                           std::string_view address, std::string_view index_text, Moment& moment) {
  return insert_subject(tx, vault, account, index_of_recipient(vault, service, index_text), address, moment);
}

std::string open_identity(const Vault& vault, const SubjectId& subject, std::string_view sealed) {
  return vault.open(sealed, "subjects", subject.bytes(), "identity").expose();
}

std::string subject_identity(Tx& tx, const Vault& vault, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kFind{R"sql(
      SELECT identity_sealed
      FROM subjects
      WHERE account_id = :account_id AND id = :id
  )sql"};
  std::string identity;
  tx.one(kFind, {account, subject},
         [&](const Row& row) { identity = open_identity(vault, subject, row.blob(kFind["identity_sealed"])); });
  return identity;
}

}  // namespace countersign::store
