#include "usecase/risk/trust_book.h"

#include <utility>

#include "usecase/keys.h"

namespace countersign::usecase {

namespace {

/// Every hold is counted here at once; written are a person's first, and every fourth after it, so that an ordinary
/// person costs one row a day.
constexpr std::int64_t kHoldsOfAWrite = 4;

}  // namespace

std::int64_t trust_day(WallTime at) {
  constexpr std::int64_t kHours = 24;
  return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count() / kHours;
}

risk::Profile TrustBook::profile_of(const Person& person, const std::optional<std::string>& stored) const {
  risk::Profile profile = stored ? risk::Profile::decode(*stored) : risk::Profile();
  const std::lock_guard lock(mutex_);
  if (const auto found = unwritten_.counts.find(person); found != unwritten_.counts.end())
    profile.add_counts(found->second);
  const auto known_in = [&](const auto& generation) {
    const auto found = generation.find(person);
    return found == generation.end() ? nullptr : &found->second;
  };
  const Known* const older = known_in(older_);
  const Known* const recent = known_in(recent_);
  if (const Known* const newest = recent != nullptr ? recent : older) profile.add_counts(newest->counts);
  for (const Known* const known : {older, recent}) {
    if (known != nullptr) profile.merge(known->profile);
  }
  return profile;
}

std::int64_t TrustBook::unwritten(const AccountId& account, const store::Link& link) const {
  const std::lock_guard lock(mutex_);
  const auto found = unwritten_.links.find({account, link});
  return found == unwritten_.links.end() ? 0 : found->second;
}

TrustBook::Known& TrustBook::known(const Person& person) {
  if (const auto found = recent_.find(person); found != recent_.end()) return found->second;
  if (recent_.size() >= kPeopleMax) older_ = std::exchange(recent_, {});
  Known& made = recent_[person];
  if (const auto before = older_.find(person); before != older_.end()) made = before->second;
  return made;
}

void TrustBook::write_later(const Person& person, Known& known) {
  known.holds = 0;
  const risk::Profile counts = std::exchange(known.counts, {});
  if (unwritten_.people.size() >= kPeopleMax && !unwritten_.people.contains(person)) return;
  unwritten_.people[person] = known.profile;
  if (!counts.knows_nothing()) unwritten_.counts[person].add_counts(counts);
}

void TrustBook::note_hold(const Person& person, const risk::Profile& base, const risk::Profile::Asked& asked,
                          WallTime now) {
  const std::lock_guard lock(mutex_);
  Known& it = known(person);
  it.profile.merge(base);
  const auto fresh = it.profile.note_hold(asked, now);
  it.counts.count_hold(asked, now);
  const std::int64_t today = trust_day(now);
  const auto count = [&](store::LinkKind kind, const std::string& key) {
    if (unwritten_.links.size() < kPeopleMax) ++unwritten_.links[{person.account, {kind, today, key}}];
  };
  if (fresh.on_device) count(store::LinkKind::kDevice, asked.device);
  if (fresh.at_address) count(store::LinkKind::kAddress, asked.address);
  if (fresh.on_device || fresh.at_address || ++it.holds >= kHoldsOfAWrite) write_later(person, it);
}

void TrustBook::note_approval(const Person& person, const risk::Profile::Asked& asked, std::int64_t others,
                              WallTime now) {
  const std::lock_guard lock(mutex_);
  Known& it = known(person);
  const risk::Profile before = it.profile;
  if (it.profile.note_approval(asked, others, now) && unwritten_.links.size() < kPeopleMax)
    ++unwritten_.links[{person.account, {store::LinkKind::kPayout, 0, asked.payout}}];
  if (!(it.profile == before)) write_later(person, it);
}

void TrustBook::note_event(const Person& person, risk::Profile::Event event, WallTime now) {
  const std::lock_guard lock(mutex_);
  Known& it = known(person);
  it.profile.note_event(event, now);
  it.counts.note_event(event, now);
  write_later(person, it);
}

TrustBook::Unwritten TrustBook::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(unwritten_, {});
}

void TrustBook::put_back(Unwritten unwritten) {
  const std::lock_guard lock(mutex_);
  for (auto& [person, profile] : unwritten.people) {
    const auto [at, made] = unwritten_.people.emplace(person, profile);
    if (!made) at->second.merge(profile);
  }
  for (const auto& [person, counts] : unwritten.counts) unwritten_.counts[person].add_counts(counts);
  for (const auto& [link, people] : unwritten.links) unwritten_.links[link] += people;
}

void write_trust(store::Tx& tx, const TrustBook::Unwritten& unwritten, WallTime now) {
  const std::int64_t today = trust_day(now);
  for (const auto& [person, profile] : unwritten.people) {
    static_cast<void>(tx.take(subject_key(person.account, person.subject)));  // Nothing of hers has been read.
    risk::Profile there;
    if (const auto stored = store::find_profile(tx, person.account, person.subject))
      there = risk::Profile::decode(*stored);
    // What nodes count of one hour adds up; a profile has seen some of the others' counts, and is never ahead of that.
    if (const auto counts = unwritten.counts.find(person); counts != unwritten.counts.end())
      there.add_counts(counts->second);
    risk::Profile merged = profile;
    merged.merge(there);
    store::save_profile(tx, person.account, person.subject, merged.encode(), today);
  }
  for (const auto& [of, people] : unwritten.links) store::count_people(tx, of.first, of.second, people, today);
}

}  // namespace countersign::usecase
