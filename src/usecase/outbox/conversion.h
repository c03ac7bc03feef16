#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/repository/contacts.h"
#include "store/repository/conversion.h"
#include "store/repository/verifications.h"
#include "usecase/queued_message.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// What this node has yet to write down about what became of codes, in memory: a node that dies forgets the last
/// seconds of it. One per process; thread-safe; bounded. [ADR 47]
class ConversionBook {
 public:
  /// One code from which weights may learn. Digests: of its person, line and network.
  struct Lesson {
    AccountId account;
    TransactionId transaction;
    VerificationId verification;
    store::LearnedKey place;
    WallTime accepted_at;
    WallTime settled_at;  ///< When to look what has become of it.
    std::array<std::string, 3> digests;
  };

  void count(const store::ConversionKey& key, const store::ConversionCounts& counts);
  /// False, and not kept: one of its digests has taught within the hour, or too many wait.
  bool learn(Lesson lesson, WallTime now);

  /// What has been counted since the last call; put it back if it could not be written.
  [[nodiscard]] store::Conversions take_counted();
  void put_back(const store::Conversions& counted);
  /// Those to be looked at, at most `limit`.
  [[nodiscard]] std::vector<Lesson> take_settled(WallTime now, std::size_t limit);

  static constexpr std::size_t kCountedMax = 20'000;  ///< Keys; prefixes beyond are counted among the others.
  static constexpr std::size_t kLessonsMax = 10'000;  ///< Those that wait, and that taught within the hour.

 private:
  struct Taught {
    WallTime at;
    std::array<std::string, 3> digests;
  };

  mutable std::mutex mutex_;
  // Guarded by mutex_:
  store::Conversions counted_;
  std::deque<Lesson> lessons_;  ///< In order of settled_at, nearly: all wait about as long.
  std::deque<Taught> taught_;   ///< Oldest first; its digests are in seen_.
  std::set<std::string, std::less<>> seen_;
};

/// A provider has accepted the message: counts it, and keeps it to learn from where it may.
void note_carried(const Context& context, const QueuedMessage& message, WallTime now);

/// The verification's code was right. Not for what an application reported. `address`: of its contact.
void note_converted(const Context& context, const AccountId& account, const store::VerificationRow& v,
                    std::string_view address, WallTime now);

/// Looks what has become of these codes, and counts it for the weights of their lists: each person, line and network
/// once an hour, whatever they did. What cannot be read counts for nothing.
void learn_from(store::Tx& tx, const std::vector<ConversionBook::Lesson>& lessons, WallTime now);

/// A provider whose learned share has changed.
struct ShareChange {
  store::LearnedKey place;
  int before = 0;
  int after = 0;
};
/// Judges all weights by what was learned; call about every minute. Forgets who has taught longer than an hour ago.
[[nodiscard]] std::vector<ShareChange> step_weights(store::Tx& tx, WallTime now);

}  // namespace countersign::usecase
