#pragma once

#include <optional>
#include <vector>

#include "domain/standing/history.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// The subject's history at that service; nullopt if no row was written yet. One read.
[[nodiscard]] std::optional<domain::standing::History> find_history(Tx& tx, const AccountId& account,
                                                                    const SubjectId& subject, const ServiceId& service);
/// Decodes TransactionRow::history_content.
[[nodiscard]] domain::standing::History read_history(std::string_view content, const SubjectId& subject,
                                                     const ServiceId& service);
/// Writes the whole history. `due_at`: domain::standing::next_due().
void save_history(Tx& tx, const AccountId& account, const domain::standing::History& history,
                  std::optional<WallTime> due_at);

/// The services at which the subject has a row.
[[nodiscard]] std::vector<ServiceId> services_with_history(Tx& tx, const AccountId& account, const SubjectId& subject);

struct DueHistory {
  AccountId account;
  domain::standing::History history;
};
/// Histories changed by time as of `now`, across accounts, the earliest first. Skips `aside`; an unreadable one fails
/// the unit with its key.
[[nodiscard]] std::vector<DueHistory> due_histories(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside);
/// A history's primary key.
[[nodiscard]] std::string history_key(const AccountId& account, const SubjectId& subject, const ServiceId& service);

}  // namespace countersign::store
