#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/worker.h"
#include "delivery/fair_queue.h"
#include "store/store.h"
#include "usecase/background.h"
#include "usecase/outbox/courier_hooks.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/outbox/providers.h"
#include "usecase/outbox/work_messages.h"

namespace countersign::usecase {

/// Hands codes to their providers. Limits how many each provider gets at a time, takes accounts in turn, pauses a
/// provider that fails, gives what a provider refuses to the next of its list [ADR 45], and never starts a message
/// after its lease has run out. Writes all results that have arrived in one unit. Thread-safe. [ADR 21]
class CodeDispatch {
 public:
  /// All arguments outlive it. `worker` runs the continuations of provider and store calls.
  CodeDispatch(const Background& with, const Providers& providers, const CourierHooks& hooks, Worker& worker,
               delivery::LaneLimits limits);

  /// Sends the message now or when its account's turn comes. This node holds the lease on the message.
  void deliver(std::unique_ptr<QueuedMessage> message);
  /// Call about every second: gives back messages that waited too long, and starts those that may start now.
  void tick();
  /// Starts no more messages and gives back those that wait.
  void close();
  /// No message is in progress, and all results are written.
  [[nodiscard]] bool idle() const;

 private:
  using Outcome = Result<delivery::Accepted, delivery::ProviderError>;
  /// By pointer: a message has some thirty texts, and passes through a dozen hands.
  using Queue = delivery::FairQueue<std::unique_ptr<QueuedMessage>>;
  using Taken = Queue::Taken;
  struct Writes {
    std::vector<SentMessage> sent;
    std::vector<QueuedMessage> back;
    std::vector<QueuedMessage> moved;  ///< To the provider that they name; to be sent once that is durable.

    [[nodiscard]] std::size_t size() const { return sent.size() + back.size() + moved.size(); }
  };

  void pump();
  void start(Taken taken, bool tried);
  void ended(std::unique_ptr<QueuedMessage> held, bool tried, bool called, Outcome outcome);
  void give_back_waiting(bool all);
  [[nodiscard]] bool avoided(std::string_view provider) const;
  bool move_from(QueuedMessage& message, const delivery::ProviderError* refused);
  void move_waiting();
  void look_after(const QueuedMessage& message);
  void report_heard_again();
  void send_again_unreported();
  void flush_soon();
  void flush();
  template <class Then>
  void write_down(std::shared_ptr<Writes> writes, Then then);
  void one_by_one(Writes& writes);
  void report(std::string_view what) const;

  store::Store& store_;
  const Context& context_;
  const Providers& providers_;
  Clock& clock_;
  Random& random_;
  const CourierHooks& hooks_;
  Worker& worker_;
  ProviderBoard own_board_;  ///< Where the context has none.
  ProviderBoard& board_;
  mutable std::mutex mutex_;
  // Guarded by mutex_:
  Queue queue_;
  Writes writes_;          ///< The next results for flush() to write; one such unit at a time.
  bool flushing_ = false;  ///< A flush() is scheduled or running.
  int writing_ = 0;        ///< Units in progress.
  bool pumping_ = false;   ///< A pump() is scheduled on the worker.
  bool closed_ = false;
  // Of tick() alone:
  std::vector<std::pair<std::string, std::string>> silent_;  ///< As the board had it before.
};

}  // namespace countersign::usecase
