#include "risk/counts.h"

#include <algorithm>
#include <chrono>

namespace countersign::risk {

namespace {

constexpr std::int32_t kHoursKept = 24;  // And the one that runs.
constexpr std::int32_t kDaysKept = 14;
constexpr double kMinutesOfAnHour = 60;

CountKey table_of(const AccountId& account, Kind kind) { return {account, kind, 0, {}}; }

std::int32_t slot_of(WallTime now) { return static_cast<std::int32_t>(now.time_since_epoch() / kYoung); }

/// FNV-1a over what tells keys apart. Keys are digests, or prefixes of numbers: whoever makes many of one hash has
/// asked for as many codes, and has met the limits long before.
std::size_t hash_of(const CountKey& key) {
  std::uint64_t hash = 14695981039346656037ULL;
  const auto mix = [&](unsigned char byte) { hash = (hash ^ byte) * 1099511628211ULL; };
  for (const auto byte : key.account.id.raw) mix(byte);
  mix(static_cast<unsigned char>(key.kind));
  for (const char byte : key.text()) mix(static_cast<unsigned char>(byte));
  return hash;
}

}  // namespace

CountKey CountKey::of(const AccountId& account, Kind kind, std::string_view text) {
  CountKey key{account, kind, 0, {}};
  key.size = static_cast<std::uint8_t>(std::min(text.size(), kKeyBytes));
  std::ranges::copy(text.substr(0, key.size), key.bytes.begin());
  return key;
}

Counted& Counted::operator+=(const Counted& other) {
  sent += other.sent;
  newcomers += other.newcomers;
  established += other.established;
  return *this;
}

Counted& Counted::operator-=(const Counted& other) {
  sent -= other.sent;
  newcomers -= other.newcomers;
  established -= other.established;
  return *this;
}

std::size_t CellHash::operator()(const CountKey& key) const { return hash_of(key); }

std::size_t CellHash::operator()(const Cell& cell) const {
  return hash_of(cell.key) ^
         (static_cast<std::size_t>(static_cast<std::uint32_t>(cell.bucket)) * 0x9E3779B97F4A7C15ULL);
}

std::int32_t hour_of(WallTime now) {
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::hours>(now).time_since_epoch().count());
}

std::int32_t day_number_of(WallTime now) {
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(now).time_since_epoch().count());
}

const Counts::Entry* Counts::find(const CountKey& key) const {
  if (const auto found = entries_.find(key); found != entries_.end()) return &found->second;
  if (size_of(key.account, key.kind) < keys_max_) return nullptr;
  const auto others = entries_.find(CountKey::of(key.account, key.kind, kOthers));
  return others == entries_.end() ? nullptr : &others->second;
}

CountKey Counts::place_of(const CountKey& key) const {
  if (entries_.contains(key) || size_of(key.account, key.kind) < keys_max_) return key;
  return CountKey::of(key.account, key.kind, kOthers);
}

std::size_t Counts::size_of(const AccountId& account, Kind kind) const {
  const auto found = sizes_.find(table_of(account, kind));
  return found == sizes_.end() ? 0 : found->second;
}

/// A clock that went back finds what was counted by the later time, and counts it in.
Totals Counts::totals(const CountKey& key, WallTime now) const {
  Totals totals;
  const Entry* const entry = find(key);
  if (entry == nullptr) return totals;
  totals.together = !entries_.contains(key);
  const std::int32_t hour = hour_of(now);
  const auto minute =
      std::chrono::duration<double, std::ratio<60>>(now - std::chrono::floor<std::chrono::hours>(now)).count();
  for (const auto& bucket : entry->buckets) {
    if (bucket.at < hour - kHoursKept) continue;
    totals.day += bucket.counted;
    if (bucket.at >= hour) totals.hour += bucket.counted;
    if (bucket.at == hour - 1) {
      const double part = 1 - minute / kMinutesOfAnHour;
      const auto of = [part](std::int32_t count) { return static_cast<std::int32_t>(part * count); };
      totals.hour += Counted{of(bucket.counted.sent), of(bucket.counted.newcomers), of(bucket.counted.established)};
    }
  }
  const std::int32_t slot = slot_of(now);
  if (entry->young_slot == slot) totals.young = entry->young_now + entry->young_before;
  if (entry->young_slot == slot - 1) totals.young = entry->young_now;
  totals.young = std::max(totals.young, 0);
  return totals;
}

std::int32_t Counts::daily_max(const CountKey& key, WallTime now) const {
  const auto found = entries_.find(key);
  std::int32_t most = 0;
  if (found == entries_.end()) return most;
  const std::int32_t today = day_number_of(now);
  for (const auto& bucket : found->second.buckets) {
    if (bucket.at <= today && bucket.at >= today - kDaysKept) most = std::max(most, bucket.counted.established);
  }
  return most;
}

Counts::Entry& Counts::entry_for(const CountKey& key, CountKey& under) {
  under = place_of(key);
  const auto [found, made] = entries_.try_emplace(under);
  if (made) ++sizes_[table_of(under.account, under.kind)];
  return found->second;
}

Cell Counts::add(const CountKey& key, const Counted& counted, WallTime now) {
  Cell cell;
  Entry& entry = entry_for(key, cell.key);
  cell.bucket = counts_days(key.kind) ? day_number_of(now) : hour_of(now);
  auto bucket = std::ranges::find(entry.buckets, cell.bucket, &Bucket::at);
  if (bucket == entry.buckets.end()) bucket = entry.buckets.insert(bucket, {cell.bucket, {}});
  bucket->counted += counted;
  return cell;
}

void Counts::take_back(const Cell& cell, const Counted& counted) {
  const auto found = entries_.find(cell.key);
  if (found == entries_.end()) return;
  const auto bucket = std::ranges::find(found->second.buckets, cell.bucket, &Bucket::at);
  if (bucket != found->second.buckets.end()) bucket->counted -= counted;
}

Counted Counts::set(const Cell& cell, const Counted& counted) {
  CountKey under;
  Entry& entry = entry_for(cell.key, under);
  // What another node tells apart and this one does not stays where it can be set again.
  if (under != cell.key) return {};
  auto bucket = std::ranges::find(entry.buckets, cell.bucket, &Bucket::at);
  if (bucket == entry.buckets.end()) bucket = entry.buckets.insert(bucket, {cell.bucket, {}});
  Counted more = counted;
  more -= bucket->counted;
  bucket->counted = counted;
  return more;
}

void Counts::note_young(const CountKey& key, std::int32_t by, WallTime now) {
  const auto found = entries_.find(place_of(key));
  if (found == entries_.end()) return;
  Entry& entry = found->second;
  const std::int32_t slot = slot_of(now);
  if (slot > entry.young_slot) {
    entry.young_before = slot == entry.young_slot + 1 ? entry.young_now : 0;
    entry.young_now = 0;
    entry.young_slot = slot;
  }
  // Whose code was typed was asked for in one of the two; which does not matter for long.
  if (by < 0 && entry.young_now <= 0 && entry.young_before > 0)
    entry.young_before += by;
  else
    entry.young_now += by;
}

void Counts::prune(WallTime now) {
  const std::int32_t first_hour = hour_of(now) - kHoursKept;
  const std::int32_t first_day = day_number_of(now) - kDaysKept;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto& [key, content] = *entry;
    const std::int32_t first = counts_days(key.kind) ? first_day : first_hour;
    std::erase_if(entry->second.buckets,
                  [&](const Bucket& bucket) { return bucket.at < first || bucket.counted.empty(); });
    if (!entry->second.buckets.empty()) {
      ++entry;
      continue;
    }
    const auto size = sizes_.find(table_of(key.account, key.kind));
    if (--size->second == 0) sizes_.erase(size);
    entry = entries_.erase(entry);
  }
}

}  // namespace countersign::risk
