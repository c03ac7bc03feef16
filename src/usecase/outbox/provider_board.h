#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "delivery/breaker.h"
#include "domain/routing.h"
#include "store/repository/conversion.h"
#include "usecase/queued_message.h"

namespace countersign::usecase {

/// What this node knows about its providers: the circuit breaker of each, from the calls of this node alone, and what
/// the operator has said about them. One per process; thread-safe. [ADR 21, 45]
class ProviderBoard {
 public:
  // Of calls, in this order for each: admits(), started(), then ended() or abandoned().

  [[nodiscard]] bool admits(std::string_view provider, MonotonicTime now) const;
  /// True: the call is the trial of an open circuit.
  [[nodiscard]] bool started(const std::string& provider);
  void abandoned(const std::string& provider, bool tried);
  enum class Change { kNone, kOpened, kClosed };
  /// `failed`: the provider itself has an outage.
  Change ended(const std::string& provider, bool tried, bool failed, MonotonicTime now, Random& random);

  /// Call about every second: a trial of an open circuit may be due, and then it is not failing() until it has begun.
  void look(MonotonicTime now);
  /// Whether it gets no message at the moment because its circuit is open.
  [[nodiscard]] bool failing(std::string_view provider) const;

  // Of reports, by provider and country: how long delivered messages took, as far as this node sent and heard of them.

  /// A report of a delivery came at `now`, of a message that was accepted at `accepted_at`.
  void note_delay(std::string_view provider, std::string_view country, WallTime accepted_at, WallTime now);
  [[nodiscard]] Duration report_wait(std::string_view provider, std::string_view country) const;

  /// A message to that line was accepted, and nobody reported it in time although its person still waits. True: the
  /// provider is taken to deliver nothing of that account to that country from now on (domain::routing::Silence).
  bool note_unreported(std::string_view provider, std::string_view country, const Id& line, const AccountId& account,
                       WallTime now);
  /// A message to that country, accepted at `accepted_at`, was delivered, whichever node heard of it.
  void note_delivered(std::string_view provider, std::string_view country, WallTime accepted_at);
  /// Whether messages of that account to that country pass it over. `may_try`: this one may be the trial, if it is due.
  [[nodiscard]] bool passed_over(std::string_view provider, std::string_view country, const AccountId& account,
                                 bool may_try);
  /// Countries to which a provider delivers nothing, to some account at least: `provider country`.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> silent() const;

  /// Messages that were accepted and are to be looked at, if no report comes before `at`. At most kAwaitedMax: further
  /// ones are not looked at.
  struct Awaited {
    QueuedMessage message;
    std::string country;
    WallTime since;
    WallTime at;
  };
  void await(Awaited awaited);
  enum class Reported { kDelivered, kFailed, kFailedByChannel };
  /// A report about it: it is not looked at any more, and where it was delivered, how long that took is noted. With
  /// kFailedByChannel one that may go by another channel is looked at at once.
  void reported(const MessageId& message, Reported what, WallTime now);
  /// Takes out what nobody has reported in time.
  [[nodiscard]] std::vector<QueuedMessage> unreported(WallTime now);
  void forget_awaited();
  static constexpr std::size_t kAwaitedMax = 10'000;

  /// Those with an open circuit, whether or not a trial is due.
  [[nodiscard]] std::vector<std::string> open() const;

  /// Replaces what the operator has said: providers that take no new messages.
  void set_drained(std::set<std::string, std::less<>> drained);
  [[nodiscard]] bool drained(std::string_view provider) const;
  [[nodiscard]] std::set<std::string, std::less<>> all_drained() const;

  /// Replaces what was learned, on any node: the shares of weights that are not as configured.
  void set_shares(std::map<store::LearnedKey, int> shares);
  [[nodiscard]] bool has_shares() const;
  /// In thousandths of the configured weight.
  [[nodiscard]] int share_of(const store::LearnedKey& key) const;
  [[nodiscard]] std::map<store::LearnedKey, int> shares() const;

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  std::map<std::string, delivery::Breaker, std::less<>> breakers_;
  std::set<std::string, std::less<>> failing_;
  std::set<std::string, std::less<>> drained_;
  std::map<std::pair<std::string, std::string>, std::deque<Duration>> delays_;
  std::map<std::pair<std::string, std::string>, domain::routing::Silence> silences_;
  std::map<MessageId, Awaited> awaited_;
  std::map<store::LearnedKey, int> shares_;
};

}  // namespace countersign::usecase
