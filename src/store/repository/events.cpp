#include "store/repository/events.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "base/check.h"
#include "base/test_account.h"
#include "store/repository/event_bundle.h"
#include "store/storable_text.h"

namespace countersign::store {

namespace {

constexpr std::size_t kEventsScanned = 5000;  ///< By one page of a list by type.
constexpr std::size_t kEventsInBundle = 256;
constexpr int kBundlesRead = 16;  ///< At a time.

/// How much later than the time in its first id an event of a bundle can be, and how much earlier and still be found by
/// its own time: its bundle's ids lie behind those of other nodes that were committed before it.
constexpr auto kBundleLasts = std::chrono::seconds(2);

/// The number of the lock under which the nodes write an account's events: "CSev", and the account's last four bytes.
/// Accounts that have the same wait for each other without need.
std::int64_t lock_of(const AccountId& account) {
  std::uint64_t lock = 0x43536576;
  for (const std::uint8_t byte : std::span(account.id.raw).last<4>()) lock = lock << 8 | byte;
  return static_cast<std::int64_t>(lock);
}

/// The events of one commit.
class EventBundles final : public SharedPart {
 public:
  void append(EventIds& ids, EventRow event, Moment& moment, UnitNumber unit) {
    for (const std::string_view text : {std::string_view(event.type), std::string_view(event.actor),
                                        std::string_view(event.request_id), std::string_view(event.data)})
      require_storable(text);
    // The last one: whatever comes later has greater ids.
    auto bundle = std::ranges::find(bundles_.rbegin(), bundles_.rend(), event.account, &Bundle::account).base();
    const bool has_one = bundle != bundles_.begin();
    if (has_one) --bundle;
    if (!has_one || event.created_at > bundle->first.id.time() + kBundleLasts) {
      if (has_one) ids.used(event.account, bundle->last());
      const EventId first = ids.next(event.account, moment);
      bundle = bundles_.insert(bundles_.end(), Bundle{event.account, first, &ids, {}, {}});
    }
    bundle->events.push_back(std::move(event));
    bundle->units.push_back(unit);
  }

  void undo(UnitNumber unit) override {
    for (Bundle& bundle : bundles_) {
      for (std::size_t i = bundle.units.size(); i-- > 0;) {
        if (bundle.units[i] != unit) continue;
        bundle.units.erase(bundle.units.begin() + static_cast<std::ptrdiff_t>(i));
        bundle.events.erase(bundle.events.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }

  /// Last, so that other nodes wait for as little as can be.
  [[nodiscard]] int place() const override { return 1; }

  void write(Tx& tx) override {
    static constexpr Sql kInsert{R"sql(
        INSERT INTO event_bundles (account_id, first_id, events, content)
        VALUES (:account_id, {{first_event_id}}, :events, :content)
    )sql"};
    if (tx.is_shared()) wait_for_other_nodes(tx);
    for (const Bundle& bundle : bundles_) {
      EventId id = bundle.first;
      for (std::span<const EventRow> left(bundle.events); !left.empty();) {
        const auto events = left.first(std::min(left.size(), kEventsInBundle));
        left = left.subspan(events.size());
        const std::string content = encode_event_bundle(events);
        tx.put(kInsert, {{"account_id", bundle.account},
                         {"first_id", id},
                         {"events", static_cast<std::int64_t>(events.size())},
                         {"content", Blob{content}}});
        EventId last = id;
        for (std::size_t i = 0; i < events.size(); ++i) last = std::exchange(id, id_after(id));
        bundle.ids->used(bundle.account, last);
      }
    }
  }

 private:
  struct Bundle {
    AccountId account;
    EventId first;
    EventIds* ids;
    std::vector<EventRow> events;
    std::vector<UnitNumber> units;  ///< Whose each of them is.

    /// The last id that is its own.
    [[nodiscard]] EventId last() const {
      EventId id = first;
      for (std::size_t i = 1; i < events.size(); ++i) id = id_after(id);
      return id;
    }
  };

  /// Takes a turn for each account, from here to the end of the commit. Else a bundle could become visible after one
  /// with greater ids, behind the cursor of whoever has read that. A statement of its own: the next one then sees all
  /// that those before it have committed.
  void wait_for_other_nodes(Tx& tx) const {
    static constexpr Sql kLock{"SELECT {{lock_to_the_end(}}:lock{{)lock_to_the_end}}"};
    std::set<std::int64_t> locks;  // In one order on all nodes.
    for (const Bundle& bundle : bundles_) {
      if (!bundle.events.empty()) locks.insert(lock_of(bundle.account));
    }
    for (const std::int64_t lock : locks) tx.put(kLock, {lock});
  }

  std::vector<Bundle> bundles_;
};

/// The greatest id that is smaller; `id` is not zero.
EventId last_before(EventId id) {
  for (std::size_t i = id.id.raw.size(); i-- > 0 && id.id.raw[i]-- == 0;) {
  }
  return id;
}

/// What one table has for a page, in order.
struct Found {
  std::vector<EventRow> rows;
  std::optional<EventId> read_to{};  ///< There may be more behind this id.
};

/// Those that versions before the bundles have written.
Found find_single(Tx& tx, const AccountId& account, const EventFilter& filter) {
  // Type and transaction are empty where any will do.
  static constexpr Sql kList{R"sql(
      SELECT account_id, id, type, transaction_id, subject_id, actor, source_index, request_id, data, created_at
      FROM events
      WHERE account_id = :account_id AND id > :after AND id < :until
        AND (:type = '' OR type = :type)
        AND (:transaction_id = {{no_id}} OR transaction_id = :transaction_id)
      ORDER BY id
      LIMIT :limit
  )sql"};
  static constexpr Sql kEdge{R"sql(
      SELECT id
      FROM events
      WHERE account_id = :account_id AND id > :after
      ORDER BY id
      LIMIT 1 OFFSET :scanned
  )sql"};
  EventId after = filter.after.value_or(EventId{});
  // The smallest id of that time is nobody's, so that "after" loses nothing. A transaction's events lie between its own
  // id and the end of its life, so that the scan is bounded by time.
  after.id = std::max(after.id, filter.made.begin());
  if (filter.transaction) after.id = std::max(after.id, Id::floor_of(filter.transaction->id.time()));
  EventId until{filter.made.end()};
  Found found;
  if (!filter.type.empty() && !filter.transaction) {
    EventId edge;
    if (tx.one(kEdge,
               {{"account_id", account}, {"after", after}, {"scanned", static_cast<std::int64_t>(kEventsScanned)}},
               [&](const Row& row) { edge = row.id<EventId>(kEdge["id"]); }) &&
        edge < until) {
      until = edge;
      found.read_to = last_before(edge);
    }
  }
  tx.all(kList,
         {{"account_id", account},
          {"after", after},
          {"until", until},
          {"type", filter.type},
          {"transaction_id", filter.transaction.value_or(TransactionId{})},
          {"limit", filter.limit}},
         [&](const Row& row) {
           found.rows.push_back({.account = row.id<AccountId>(kList["account_id"]),
                                 .id = row.id<EventId>(kList["id"]),
                                 .type = row.string(kList["type"]),
                                 .transaction = row.optional_id<TransactionId>(kList["transaction_id"]),
                                 .subject = row.optional_id<SubjectId>(kList["subject_id"]),
                                 .actor = row.string(kList["actor"]),
                                 .source_index = row.optional_bytes(kList["source_index"]),
                                 .request_id = row.string(kList["request_id"]),
                                 .data = row.string(kList["data"]),
                                 .created_at = row.time(kList["created_at"])});
         });
  if (found.rows.size() == static_cast<std::size_t>(filter.limit)) found.read_to = found.rows.back().id;
  return found;
}

bool matches(const EventFilter& filter, const EventRow& event) {
  // Where the clock was set back, or was far behind another node's, the time of the id counts, as for a single event.
  const WallTime in_id = event.id.id.time();
  const Id made = Id::floor_of(in_id - event.created_at > kBundleLasts ? in_id : event.created_at);
  return (!filter.after || event.id > *filter.after) && made >= filter.made.begin() && made < filter.made.end() &&
         (filter.type.empty() || event.type == filter.type) &&
         (!filter.transaction || event.transaction == *filter.transaction);
}

/// The first bundle that may have one of them: the one around the cursor, or around the earliest time.
EventId first_bundle(Tx& tx, const AccountId& account, const EventFilter& filter) {
  static constexpr Sql kAround{R"sql(
      SELECT first_id
      FROM event_bundles
      WHERE account_id = :account_id AND first_id <= :id
      ORDER BY first_id DESC
      LIMIT 1
  )sql"};
  EventId id = filter.after.value_or(EventId{});
  if (filter.made.since) id.id = std::max(id.id, Id::floor_of(*filter.made.since - kBundleLasts));
  if (filter.transaction) id.id = std::max(id.id, Id::floor_of(filter.transaction->id.time() - kBundleLasts));
  tx.one(kAround, {account, id}, [&](const Row& row) { id = row.id<EventId>(kAround["first_id"]); });
  return id;
}

Found find_in_bundles(Tx& tx, const AccountId& account, const EventFilter& filter) {
  static constexpr Sql kNext{R"sql(
      SELECT first_id, content
      FROM event_bundles
      WHERE account_id = :account_id AND first_id >= :from AND first_id < :until
      ORDER BY first_id
      LIMIT :limit
  )sql"};
  const auto limit = static_cast<std::size_t>(filter.limit);
  const std::size_t scanned_max = filter.type.empty() || filter.transaction ? SIZE_MAX : kEventsScanned;
  const EventId until{filter.made.until ? Id::floor_of(*filter.made.until + kBundleLasts) : last_id()};
  EventId from = first_bundle(tx, account, filter);
  Found found;
  std::size_t scanned = 0;
  for (int read = kBundlesRead; read == kBundlesRead;) {
    read = 0;
    std::optional<EventId> last;
    tx.all(kNext, {{"account_id", account}, {"from", from}, {"until", until}, {"limit", kBundlesRead}},
           [&](const Row& row) {
             ++read;
             const auto first = row.id<EventId>(kNext["first_id"]);
             from = id_after(first);
             for (auto& event : decode_event_bundle(account, first, row.blob(kNext["content"]))) {
               ++scanned;
               last = event.id;
               if (matches(filter, event)) found.rows.push_back(std::move(event));
             }
           });
    if (found.rows.size() >= limit) {
      found.rows.resize(limit);
      found.read_to = found.rows.back().id;
      break;
    }
    if (scanned >= scanned_max && read == kBundlesRead) {
      found.read_to = last;
      break;
    }
  }
  return found;
}

}  // namespace

EventId id_after(EventId id) {
  for (std::size_t i = id.id.raw.size(); i-- > 0 && ++id.id.raw[i] == 0;) {
  }
  return id;
}

Id& EventIds::last_of(const AccountId& account) { return is_test(account) ? last_of_test_[account] : last_; }

EventId EventIds::next(const AccountId& account, Moment& moment) {
  Id id = Id::make(moment);
  const std::lock_guard lock(mutex_);
  Id& last = last_of(account);
  // Same millisecond, or a clock that went back: one more than the last one.
  if (id <= last) id = id_after({last}).id;
  last = id;
  return {id};
}

void EventIds::used(const AccountId& account, const EventId& last) {
  const std::lock_guard lock(mutex_);
  Id& known = last_of(account);
  known = std::max(known, last.id);
}

void append_event(Tx& tx, EventIds& ids, EventRow event, Moment& moment) {
  const Share share = tx.share();
  CS_CHECK(share.parts != nullptr);
  share.parts->get<EventBundles>().append(ids, std::move(event), moment, share.unit);
}

EventPage list_events(Tx& tx, const AccountId& account, const EventFilter& filter) {
  Found single = find_single(tx, account, filter);
  Found bundled = find_in_bundles(tx, account, filter);
  EventPage page;
  std::ranges::merge(std::move(single.rows), std::move(bundled.rows), std::back_inserter(page.rows), {}, &EventRow::id,
                     &EventRow::id);
  for (const auto& read_to : {single.read_to, bundled.read_to}) {
    if (read_to) page.next = std::min(page.next.value_or(*read_to), *read_to);
  }
  if (page.next) std::erase_if(page.rows, [&](const EventRow& row) { return row.id > *page.next; });
  if (const auto limit = static_cast<std::size_t>(filter.limit); page.rows.size() >= limit) {
    page.rows.resize(limit);
    page.next = page.rows.back().id;
  }
  return page;
}

}  // namespace countersign::store
