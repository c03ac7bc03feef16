#pragma once

#include <optional>
#include <vector>

#include "domain/standing/history.h"
#include "store/set_aside.h"
#include "store/tx.h"

namespace countersign::store {

/// All that the subject was ever known by at that service; nothing where no row was written yet. One read.
[[nodiscard]] std::optional<domain::standing::History> find_history(Tx& tx, const AccountId& account,
                                                                    const SubjectId& subject, const ServiceId& service);
/// What find_transaction_with_history() found of that subject at that service.
[[nodiscard]] domain::standing::History read_history(std::string_view content, const SubjectId& subject,
                                                     const ServiceId& service);
/// Writes the whole of it. `due_at`: domain::standing::next_due().
void save_history(Tx& tx, const AccountId& account, const domain::standing::History& history,
                  std::optional<WallTime> due_at);

/// At which services there is a row of the subject's.
[[nodiscard]] std::vector<ServiceId> services_with_history(Tx& tx, const AccountId& account, const SubjectId& subject);

struct DueHistory {
  AccountId account;
  domain::standing::History history;
};
/// Those in which time has changed something by `now`, across accounts, the earliest first.
/// Passes over `aside`; one that cannot be read fails the unit by name.
[[nodiscard]] std::vector<DueHistory> due_histories(Tx& tx, WallTime now, int limit, const SetAsideKeys& aside);
/// A history's primary key.
[[nodiscard]] std::string history_key(const AccountId& account, const SubjectId& subject, const ServiceId& service);

}  // namespace countersign::store
