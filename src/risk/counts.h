#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace countersign::risk {

// How many codes left, and how many were typed: for each country, prefix, range, address and network of an account, by
// hour; and by day who of those that are established typed one. In memory, bounded, and exact: what is counted can be
// taken back. It knows nothing of rules (risk/pumping.h) and of storage (store/repository/risk_counts.h). Pure; not
// thread-safe.

/// What is counted apart. Append only: stored rows hold their numbers.
enum class Kind : std::uint8_t {
  kCountry,
  kPrefix,          ///< A number without its last four digits.
  kRange,           ///< Without its last six.
  kAddress,         ///< Of who asks (IPv6: /64).
  kNetwork,         ///< /24, /48.
  kAddressCountry,  ///< A country, as asked for from an address.
  kCountryDays,     ///< By day, for what is usual.
  kPrefixDays,
  kRangeDays,
};
inline constexpr std::size_t kKinds = static_cast<std::size_t>(Kind::kRangeDays) + 1;
/// Whether its buckets are days; else hours.
[[nodiscard]] constexpr bool counts_days(Kind kind) { return kind >= Kind::kCountryDays; }

/// A key of one kind, in at most kKeyBytes; a longer one is cut.
inline constexpr std::size_t kKeyBytes = 20;  ///< A digest and a country.
struct CountKey {
  AccountId account;
  Kind kind = Kind::kCountry;
  std::uint8_t size = 0;
  std::array<char, kKeyBytes> bytes{};

  [[nodiscard]] static CountKey of(const AccountId& account, Kind kind, std::string_view text);
  [[nodiscard]] std::string_view text() const { return {bytes.data(), size}; }
  friend bool operator==(const CountKey&, const CountKey&) = default;
};
/// Stands for all keys of an account and kind that have no place of their own: they are judged together, by what part
/// of their codes was typed (risk/pumping.h), so that a flood of keys closes itself, and forgets nobody.
inline constexpr std::string_view kOthers = "*";

struct Counted {
  std::int32_t sent = 0;         ///< Codes to people who have not proved the contact, but those taken back.
  std::int32_t newcomers = 0;    ///< Of them, typed right; each person once a day.
  std::int32_t established = 0;  ///< Right codes of people who had proved theirs before; each once a day.

  Counted& operator+=(const Counted& other);
  Counted& operator-=(const Counted& other);
  [[nodiscard]] bool empty() const { return sent == 0 && newcomers == 0 && established == 0; }
  friend bool operator==(const Counted&, const Counted&) = default;
};

/// One bucket of a key. `bucket`: hours, or days, since 1970.
struct Cell {
  CountKey key;
  std::int32_t bucket = 0;
  friend bool operator==(const Cell&, const Cell&) = default;
};
struct CellHash {
  std::size_t operator()(const CountKey& key) const;
  std::size_t operator()(const Cell& cell) const;
};

[[nodiscard]] std::int32_t hour_of(WallTime now);
[[nodiscard]] std::int32_t day_number_of(WallTime now);

/// What is known of a key now.
struct Totals {
  Counted day;   ///< Of the last 24 to 25 hours.
  Counted hour;  ///< Of the last hour; where that began within an hour, its part of it.
  /// Not yet typed, and asked for so lately that they may be still (kYoung).
  std::int32_t young = 0;
  /// Not of this key alone: of all that have no place of their own (kOthers).
  bool together = false;
};
/// How long a code is not held against anybody.
inline constexpr Duration kYoung = std::chrono::minutes(2);

class Counts {
 public:
  /// `keys_max`: of each account and kind. Those beyond are kOthers.
  explicit Counts(std::size_t keys_max) : keys_max_(keys_max) {}

  /// The key under which that one is counted: itself, or kOthers where it has no place.
  [[nodiscard]] CountKey place_of(const CountKey& key) const;
  /// Nothing counted is all zero.
  [[nodiscard]] Totals totals(const CountKey& key, WallTime now) const;
  /// The most established in one day, of today and the 14 before. `key`: of a kind that counts days. What has no place
  /// of its own has none: what others are used for makes nothing usual.
  [[nodiscard]] std::int32_t daily_max(const CountKey& key, WallTime now) const;

  /// Makes a place for the key, if there is room. Answers the cell that was counted in, for take_back().
  Cell add(const CountKey& key, const Counted& counted, WallTime now);
  /// Undoes it. A cell that is over by now is left alone.
  void take_back(const Cell& cell, const Counted& counted);
  /// Sets a cell to what is stored of it and what of this node is not there yet; answers by how much it grew.
  Counted set(const Cell& cell, const Counted& counted);
  /// Of this node: a code that is young from now on, or no longer.
  void note_young(const CountKey& key, std::int32_t by, WallTime now);

  /// Drops what is over: buckets of more than 25 hours or 15 days, and keys without one.
  void prune(WallTime now);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  /// How many keys of that account and kind have a place of their own.
  [[nodiscard]] std::size_t size_of(const AccountId& account, Kind kind) const;

 private:
  struct Bucket {
    std::int32_t at;
    Counted counted;
  };
  struct Entry {
    std::vector<Bucket> buckets;  ///< Few, in no order.
    std::int32_t young_slot = 0;  ///< Since 1970, of kYoung each.
    std::int32_t young_now = 0;
    std::int32_t young_before = 0;  ///< In the slot before.
  };
  [[nodiscard]] const Entry* find(const CountKey& key) const;
  Entry& entry_for(const CountKey& key, CountKey& under);

  std::size_t keys_max_;
  std::unordered_map<CountKey, Entry, CellHash> entries_;
  std::unordered_map<CountKey, std::size_t, CellHash> sizes_;  ///< By account and kind, without a text.
};

}  // namespace countersign::risk
