#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "risk/profile.h"
#include "store/repository/risk_people.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// What this node has learned of people for the rules about trust, and has yet to write down; with what it wrote last,
/// so that holds within a second see each other. One per process; thread-safe; bounded. [ADR 51]
class TrustBook {
 public:
  struct Person {
    AccountId account;
    SubjectId subject;
    auto operator<=>(const Person&) const = default;
  };
  /// What is stored, with what this node knows besides.
  [[nodiscard]] risk::Profile profile_of(const Person& person, const std::optional<std::string>& stored) const;
  [[nodiscard]] std::int64_t unwritten(const AccountId& account, const store::Link& link) const;

  // When it is durable:
  /// `base`: as profile_of() had it for the hold.
  void note_hold(const Person& person, const risk::Profile& base, const risk::Profile::Asked& asked, WallTime now);
  /// `others`: people with that payout, as the hold knew it.
  void note_approval(const Person& person, const risk::Profile::Asked& asked, std::int64_t others, WallTime now);

  void note_event(const Person& person, risk::Profile::Event event, WallTime now);

  struct Unwritten {
    std::map<Person, risk::Profile> people;
    std::map<Person, risk::Profile> counts;  ///< Of some of them: holds and events to be added to what is stored.
    std::map<std::pair<AccountId, store::Link>, std::int64_t> links;
    [[nodiscard]] bool empty() const { return people.empty() && links.empty(); }
  };
  [[nodiscard]] Unwritten take();
  void put_back(Unwritten unwritten);

  /// Two generations of so many: the older one is forgotten when the newer is full. What is unwritten is dropped beyond
  /// as many.
  static constexpr std::size_t kPeopleMax = 10'000;

 private:
  struct Known {
    risk::Profile profile;
    risk::Profile counts;    ///< Holds since it was last to be written, which are in `profile` too.
    std::int64_t holds = 0;  ///< How many.
  };
  // All with mutex_ held.
  Known& known(const Person& person);
  void write_later(const Person& person, Known& known);

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::map<Person, Known> recent_;
  std::map<Person, Known> older_;
  Unwritten unwritten_;
};

/// In a unit of its own: merges into what is stored, adds what was counted since, and counts people.
void write_trust(store::Tx& tx, const TrustBook::Unwritten& unwritten, WallTime now);

/// A day of the epoch.
[[nodiscard]] std::int64_t trust_day(WallTime at);

}  // namespace countersign::usecase
