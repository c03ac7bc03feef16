#include "store/repository/counters.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include "base/check.h"

namespace countersign::store {

namespace {

/// Has counted in no row.
constexpr UnitNumber kNobody = std::numeric_limits<UnitNumber>::max();

/// Rows that one statement writes: the numbers of each as a text, in a JSON array, and what names it in one run of
/// bytes.
///
/// value := the place of its name, its size, and the five numbers of add(), in columns of kPlaceWidth and kNumberWidth
/// name  := the account, 16 bytes; the key
class CounterRows {
 public:
  /// `seen`: what the row had when it was read. `most`: the greatest count with which the row would have admitted what
  /// was admitted.
  void add(const AccountId& account, std::string_view key, const domain::Window& seen, std::int64_t most,
           const domain::Window& window) {
    const std::size_t place = names_.size() + 1;
    names_.append(account.bytes()).append(key);
    values_ +=
        fmt::format("{}\"{:010}{:010}{:020}{:020}{:020}{:020}{:020}\"", values_.empty() ? "" : ",", place, key.size(),
                    to_micros(seen.start), seen.count, most, to_micros(window.start), window.count - seen.count);
  }
  [[nodiscard]] bool empty() const { return values_.empty(); }
  [[nodiscard]] std::string_view names() const { return names_; }
  [[nodiscard]] std::string values() const { return '[' + values_ + ']'; }

 private:
  std::string names_;
  std::string values_;
};

// The columns of CounterRows, of which `r` has one row each. An expression that is not a parameter has no type of its
// own in SQLite, hence the casts.
constexpr Token kRowAccount{"row_account",
                            "substr(CAST(:names AS {{blob}}), CAST(substr(r.value, 1, 10) AS INTEGER), 16)"};
constexpr Token kRowKey{"row_key",
                        "substr(CAST(:names AS {{blob}}), CAST(substr(r.value, 1, 10) AS INTEGER) + 16, "
                        "CAST(substr(r.value, 11, 10) AS INTEGER))"};

/// In the order of their keys, in which every node locks them. Of two nodes one waits for the other, and judges by what
/// that has left: the same window must still run, with room for all that was counted. Else there is no number to
/// write, which fails the commit, and all of it is done again.
void add_to_rows(Tx& tx, const CounterRows& rows) {
  static constexpr Sql kAdd{{kRowAccount, kRowKey},
                            R"sql(
      UPDATE counters
      SET window_start = g.window_start,
          count = CASE
            WHEN counters.window_start = g.seen_start AND counters.count BETWEEN g.least AND g.most
              THEN counters.count + g.added
          END
      FROM (
        SELECT
          c.account_id, c.counter_key,
          CAST(substr(r.value, 21, 20) AS {{bigint}}) AS seen_start,
          CAST(substr(r.value, 41, 20) AS {{bigint}}) AS least,
          CAST(substr(r.value, 61, 20) AS {{bigint}}) AS most,
          CAST(substr(r.value, 81, 20) AS {{bigint}}) AS window_start,
          CAST(substr(r.value, 101, 20) AS {{bigint}}) AS added
        FROM {{each(}}:values{{)each}} AS r
        JOIN counters AS c ON c.account_id = {{row_account}} AND c.counter_key = {{row_key}}
        ORDER BY c.account_id, c.counter_key
        {{for_update}}
      ) AS g
      WHERE counters.account_id = g.account_id AND counters.counter_key = g.counter_key
  )sql"};
  if (!rows.empty()) tx.put(kAdd, {rows.values(), Blob{rows.names()}});
}

/// The same for rows that were not there. One that has come since fails the commit.
void make_rows(Tx& tx, const CounterRows& rows) {
  static constexpr Sql kMake{{kRowAccount, kRowKey},
                             R"sql(
      INSERT INTO counters (account_id, counter_key, window_start, count)
      SELECT
        {{row_account}} AS account_id,
        {{row_key}} AS counter_key,
        CAST(substr(r.value, 81, 20) AS {{bigint}}) AS window_start,
        CAST(substr(r.value, 101, 20) AS {{bigint}}) AS count
      FROM {{each(}}:values{{)each}} AS r
      WHERE true
      ORDER BY 1, 2
      ON CONFLICT (account_id, counter_key) DO UPDATE
      SET count = NULL
  )sql"};
  if (!rows.empty()) tx.put(kMake, {Blob{rows.names()}, rows.values()});
}

/// The windows that the units of one commit have used.
class Counters final : public SharedPart {
 public:
  /// Null until a unit has counted, or wanted to count, in its row; and where nobody knows what that has left there.
  [[nodiscard]] const domain::Window* find(const AccountId& account, std::string_view key) const {
    const auto held = windows_.find(KeyView{account, key});
    return held == windows_.end() || !held->second.known ? nullptr : &held->second.window;
  }

  /// This unit has counted in the row. What stands there since is read where another counts as well: nearly every
  /// network address has one unit in a commit, and SQLite makes a table of its own for each RETURNING.
  void hold_counted(const AccountId& account, std::string_view key, UnitNumber unit) {
    windows_.insert_or_assign({account, std::string(key)}, Held{{}, {}, unit, {}, std::nullopt, false});
  }
  /// A unit of this commit has counted in the row, and find() does not know it.
  [[nodiscard]] bool is_unknown(const AccountId& account, std::string_view key) const {
    const auto held = windows_.find(KeyView{account, key});
    return held != windows_.end() && !held->second.known;
  }
  void learn(const AccountId& account, std::string_view key, const domain::Window& window) {
    Held& held = windows_.find(KeyView{account, key})->second;
    held.window = held.written = window;
    held.known = true;
  }

  /// The row, which is like this, had no room.
  void hold_full(const AccountId& account, std::string_view key, const domain::Window& window) {
    windows_.insert_or_assign({account, std::string(key)}, Held{window, window, kNobody, {}, std::nullopt});
  }

  /// The row was read, and other nodes may count in it at the same time: nullopt if there is none. This commit adds to
  /// it at its end, if by then it still has room.
  void hold_shared(const AccountId& account, std::string_view key, const std::optional<domain::Window>& window) {
    const domain::Window seen = window.value_or(domain::Window{});
    windows_.insert_or_assign({account, std::string(key)}, Held{seen, seen, kNobody, {}, Shared{window.has_value()}});
  }

  /// Counts in a window that is held, if the rate allows.
  [[nodiscard]] bool count(const AccountId& account, std::string_view key, const domain::Rate& rate, WallTime now,
                           UnitNumber unit) {
    Held& held = held_of(account, key);
    const auto allowance = domain::count_event(held.window, rate, now);
    if (allowance.allowed) admit(held, rate.max, 1, allowance.next, unit);
    return allowance.allowed;
  }

  [[nodiscard]] bool has_spent_of(const AccountId& account) const { return spent_of_.contains(account); }
  /// All windows of the account for money. Those that are not among them have no row.
  void hold_spent(const AccountId& account, const std::map<std::string, domain::Window, std::less<>>& windows) {
    for (const auto& [key, window] : windows) hold_shared(account, key, window);
    spent_of_.insert(account);
  }

  /// Needs hold_spent().
  [[nodiscard]] std::optional<NotSpent> spend(const AccountId& account, std::span<const SpentFrom> from,
                                              std::int64_t price, WallTime now, UnitNumber unit) {
    for (const auto& one : from) {
      if (find(account, one.key) == nullptr) hold_shared(account, one.key, std::nullopt);
    }
    for (std::size_t i = 0; i < from.size(); ++i) {
      const auto allowance = domain::spend(held_of(account, from[i].key).window, from[i].most, price, now);
      if (!allowance.allowed) return NotSpent{i, allowance.retry_after};
    }
    for (const auto& one : from) {
      Held& held = held_of(account, one.key);
      admit(held, one.most, price, domain::spend(held.window, one.most, price, now).next, unit);
    }
    return std::nullopt;
  }

  /// True for the first unit of the commit that asks: it reads the row, and the others will find it.
  [[nodiscard]] bool may_look(const AccountId& account, std::string_view key) {
    return !windows_.contains(KeyView{account, key}) && looked_at_.emplace(account, key).second;
  }

  void take_back(const AccountId& account, std::string_view key, UnitNumber unit) {
    const auto found = windows_.find(KeyView{account, key});
    CS_CHECK(found != windows_.end());
    Held& held = found->second;
    // Its latest; the first of all is the one in the row.
    const auto one = std::ranges::find_if(held.counted.rbegin(), held.counted.rend(), [&](const Counted& counts) {
      return counts.unit == unit && !counts.taken_back;
    });
    if (one == held.counted.rend()) return forget(held, held.written.start, held.counted.begin(), 1);
    one->taken_back = true;
    forget(held, one->start, one.base(), one->amount);
  }

  void undo(UnitNumber unit) override {
    for (auto found = windows_.begin(); found != windows_.end();) {
      Held& held = found->second;
      // A count in the row is undone with the row, and with it whoever counted after that.
      if (held.in_row == unit) {
        found = windows_.erase(found);
        continue;
      }
      for (; !held.counted.empty() && held.counted.back().unit == unit; held.counted.pop_back())
        held.window = held.counted.back().before;
      for (auto one = held.counted.begin(); one != held.counted.end(); ++one) {
        if (one->unit == unit && !one->taken_back) forget(held, one->start, std::next(one), one->amount);
      }
      std::erase_if(held.counted, [&](const Counted& one) { return one.unit == unit; });
      ++found;
    }
  }

  void write(Tx& tx) override {
    CounterRows added;
    CounterRows made;
    for (const auto& [key, held] : windows_) {
      if (held.window == held.written) continue;
      if (!held.shared) {
        keep_window(tx, key.first, key.second, held.window);
        continue;
      }
      const std::int64_t most = held.shared->began_anew ? held.written.count : held.shared->most;
      (held.shared->exists ? added : made).add(key.first, key.second, held.written, most, held.window);
    }
    // New rows first: who has one then waits for it with none that anybody who sees it could want.
    make_rows(tx, made);
    add_to_rows(tx, added);
  }

 private:
  using Key = std::pair<AccountId, std::string>;
  using KeyView = std::pair<const AccountId&, std::string_view>;
  struct Less {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return a.first != b.first ? a.first < b.first : std::string_view(a.second) < std::string_view(b.second);
    }
  };
  /// An event, or a price, that a unit counted in memory.
  struct Counted {
    UnitNumber unit;
    std::int64_t amount;
    domain::Window before;
    WallTime start;  ///< Of the window in which it was counted.
    bool taken_back = false;
  };
  /// Of a row that other nodes may change meanwhile: by what it may differ at the end from what was read.
  struct Shared {
    bool exists;
    bool began_anew = false;                                       ///< By nothing: another window ran when it was read.
    std::int64_t most = std::numeric_limits<std::int64_t>::max();  ///< As in CounterRows::add().
  };
  struct Held {
    domain::Window window;
    domain::Window written;  ///< What the row has, or had when it was read.
    UnitNumber in_row;       ///< Who counted in it.
    std::vector<Counted> counted;
    std::optional<Shared> shared;
    bool known = true;
  };

  Held& held_of(const AccountId& account, std::string_view key) { return windows_.find(KeyView{account, key})->second; }

  /// `next`: the window with what `most` has admitted.
  static void admit(Held& held, std::int64_t most, std::int64_t amount, const domain::Window& next, UnitNumber unit) {
    if (held.shared) note_room(held, *held.shared, most, next);
    held.counted.push_back({unit, amount, held.window, next.start});
    held.window = next;
  }

  /// Limits differ: some people have a part of one. What is taken back later has been admitted all the same.
  static void note_room(const Held& held, Shared& shared, std::int64_t most, const domain::Window& next) {
    if (next.start != held.written.start)
      shared.began_anew = true;
    else
      shared.most = std::min(shared.most, most - (next.count - held.written.count));
  }

  /// So much less in the window that began then, also where it is what somebody who counted `later` found. If another
  /// has begun since, the event went with its own.
  static void forget(Held& held, WallTime start, std::vector<Counted>::iterator later, std::int64_t amount) {
    if (held.window.start == start) held.window.count -= amount;
    for (; later != held.counted.end(); ++later) {
      if (later->before.start == start) later->before.count -= amount;
    }
  }

  std::map<Key, Held, Less> windows_;
  std::set<AccountId> spent_of_;  ///< Accounts whose windows for money are here.
  std::set<Key> looked_at_;
};

/// nullopt if it has no row.
std::optional<domain::Window> read_row(Tx& tx, const AccountId& account, std::string_view key) {
  static constexpr Sql kFind{R"sql(
      SELECT window_start, count
      FROM counters
      WHERE account_id = :account_id AND counter_key = :counter_key
  )sql"};
  std::optional<domain::Window> window;
  tx.one(kFind, {account, Blob{key}}, [&](const Row& row) {
    window = domain::Window{row.time(kFind["window_start"]), row.integer(kFind["count"])};
  });
  return window;
}

domain::Window read_counter(Tx& tx, const AccountId& account, std::string_view key) {
  return read_row(tx, account, key).value_or(domain::Window{});
}

/// False, with nothing counted, if the rate is used up.
bool count_in_row(Tx& tx, const AccountId& account, std::string_view key, const domain::Rate& rate, WallTime now) {
  // domain::count_event in SQL. A window from which all events were taken back begins with the next one.
  static constexpr Sql kCount{R"sql(
      INSERT INTO counters (account_id, counter_key, window_start, count)
      VALUES (:account_id, :counter_key, :now, 1)
      ON CONFLICT (account_id, counter_key) DO UPDATE
      SET window_start = CASE
            WHEN counters.window_start > :window_gone AND counters.count > 0 THEN counters.window_start
            ELSE :now
          END,
          count = CASE WHEN counters.window_start > :window_gone THEN counters.count + 1 ELSE 1 END
      WHERE counters.window_start <= :window_gone OR counters.count < :max
  )sql"};
  return tx.exec(kCount, {{"account_id", account},
                          {"counter_key", Blob{key}},
                          {"now", now},
                          {"window_gone", now - rate.per},
                          {"max", rate.max}}) == 1;
}

}  // namespace

domain::Window find_counter(Tx& tx, const AccountId& account, std::string_view key) {
  auto* const parts = tx.share().parts;
  const auto* held = parts == nullptr ? nullptr : parts->get<Counters>().find(account, key);
  return held == nullptr ? read_counter(tx, account, key) : *held;
}

void look_at_counters(Tx& tx, const AccountId& account, std::span<const std::string> keys) {
  static constexpr Sql kLook{R"sql(
      SELECT counter_key, window_start, count
      FROM counters
      WHERE account_id = :account_id AND counter_key IN (:first, :second, :third)
  )sql"};
  if (!tx.is_shared()) return;
  auto& counters = tx.share().parts->get<Counters>();
  std::vector<std::string_view> wanted;
  for (const auto& key : keys) {
    if (counters.may_look(account, key)) wanted.emplace_back(key);
  }
  if (wanted.empty()) return;
  CS_CHECK(wanted.size() <= 3);
  const auto at = [&](std::size_t i) { return Blob{wanted[std::min(i, wanted.size() - 1)]}; };
  std::map<std::string, domain::Window, std::less<>> found;
  tx.all(kLook, {{"account_id", account}, {"first", at(0)}, {"second", at(1)}, {"third", at(2)}}, [&](const Row& row) {
    found[row.bytes(kLook["counter_key"])] = {row.time(kLook["window_start"]), row.integer(kLook["count"])};
  });
  for (const auto key : wanted) {
    // Another unit may have read it meanwhile, and counted: what it found is what the end is judged by.
    if (counters.find(account, key) != nullptr) continue;
    const auto window = found.find(key);
    counters.hold_shared(account, key, window == found.end() ? std::nullopt : std::optional(window->second));
  }
}

Duration wait_for_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Rate& rate,
                          WallTime now) {
  return domain::count_event(find_counter(tx, account, key), rate, now).retry_after;
}

bool count_in_counter(Tx& tx, const AccountId& account, std::string_view key, const domain::Rate& rate, WallTime now) {
  const Share share = tx.share();
  CS_CHECK(share.parts != nullptr);
  auto& counters = share.parts->get<Counters>();
  if (counters.find(account, key) != nullptr) return counters.count(account, key, rate, now, share.unit);
  const Latch latch(tx, {Key::Kind::kFirstUse, account.bytes(), key});
  if (counters.find(account, key) != nullptr) return counters.count(account, key, rate, now, share.unit);
  if (counters.is_unknown(account, key)) {
    counters.learn(account, key, read_counter(tx, account, key));
    return counters.count(account, key, rate, now, share.unit);
  }
  if (tx.is_shared()) {
    const auto window = read_row(tx, account, key);
    // One that looked at several has no latch, and may have counted meanwhile.
    if (counters.find(account, key) == nullptr) counters.hold_shared(account, key, window);
    return counters.count(account, key, rate, now, share.unit);
  }
  const bool counted = count_in_row(tx, account, key, rate, now);
  // Where it is used up, the others of the commit need not ask the row as well.
  if (counted)
    counters.hold_counted(account, key, share.unit);
  else
    counters.hold_full(account, key, read_counter(tx, account, key));
  return counted;
}

std::map<std::string, domain::Window, std::less<>> all_spent(Tx& tx, const AccountId& account) {
  static constexpr Sql kAll{R"sql(
      SELECT counter_key, window_start, count
      FROM counters
      WHERE account_id = :account_id AND counter_key >= :first AND counter_key < :after
  )sql"};
  static const std::string kAfter = std::string(kSpent.substr(0, kSpent.size() - 1)) + '!';
  std::map<std::string, domain::Window, std::less<>> windows;
  tx.all(kAll, {{"account_id", account}, {"first", Blob{kSpent}}, {"after", Blob{kAfter}}}, [&](const Row& row) {
    windows.emplace(row.bytes(kAll["counter_key"]),
                    domain::Window{row.time(kAll["window_start"]), row.integer(kAll["count"])});
  });
  return windows;
}

std::optional<NotSpent> spend(Tx& tx, const AccountId& account, std::span<const SpentFrom> from, std::int64_t price,
                              WallTime now) {
  const Share share = tx.share();
  CS_CHECK(share.parts != nullptr);
  auto& counters = share.parts->get<Counters>();
  if (!counters.has_spent_of(account)) {
    const Latch latch(tx, {Key::Kind::kFirstUse, account.bytes(), kSpent});
    if (!counters.has_spent_of(account)) counters.hold_spent(account, all_spent(tx, account));
  }
  return counters.spend(account, from, price, now, share.unit);
}

void take_back(Tx& tx, const AccountId& account, std::string_view key) {
  const Share share = tx.share();
  CS_CHECK(share.parts != nullptr);
  auto& counters = share.parts->get<Counters>();
  if (counters.is_unknown(account, key)) {
    const Latch latch(tx, {Key::Kind::kFirstUse, account.bytes(), key});
    if (counters.is_unknown(account, key)) counters.learn(account, key, read_counter(tx, account, key));
  }
  counters.take_back(account, key, share.unit);
}

void keep_window(Tx& tx, const AccountId& account, std::string_view key, const domain::Window& window) {
  static constexpr Sql kKeep{R"sql(
      INSERT INTO counters (account_id, counter_key, window_start, count)
      VALUES (:account_id, :counter_key, :window_start, :count)
      ON CONFLICT (account_id, counter_key) DO UPDATE
      SET window_start = :window_start, count = :count
  )sql"};
  tx.put(
      kKeep,
      {{"account_id", account}, {"counter_key", Blob{key}}, {"window_start", window.start}, {"count", window.count}});
}

}  // namespace countersign::store
