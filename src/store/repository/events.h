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

/// One entry of the audit log, written in the transaction that it describes. It names people only by ids and keyed
/// references, so that erasing a person leaves no gaps in it. [LOG-5, LOG-7]
struct EventRow {
  AccountId account;
  EventId id{};
  std::string type{};  ///< `transaction.held`, `verification.checked`, …
  std::optional<TransactionId> transaction{};
  std::optional<SubjectId> subject{};
  std::string actor{};                        ///< `api:SK…`, `system`, `person`, `operator`
  std::optional<std::string> source_index{};  ///< Keyed reference of the client's address.
  std::string request_id{};
  std::string data{};  ///< A JSON object with further details.
  WallTime created_at{};
};

/// The next greater id.
[[nodiscard]] EventId id_after(EventId id);

/// Makes ids that grow with every call for an account in this process, also within one millisecond. Where other
/// processes write too, the statement that writes a bundle moves its ids behind all that are committed. So ids are in
/// commit order, and a reader with a cursor misses nothing. A test account has its own clock [ADR 26], so it never
/// moves the ids of other accounts into the future. Thread-safe.
class EventIds {
 public:
  [[nodiscard]] EventId next(const AccountId& account, Moment& moment);
  /// Ids up to this one are used.
  void used(const AccountId& account, const EventId& last);

 private:
  Id& last_of(const AccountId& account);

  std::mutex mutex_;
  Id last_{};                             ///< For live accounts.
  std::map<AccountId, Id> last_of_test_;  ///< As many as the configuration has accounts.
};

/// Appends one event to what the commit writes (repository/event_bundle.h): list_events finds it from then on, in this
/// unit not yet. `ids` makes its id, or the database, and nobody knows it before the commit; the row's is ignored.
/// Throws StoreFailure for a text that cannot be stored. `ids` outlives the store.
void append_event(Tx& tx, EventIds& ids, EventRow event, Moment& moment);

struct EventFilter {
  std::optional<EventId> after{};
  std::optional<TransactionId> transaction{};
  std::string type{};  ///< Empty: any.
  TimeRange made{};
  int limit = 50;
};
struct EventPage {
  std::vector<EventRow> rows;
  std::optional<EventId> next;  ///< Where the next page begins, if there may be one.
};
/// Oldest first. With only a type, one page reads a bounded number of events, and may be short although there are more.
[[nodiscard]] EventPage list_events(Tx& tx, const AccountId& account, const EventFilter& filter);

}  // namespace countersign::store
