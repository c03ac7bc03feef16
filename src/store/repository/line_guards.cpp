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
  static constexpr Sql kSave{R"sql(
      INSERT INTO line_guards (
        account_id, address_id, subject_id, in_row, locked_until, year_start, year_count, slow_send_at)
      VALUES (
        :account_id, :address_id, :subject_id, :in_row, :locked_until, :year_start, :year_count, :slow_send_at)
      ON CONFLICT (account_id, address_id, subject_id) DO UPDATE
      SET in_row = :in_row,
          locked_until = :locked_until,
          year_start = :year_start,
          year_count = :year_count,
          slow_send_at = :slow_send_at
  )sql"};
  const bool own = guessers == Guessers::kOwn;
  tx.put(kSave, {{"account_id", account},
                 {"address_id", contact.address_id},
                 {"subject_id", own ? contact.subject : SubjectId{}},
                 {"in_row", guard.failures.consecutive},
                 {"locked_until", guard.failures.locked_until},
                 {"year_start", guard.year.start},
                 {"year_count", guard.year.count},
                 {"slow_send_at", guard.slow_send_at}});
  if (own)
    contact.own_guard = guard;
  else
    contact.strangers_guard = guard;
}

}  // namespace countersign::store
