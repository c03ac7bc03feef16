#include "risk/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/number.h"

namespace countersign::risk {

namespace {

std::int64_t whole_days(WallTime at) {
  constexpr std::int64_t kHoursOfDay = 24;
  return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count() / kHoursOfDay;
}
std::int64_t whole_hours(WallTime at) { return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count(); }

std::string_view name_of(Profile::Event event) {
  switch (event) {
    case Profile::Event::kPrompt:
      return "prompt";
    case Profile::Event::kDenial:
      return "denial";
    case Profile::Event::kRecoveryFailure:
      break;
  }
  return "recovery";
}

std::string_view word(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const auto found = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return found;
}

}  // namespace

Profile::Seen* Profile::find(List& list, std::string_view digest) {
  const auto found = std::ranges::find(list, digest, &Seen::digest);
  return found == list.end() ? nullptr : &*found;
}

const Profile::Seen* Profile::find(const List& list, std::string_view digest) {
  const auto found = std::ranges::find(list, digest, &Seen::digest);
  return found == list.end() ? nullptr : &*found;
}

/// The oldest go first.
void Profile::bound(List& list) {
  if (list.size() <= kSeenMax) return;
  std::ranges::stable_sort(list, std::greater(), &Seen::at);
  list.resize(kSeenMax);
}

void Profile::note(List& list, std::string_view digest, std::int64_t at) {
  if (auto* const known = find(list, digest)) {
    known->at = std::max(known->at, at);
    return;
  }
  list.push_back({std::string(digest), at});
  bound(list);
}

std::int64_t Profile::count_on(const List& list, std::int64_t day) { return std::ranges::count(list, day, &Seen::at); }

bool Profile::is_on(const List& list, std::string_view digest, std::int64_t day) {
  const auto* known = find(list, digest);
  return known != nullptr && known->at == day;
}

void Profile::describe_place(const Asked& asked, WallTime now, Features& features) const {
  const std::int64_t today = whole_days(now);
  const auto is_new = [](const List& list, const std::string& digest) { return find(list, digest) == nullptr ? 1 : 0; };
  // Who never approved anything from a known device has none that could be new.
  if (!asked.device.empty() && !devices_.empty()) features.set(Feature::kNewDevice, is_new(devices_, asked.device));
  if (!asked.network.empty() && !networks_.empty())
    features.set(Feature::kNewNetwork, is_new(networks_, asked.network));
  if (asked.address.empty()) return;
  const int this_one = is_on(addresses_today_, asked.address, today) ? 0 : 1;
  features.set(Feature::kSubjectAddressesDay, static_cast<double>(count_on(addresses_today_, today) + this_one));
}

void Profile::describe(const Asked& asked, const Others& others, WallTime now, Features& features) const {
  const std::int64_t today = whole_days(now);
  describe_place(asked, now, features);
  if (!asked.device.empty()) {
    const int herself = is_on(devices_today_, asked.device, today) ? 0 : 1;
    features.set(Feature::kDeviceSubjectsDay, static_cast<double>(others.on_device + herself));
  }
  if (!asked.address.empty()) {
    const int herself = is_on(addresses_today_, asked.address, today) ? 0 : 1;
    features.set(Feature::kAddressSubjectsDay, static_cast<double>(others.at_address + herself));
  }
  if (!asked.payout.empty()) {
    const auto* mine = find(payouts_, asked.payout);
    features.set(Feature::kPayoutSubjects, static_cast<double>(mine != nullptr ? mine->number : others.with_payout));
  }
  describe_events(now, features);
  double holds = 1;
  double amount = asked.amount.value_or(0);
  constexpr std::int64_t kDay = 24;
  for (const auto& held : holds_) {
    if (held.digest != asked.type || held.at <= whole_hours(now) - kDay || held.at > whole_hours(now)) continue;
    holds += static_cast<double>(held.number);
    amount += held.amount;
  }
  features.set(Feature::kHoldsDay, holds);
  if (asked.amount) features.set(Feature::kAmountDay, amount);
}

Profile::Asked Profile::to_learn(const Asked& asked) const {
  Asked fresh;
  if (find(devices_, asked.device) == nullptr) fresh.device = asked.device;
  if (find(networks_, asked.network) == nullptr) fresh.network = asked.network;
  if (find(payouts_, asked.payout) == nullptr) fresh.payout = asked.payout;
  return fresh;
}

Profile::NewToday Profile::note_hold(const Asked& asked, WallTime now) {
  const std::int64_t today = whole_days(now);
  NewToday fresh;
  const auto note_today = [&](List& list, const std::string& digest) {
    if (digest.empty()) return false;
    const auto* known = find(list, digest);
    if (known != nullptr && known->at >= today) return false;
    note(list, digest, today);
    return true;
  };
  fresh.on_device = note_today(devices_today_, asked.device);
  fresh.at_address = note_today(addresses_today_, asked.address);
  count_hold(asked, now);
  return fresh;
}

void Profile::count_hold(const Asked& asked, WallTime now) {
  add_in_hour(holds_, asked.type, whole_hours(now), asked.amount.value_or(0));
}

Profile::Seen* Profile::find_hour(List& list, std::string_view digest, std::int64_t hour) {
  const auto found =
      std::ranges::find_if(list, [&](const Seen& one) { return one.digest == digest && one.at == hour; });
  return found == list.end() ? nullptr : &*found;
}

void Profile::add_in_hour(List& list, std::string_view digest, std::int64_t hour, double amount) {
  Seen* const same = find_hour(list, digest, hour);
  if (same == nullptr) {
    list.push_back({std::string(digest), hour, 1, amount});
    bound(list);
    return;
  }
  ++same->number;
  same->amount += amount;
}

void Profile::note_event(Event event, WallTime now) { add_in_hour(events_, name_of(event), whole_hours(now), 0); }

void Profile::describe_events(WallTime now, Features& features) const {
  constexpr std::int64_t kDay = 24;
  const auto count = [&](Event event, std::int64_t hours) {
    std::int64_t number = 0;
    for (const auto& one : events_) {
      if (one.digest == name_of(event) && one.at > whole_hours(now) - hours && one.at <= whole_hours(now))
        number += one.number;
    }
    return static_cast<double>(number);
  };
  features.set(Feature::kPromptsHour, count(Event::kPrompt, 1));
  features.set(Feature::kDenialsDay, count(Event::kDenial, kDay));
  features.set(Feature::kRecoveryFailuresDay, count(Event::kRecoveryFailure, kDay));
}

bool Profile::note_approval(const Asked& asked, std::int64_t others, WallTime now) {
  const std::int64_t today = whole_days(now);
  if (!asked.device.empty()) note(devices_, asked.device, today);
  if (!asked.network.empty()) note(networks_, asked.network, today);
  if (asked.payout.empty() || find(payouts_, asked.payout) != nullptr) return false;
  payouts_.push_back({asked.payout, today, others});
  bound(payouts_);
  return true;
}

void Profile::merge(List& mine, const List& theirs) {
  for (const auto& one : theirs) {
    const auto same = std::ranges::find_if(mine, [&](const Seen& known) { return known.digest == one.digest; });
    if (same == mine.end()) {
      mine.push_back(one);
      continue;
    }
    same->at = std::max(same->at, one.at);
    same->number = std::min(same->number, one.number);  // Of a payout: those who were before her first use.
  }
  bound(mine);
}

void Profile::merge(const Profile& other) {
  merge(devices_, other.devices_);
  merge(networks_, other.networks_);
  merge(payouts_, other.payouts_);
  merge(devices_today_, other.devices_today_);
  merge(addresses_today_, other.addresses_today_);
  merge_hours(holds_, other.holds_);
  merge_hours(events_, other.events_);
}

void Profile::merge_hours(List& mine, const List& theirs) {
  for (const auto& one : theirs) {
    Seen* const same = find_hour(mine, one.digest, one.at);
    if (same == nullptr) {
      mine.push_back(one);
    } else if (one.number > same->number) {
      *same = one;
    }
  }
  bound(mine);
}

void Profile::add_counts(const Profile& more) {
  add_hours(holds_, more.holds_);
  add_hours(events_, more.events_);
}

void Profile::add_hours(List& mine, const List& more) {
  for (const auto& one : more) {
    Seen* const same = find_hour(mine, one.digest, one.at);
    if (same == nullptr) {
      mine.push_back(one);
    } else {
      same->number += one.number;
      same->amount += one.amount;
    }
  }
  bound(mine);
}

bool Profile::knows_nothing() const { return *this == Profile(); }

// profile := a line for each thing, ended by a line feed, with a space between its words
//    d n p D A    a device, network or payout of hers; a device or an address of a day: digest in hex, day, number
//    h e          holds, events: type, hour, number, amount
std::string Profile::encode() const {
  std::string out;
  const auto add = [&](char kind, const List& list) {
    for (const auto& one : list)
      fmt::format_to(std::back_inserter(out), "{} {} {} {}\n", kind, to_hex(one.digest), one.at, one.number);
  };
  add('d', devices_);
  add('n', networks_);
  add('p', payouts_);
  add('D', devices_today_);
  add('A', addresses_today_);
  for (const auto& one : holds_)
    fmt::format_to(std::back_inserter(out), "h {} {} {} {}\n", to_hex(one.digest), one.at, one.number, one.amount);
  add('e', events_);
  return out;
}

Profile Profile::decode(std::string_view text) {
  Profile profile;
  while (!text.empty()) {
    std::string_view line = word(text, '\n');
    const auto kind = word(line, ' ');
    auto digest = from_hex(word(line, ' '));
    const auto at = parse_number<std::int64_t>(word(line, ' '));
    const auto number = parse_number<std::int64_t>(word(line, ' '));
    if (kind.size() != 1 || !digest || !at || !number) continue;
    double amount = 0;
    std::from_chars(line.data(), line.data() + line.size(), amount);
    List* const list = kind == "d"   ? &profile.devices_
                       : kind == "n" ? &profile.networks_
                       : kind == "p" ? &profile.payouts_
                       : kind == "D" ? &profile.devices_today_
                       : kind == "A" ? &profile.addresses_today_
                       : kind == "h" ? &profile.holds_
                       : kind == "e" ? &profile.events_
                                     : nullptr;
    if (list == nullptr || list->size() >= kSeenMax) continue;
    list->push_back({*std::move(digest), *at, *number, amount});
  }
  return profile;
}

}  // namespace countersign::risk
