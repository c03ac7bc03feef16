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
  static const Sql kFind{"SELECT content FROM standings WHERE account_id = ?1 AND subject_id = ?2 AND service_id = ?3"};
  std::optional<domain::standing::History> found;
  tx.one(kFind, {account, subject, service},
         [&](const Row& row) { found = read_history(row.text(0), subject, service); });
  return found;
}

void save_history(Tx& tx, const AccountId& account, const domain::standing::History& history,
                  std::optional<WallTime> due_at) {
  static const Sql kSave{
      "INSERT INTO standings (account_id, subject_id, service_id, content, due_at) VALUES (?1, ?2, ?3, ?4, ?5)"
      " ON CONFLICT (account_id, subject_id, service_id)"
      " DO UPDATE SET content = excluded.content, due_at = excluded.due_at"};
  tx.put(kSave, {account, history.subject, history.service, encode_history(history), due_key(account, due_at)});
}

std::vector<ServiceId> services_with_history(Tx& tx, const AccountId& account, const SubjectId& subject) {
  static const Sql kAll{
      "SELECT service_id FROM standings WHERE account_id = ?1 AND subject_id = ?2 ORDER BY service_id"};
  std::vector<ServiceId> services;
  tx.all(kAll, {account, subject}, [&](const Row& row) { services.push_back(row.id<ServiceId>(0)); });
  return services;
}

std::string history_key(const AccountId& account, const SubjectId& subject, const ServiceId& service) {
  return std::string(account.bytes()).append(subject.bytes()).append(service.bytes());
}

std::vector<DueHistory> due_histories(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside) {
  static const Sql kDue{
      "SELECT account_id, subject_id, service_id, content FROM standings WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2"};
  std::vector<DueHistory> due;
  tx.all(kDue, {now, limit + static_cast<int>(aside.size())}, [&](const Row& row) {
    const std::string key = row.bytes(0) + row.bytes(1) + row.bytes(2);
    if (aside.contains(key)) return;
    naming_row("standings", key, [&] {
      due.push_back({row.id<AccountId>(0), read_history(row.text(3), row.id<SubjectId>(1), row.id<ServiceId>(2))});
    });
  });
  return due;
}

}  // namespace countersign::store
