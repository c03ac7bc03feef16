#include "store/repository/standings.h"

#include "store/repository/due_key.h"
#include "store/repository/history_codec.h"

namespace countersign::store {

domain::standing::History read_history(std::string_view content, const SubjectId& subject, const ServiceId& service) {
  domain::standing::History history = decode_history(content);
  history.subject = subject;
  history.service = service;
  return history;
}

std::optional<domain::standing::History> find_history(Tx& tx, const AccountId& account, const SubjectId& subject,
                                                      const ServiceId& service) {
  static constexpr Sql kFind{R"sql(
      SELECT content
      FROM standings
      WHERE account_id = :account_id AND subject_id = :subject_id AND service_id = :service_id
  )sql"};
  std::optional<domain::standing::History> found;
  tx.one(kFind, {{"account_id", account}, {"subject_id", subject}, {"service_id", service}},
         [&](const Row& row) { found = read_history(row.text(kFind["content"]), subject, service); });
  return found;
}

void save_history(Tx& tx, const AccountId& account, const domain::standing::History& history,
                  std::optional<WallTime> due_at) {
  static constexpr Sql kSave{R"sql(
      INSERT INTO standings (account_id, subject_id, service_id, content, due_at)
      VALUES (:account_id, :subject_id, :service_id, :content, :due_at)
      ON CONFLICT (account_id, subject_id, service_id) DO UPDATE
      SET content = excluded.content, due_at = excluded.due_at
  )sql"};
  tx.put(kSave, {{"account_id", account},
                 {"subject_id", history.subject},
                 {"service_id", history.service},
                 {"content", encode_history(history)},
                 {"due_at", due_key(account, due_at)}});
}

std::vector<ServiceId> services_with_history(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static constexpr Sql kAll{R"sql(
      SELECT service_id
      FROM standings
      WHERE account_id = :account_id AND subject_id = :subject_id
      ORDER BY service_id
  )sql"};
  std::vector<ServiceId> services;
  tx.all(kAll, {account, subject}, [&](const Row& row) { services.push_back(row.id<ServiceId>(kAll["service_id"])); });
  return services;
}

std::string history_key(const AccountId& account, const SubjectId& subject, const ServiceId& service) {
  return std::string(account.bytes()).append(subject.bytes()).append(service.bytes());
}

std::vector<DueHistory> due_histories(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside) {
  static constexpr Sql kDue{R"sql(
      SELECT account_id, subject_id, service_id, content
      FROM standings
      WHERE due_at <= :now
      ORDER BY due_at
      LIMIT :limit
  )sql"};
  std::vector<DueHistory> due;
  tx.all(kDue, {now, limit + static_cast<int>(aside.size())}, [&](const Row& row) {
    const std::string key =
        row.bytes(kDue["account_id"]) + row.bytes(kDue["subject_id"]) + row.bytes(kDue["service_id"]);
    if (aside.contains(key)) return;
    naming_row("standings", key, [&] {
      due.push_back({row.id<AccountId>(kDue["account_id"]),
                     read_history(row.text(kDue["content"]), row.id<SubjectId>(kDue["subject_id"]),
                                  row.id<ServiceId>(kDue["service_id"]))});
    });
  });
  return due;
}

}  // namespace countersign::store
