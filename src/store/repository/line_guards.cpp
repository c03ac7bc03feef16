#include "store/repository/line_guards.h"

namespace countersign::store {

Guessers guessers_of(const ContactRow& contact, bool code_alone) {
  return !code_alone && (contact.line_proved || contact.own_guard) ? Guessers::kOwn : Guessers::kStrangers;
}

domain::LineGuard guard_of(const ContactRow& contact, Guessers guessers) {
  return guessers == Guessers::kOwn ? contact.own_guard.value_or(domain::LineGuard{}) : contact.strangers_guard;
}

void save_guard(Tx& tx, const AccountId& account, ContactRow& contact, Guessers guessers,
                const domain::LineGuard& guard) {
  static const Sql kSave{
      "INSERT INTO line_guards (account_id, address_id, subject_id, in_row, locked_until, year_start, year_count,"
      " slow_send_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
      " ON CONFLICT (account_id, address_id, subject_id) DO UPDATE SET in_row = ?4, locked_until = ?5,"
      " year_start = ?6, year_count = ?7, slow_send_at = ?8"};
  const bool own = guessers == Guessers::kOwn;
  tx.put(kSave, {account, contact.address_id, own ? contact.subject : SubjectId{}, guard.failures.consecutive,
                 guard.failures.locked_until, guard.year.start, guard.year.count, guard.slow_send_at});
  if (own)
    contact.own_guard = guard;
  else
    contact.strangers_guard = guard;
}

}  // namespace countersign::store
