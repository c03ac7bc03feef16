#include "simulation/invariants.h"

#include "store/repository/codec.h"
#include "store/repository/events.h"

namespace countersign::simulation {

using domain::TransactionStatus;

namespace {

/// The types of the trail that the model foretells for each transaction.
bool is_foretold(std::string_view type) {
  return type.starts_with("transaction.") || type.starts_with("verification.") || type.starts_with("check.");
}

/// What the model does not tell apart.
std::string subject_type(const std::string& type) {
  return type == "factor.code_wrong" || type == "factor.code_replayed" ? "factor.code_refused" : type;
}

}  // namespace

void Invariants::read_events(store::Tx& tx, const EventId& from, std::vector<NewEvent>& events) const {
  store::EventFilter filter{.after = from, .limit = 1000};
  for (bool more = true; more; more = filter.after.has_value()) {
    auto page = store::list_events(tx, world_.account, filter);
    for (auto& row : page.rows) {
      if (!known_events_.contains(row.id)) events.push_back({row.id, std::move(row.type), row.transaction});
    }
    filter.after = page.next;
  }
}

void Invariants::follow_trail() {
  const bool after_crash = world_.processes() != process_;
  EventId from = newest_.value_or(EventId{Id::floor_of(world_.event_floor())});
  if (world_.nodes() != nullptr && !newest_) from = EventId{};
  if (after_crash) from = std::min(from, EventId{Id::floor_of(std::min(floor_, world_.event_floor()))});
  const auto events = world_.look([&](store::Tx& tx) {
    std::vector<NewEvent> found;
    read_events(tx, from, found);
    return found;
  });
  for (const auto& event : events) {
    known_events_.insert(event.id);
    newest_ = event.id;
    if (!event.transaction)
      ++subject_trail_[subject_type(event.type)];
    else if (is_foretold(event.type))
      ++trail_[*event.transaction][event.type];
  }
  if (world_.nodes() != nullptr) compare_with_poller();
  // A new process numbers from its own clock on, perhaps below what is there.
  if (after_crash) newest_.reset();
  process_ = world_.processes();
  floor_ = world_.event_floor();
}

void Invariants::check_touched() {
  if (world_.commits() == commits_ && world_.processes() == process_ && model_.touched.empty()) return;
  commits_ = world_.commits();
  follow_trail();
  world_.look([&](store::Tx& tx) {
    for (const auto& id : model_.touched) compare(tx, model_.transactions.at(id));
    if (world_.nodes() != nullptr) compare_counters(tx);
    return Done{};
  });
  for (const auto& id : model_.touched) compare_events(model_.transactions.at(id));
  compare_subject_events();
  model_.touched.clear();
}

void Invariants::check_everything() {
  for (const auto& [id, held] : model_.transactions) model_.touched.insert(id);
  check_touched();
  world_.look([&](store::Tx& tx) {
    static const store::Sql kCount{"SELECT count(*) FROM transactions"};
    tx.one(kCount, {}, [&](const store::Row& row) {
      require(row.integer(0) == static_cast<std::int64_t>(model_.transactions.size()), Invariant::kNothingLost,
              "there are {} transactions, not {}", row.integer(0), model_.transactions.size());
    });
    compare_messages(tx);
    compare_deliveries(tx);
    compare_money(tx);
    compare_decisions(tx);
    return Done{};
  });
}

void Invariants::compare(store::Tx& tx, const TransactionModel& wanted) const {
  static const store::Sql kRead{
      "SELECT status, proofs, claimed_at, EXISTS (SELECT 1 FROM payloads p WHERE p.account_id = t.account_id"
      " AND p.transaction_id = t.id) FROM transactions t WHERE account_id = ?1 AND id = ?2"};
  std::optional<Stored> found;
  tx.one(kRead, {world_.account, wanted.id}, [&](const store::Row& row) {
    found.emplace();
    found->status = row.string(0);
    for (const auto& proof : store::decode_proofs(row.text(1)))
      found->proven_by.insert(proof.contact ? proof.contact->id : proof.source);
    found->claimed = !row.is_null(2);
    found->has_payload = row.integer(3) != 0;
  });
  const auto name = wanted.id.text();
  require(found.has_value(), Invariant::kNothingLost, "{} is gone", name);
  const bool handed_out = found->status == "verified" || found->status == "released";
  require(!handed_out || model_.met(wanted), Invariant::kProved, "{} is {} without proofs that meet its policy", name,
          found->status);
  require(found->status == domain::to_text(wanted.status), Invariant::kNothingLost, "{} is {}, and was told to be {}",
          name, found->status, domain::to_text(wanted.status));
  std::set<Id> proven_by;
  for (const auto& proof : wanted.proofs) proven_by.insert(proof.source);
  require(found->proven_by == proven_by, Invariant::kProved, "{} has {} proofs, of which {} were made", name,
          found->proven_by.size(), proven_by.size());
  require(found->claimed == !wanted.winner.empty(), Invariant::kNothingLost, "{}: its claim is {}", name,
          found->claimed ? "nobody's" : "lost");
  const bool keeps = wanted.status == TransactionStatus::kHeld || wanted.status == TransactionStatus::kVerified;
  require(found->has_payload == keeps, Invariant::kNothingLost, "{} is {}, and its payload is {}", name, found->status,
          found->has_payload ? "still there" : "gone");
  compare_verifications(tx, wanted);
}

void Invariants::compare_verifications(store::Tx& tx, const TransactionModel& wanted) const {
  const auto stored = store::find_transaction(tx, world_.account, wanted.id);
  std::size_t count = 0;
  for (const auto& row : store::verifications_of(tx, *stored)) {
    ++count;
    const auto id = row.state.id;
    const auto found = model_.verifications.find(id);
    require(found != model_.verifications.end() && found->second.transaction == wanted.id, Invariant::kNothingLost,
            "{} is known to nobody", id.text());
    const auto& v = found->second;
    require(row.state.attempts == v.attempts, Invariant::kAttempts, "{} has {} attempts written down, and {} were made",
            id.text(), row.state.attempts, v.attempts);
    require(row.state.status == v.status, Invariant::kOnce, "{} is {}, and was told to be {}", id.text(),
            domain::to_text(row.state.status), domain::to_text(v.status));
  }
  require(count == wanted.verifications.size(), Invariant::kNothingLost, "{} has {} verifications, not {}",
          wanted.id.text(), count, wanted.verifications.size());
}

void Invariants::compare_events(const TransactionModel& wanted) const {
  const auto found = trail_.find(wanted.id);
  const std::map<std::string, int> none;
  const auto& trail = found == trail_.end() ? none : found->second;
  for (const auto& [type, count] : wanted.events) {
    const auto at = trail.find(type);
    const int there = at == trail.end() ? 0 : at->second;
    require(there == count, Invariant::kAudit, "{} has {} events {}, and {} changes of that kind", wanted.id.text(),
            there, type, count);
  }
  for (const auto& [type, count] : trail)
    require(wanted.events.contains(type), Invariant::kAudit, "{} has an event {} that did not take place",
            wanted.id.text(), type);
}

void Invariants::compare_subject_events() const {
  for (const auto& [type, count] : model_.subject_events) {
    const auto at = subject_trail_.find(type);
    const int there = at == subject_trail_.end() ? 0 : at->second;
    require(there == count, Invariant::kAudit, "there are {} events {}, and {} changes of that kind", there, type,
            count);
  }
}

}  // namespace countersign::simulation
