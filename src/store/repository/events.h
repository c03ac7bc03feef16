#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "store/repository/time_range.h"
#include "store/tx.h"

namespace countersign::store {

/// One entry of the audit trail, written in the transaction that it describes. It names people only by ids and keyed
/// references, so that erasing a person does not tear holes into it. [LOG-5, LOG-7]
struct EventRow {
  AccountId account;
  EventId id;
  std::string type;  ///< `transaction.held`, `verification.checked`, …
  std::optional<TransactionId> transaction;
  std::optional<SubjectId> subject;
  std::string actor;                        ///< `api:SK…`, `system`, `person`, `operator`
  std::optional<std::string> source_index;  ///< Keyed reference of the client's address.
  std::string request_id;
  std::string data;  ///< A JSON object of further facts.
  WallTime created_at;
};

/// Makes ids that grow with every call for an account in this process, also within one millisecond: on an engine with
/// one writer the order of ids is then the order of commits, and a reader with a cursor misses nothing. A test account
/// has a clock of its own [ADR 26], so its ids never push those of anybody else into its future. Thread-safe.
class EventIds {
 public:
  [[nodiscard]] EventId next(const AccountId& account, Moment& moment);

 private:
  std::mutex mutex_;
  Id last_{};                             ///< Of live accounts.
  std::map<AccountId, Id> last_of_test_;  ///< As many as the configuration has accounts.
};

void insert_event(Tx& tx, const EventRow& row);
/// Two that happened at once, in one statement: of `second` only id, type and data are looked at.
void insert_events(Tx& tx, const EventRow& first, const EventRow& second);

struct EventFilter {
  std::optional<EventId> after{};
  std::optional<TransactionId> transaction{};
  std::string type{};  ///< Empty: any.
  TimeRange made{};
  int limit = 50;
};
struct EventPage {
  std::vector<EventRow> rows;
  std::optional<EventId> next;  ///< After which the next page begins, if there may be more.
};
/// Oldest first. By type alone one page looks at a bounded number of events, and may be short although there are more.
[[nodiscard]] EventPage list_events(Tx& tx, const AccountId& account, const EventFilter& filter);

}  // namespace countersign::store
