#include "store/repository/events.h"

namespace countersign::store {

EventId EventIds::next(Moment& moment) {
  Id id = Id::make(moment);
  const std::lock_guard lock(mutex_);
  if (id <= last_) {
    // Same millisecond, or a clock that went back: one more than the last one.
    id = last_;
    for (std::size_t i = id.raw.size(); i-- > 0 && ++id.raw[i] == 0;) {
    }
  }
  last_ = id;
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

std::vector<EventRow> list_events(Tx& tx, const AccountId& account, const EventFilter& filter) {
  // A transaction's events lie between its own id and the end of its life, so that the scan is bounded by time.
  static const Sql kList{
      "SELECT account_id, id, type, transaction_id, subject_id, actor, source_index, request_id, data, created_at FROM "
      "events"
      " WHERE account_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3"};
  static const Sql kOfTransaction{
      "SELECT account_id, id, type, transaction_id, subject_id, actor, source_index, request_id, data, created_at FROM "
      "events"
      " WHERE account_id = ?1 AND id > ?2 AND transaction_id = ?4 ORDER BY id LIMIT ?3"};
  EventId after = filter.after.value_or(EventId{});
  std::vector<EventRow> rows;
  const auto read = [&](const Row& row) {
    rows.push_back({row.id<AccountId>(0), row.id<EventId>(1), row.string(2), row.optional_id<TransactionId>(3),
                    row.optional_id<SubjectId>(4), row.string(5), row.optional_bytes(6), row.string(7), row.string(8),
                    row.time(9)});
  };
  if (!filter.transaction) {
    tx.all(kList, {account, after, filter.limit}, read);
    return rows;
  }
  after.id = std::max(after.id, Id::floor_of(filter.transaction->id.time()));
  tx.all(kOfTransaction, {account, after, filter.limit, *filter.transaction}, read);
  return rows;
}

}  // namespace countersign::store
