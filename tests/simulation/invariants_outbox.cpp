#include "simulation/invariants.h"

#include <set>

#include "base/json.h"
#include "store/repository/events.h"

namespace countersign::simulation {

void Invariants::compare_messages(store::Tx& tx) const {
  static const store::Sql kFailed{"SELECT id FROM messages WHERE status = 'failed'"};
  static const store::Sql kStage{"SELECT stage FROM messages WHERE account_id = :account_id AND id = :id"};
  static const store::Sql kReadable{
      "SELECT count(*) FROM messages WHERE status <> 'queued' AND content_sealed IS NOT NULL"};
  std::set<MessageId> failed;
  tx.all(kFailed, {}, [&](const store::Row& row) { failed.insert(row.id<MessageId>(0)); });
  std::set<MessageId> told;
  store::EventFilter filter{.type = "message.failed", .limit = 1000};
  for (bool more = true; more; more = filter.after.has_value()) {
    const auto page = store::list_events(tx, world_.account, filter);
    for (const auto& event : page.rows) {
      const auto id = MessageId::parse(json_text_or_empty(parse_json(event.data)->as_object(), "message")).value();
      require(told.insert(id).second, Invariant::kAudit, "{} has failed once, and two events say so", id.text());
    }
    filter.after = page.next;
  }
  for (const MessageId& id : failed)
    require(told.contains(id), Invariant::kAudit, "{} has failed, and no event says so", id.text());
  for (const MessageId& id : told) {
    if (failed.contains(id)) continue;
    // It was given up, and its provider reports that it had it all the same: then it has not failed.
    std::string stage;
    tx.one(kStage, {{"account_id", world_.account}, {"id", id}},
           [&](const store::Row& row) { stage = row.optional_string(0).value_or(""); });
    require(stage == "delivered", Invariant::kAudit, "{} has not failed, and an event says so", id.text());
    world_.tally.count("messages that were given up, and had arrived");
  }
  tx.one(kReadable, {}, [&](const store::Row& row) {
    require(row.integer(0) == 0, Invariant::kDrains, "{} finished messages can still be read", row.integer(0));
  });
}

void Invariants::compare_deliveries(store::Tx& tx) const {
  static const store::Sql kQueued{
      "SELECT transaction_id, event_type, count(*) FROM deliveries GROUP BY transaction_id, event_type"};
  std::map<TransactionId, std::map<std::string, int>> queued;
  tx.all(kQueued, {}, [&](const store::Row& row) {
    queued[row.id<TransactionId>(0)][row.string(1)] = static_cast<int>(row.integer(2));
  });
  for (const auto& [id, held] : model_.transactions) {
    require(queued[id] == held.announcements, Invariant::kNothingLost,
            "{} has webhooks of {} kinds queued, not of {}, or another number of them", id.text(), queued[id].size(),
            held.announcements.size());
  }
}

void Invariants::check_messages_drained() {
  world_.look([](store::Tx& tx) {
    static const store::Sql kLeft{"SELECT count(*) FROM messages WHERE status = 'queued'"};
    tx.one(kLeft, {}, [](const store::Row& row) {
      require(row.integer(0) == 0, Invariant::kDrains, "{} messages are still queued", row.integer(0));
    });
    return Done{};
  });
}

void Invariants::check_drained(const Providers& providers, const Receivers& receivers) {
  check_messages_drained();
  compare_money_with(providers);
  world_.look([&](store::Tx& tx) {
    static const store::Sql kLeft{
        "SELECT (SELECT count(*) FROM deliveries WHERE status = 'pending'), (SELECT count(*) FROM deliveries WHERE"
        " status = 'failed' AND attempts < 14 AND last_error NOT LIKE '%gone%' AND last_error NOT LIKE '%410')"};
    tx.one(kLeft, {}, [](const store::Row& row) {
      require(row.integer(0) == 0, Invariant::kDrains, "{} webhooks are still pending", row.integer(0));
      require(row.integer(1) == 0, Invariant::kDrains, "{} webhooks were given up before their time", row.integer(1));
    });
    static const store::Sql kSent{"SELECT id FROM messages WHERE status = 'sent'"};
    tx.all(kSent, {}, [&](const store::Row& row) {
      const auto id = row.id<MessageId>(0);
      require(providers.accepted(id), Invariant::kDrains, "{} counts as sent, and no provider has it", id.text());
    });
    static const store::Sql kDelivered{"SELECT id FROM deliveries WHERE status = 'delivered'"};
    tx.all(kDelivered, {}, [&](const store::Row& row) {
      const auto id = row.id<DeliveryId>(0);
      require(receivers.received(id), Invariant::kDrains, "{} counts as delivered, and nobody has it", id.text());
    });
    return Done{};
  });
}

}  // namespace countersign::simulation
