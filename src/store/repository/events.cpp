#include "store/repository/events.h"

#include "base/test_account.h"

namespace countersign::store {

namespace {

constexpr std::int64_t kEventsScanned = 5000;  ///< By one page of a list by type.

/// The greatest id that is smaller; `id` is not zero.
EventId last_before(EventId id) {
  for (std::size_t i = id.id.raw.size(); i-- > 0 && id.id.raw[i]-- == 0;) {
  }
  return id;
}

}  // namespace

EventId EventIds::next(const AccountId& account, Moment& moment) {
  Id id = Id::make(moment);
  const std::lock_guard lock(mutex_);
  Id& last = is_test(account) ? last_of_test_[account] : last_;
  if (id <= last) {
    // Same millisecond, or a clock that went back: one more than the last one.
    id = last;
    for (std::size_t i = id.raw.size(); i-- > 0 && ++id.raw[i] == 0;) {
    }
  }
  last = id;
  return {id};
}

void insert_event(Tx& tx, const EventRow& e) {
  static const Sql kInsert{
      "INSERT INTO events (account_id, id, type, transaction_id, subject_id, actor, source_index, request_id, data, "
      "created_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"};
  const auto source = e.source_index ? std::optional(Blob{*e.source_index}) : std::nullopt;
  tx.put(kInsert,
         {e.account, e.id, e.type, e.transaction, e.subject, e.actor, source, e.request_id, e.data, e.created_at});
}

void insert_events(Tx& tx, const EventRow& first, const EventRow& second) {
  static const Sql kInsert{
      "INSERT INTO events (account_id, id, type, transaction_id, subject_id, actor, source_index, request_id, data, "
      "created_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10), (?1, ?11, ?12, ?4, ?5, ?6, ?7, ?8, ?13, ?10)"};
  const EventRow& e = first;
  const auto source = e.source_index ? std::optional(Blob{*e.source_index}) : std::nullopt;
  tx.put(kInsert, {e.account, e.id, e.type, e.transaction, e.subject, e.actor, source, e.request_id, e.data,
                   e.created_at, second.id, second.type, second.data});
}

EventPage list_events(Tx& tx, const AccountId& account, const EventFilter& filter) {
  // ?4 and ?5 are empty where any will do.
  static const Sql kList{
      "SELECT account_id, id, type, transaction_id, subject_id, actor, source_index, request_id, data, created_at FROM "
      "events WHERE account_id = ?1 AND id > ?2 AND id < ?3 AND (?4 = '' OR type = ?4) AND"
      " (?5 = {{no_id}} OR transaction_id = ?5) ORDER BY id LIMIT ?6"};
  static const Sql kEdge{"SELECT id FROM events WHERE account_id = ?1 AND id > ?2 ORDER BY id LIMIT 1 OFFSET ?3"};
  EventId after = filter.after.value_or(EventId{});
  // The smallest id of that time is nobody's, so that "after" loses nothing. A transaction's events lie between its own
  // id and the end of its life, so that the scan is bounded by time.
  after.id = std::max(after.id, filter.made.begin());
  if (filter.transaction) after.id = std::max(after.id, Id::floor_of(filter.transaction->id.time()));
  EventId until{filter.made.end()};
  EventPage page;
  if (!filter.type.empty() && !filter.transaction) {
    EventId edge;
    if (tx.one(kEdge, {account, after, kEventsScanned}, [&](const Row& row) { edge = row.id<EventId>(0); }) &&
        edge < until) {
      until = edge;
      page.next = last_before(edge);
    }
  }
  tx.all(kList, {account, after, until, filter.type, filter.transaction.value_or(TransactionId{}), filter.limit},
         [&](const Row& row) {
           page.rows.push_back({row.id<AccountId>(0), row.id<EventId>(1), row.string(2),
                                row.optional_id<TransactionId>(3), row.optional_id<SubjectId>(4), row.string(5),
                                row.optional_bytes(6), row.string(7), row.string(8), row.time(9)});
         });
  if (page.rows.size() == static_cast<std::size_t>(filter.limit)) page.next = page.rows.back().id;
  return page;
}

}  // namespace countersign::store
