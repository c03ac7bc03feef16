#pragma once

#include <functional>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/worker.h"
#include "delivery/push_sender.h"
#include "usecase/background.h"
#include "usecase/push/outbox.h"

namespace countersign::usecase {

/// Hands prompts to push services: again after a pause where one is busy, as long as the prompt lasts; and forgets a
/// subscription of which its push service says that it is over. [PUSH-5] What it has in memory is lost with the
/// process: the person asks again. Thread-safe.
class PushDispatch final : public PushOutbox {
 public:
  /// Of further prompts, the page says that they did not arrive.
  static constexpr std::size_t kWaitingMax = 20'000;
  static constexpr unsigned kAttemptsMax = 4;

  /// All outlive it. `on_problem`: for the log; called on background threads.
  PushDispatch(const Background& with, delivery::PushSender& sender, std::function<void(std::string_view)> on_problem);
  ~PushDispatch() override;  ///< stop()

  void send(std::vector<QueuedPush> pushes) override;
  /// Sends no more, and drops what waits. The sender's client is stopped by its owner.
  void stop();
  /// Prompts that wait to be sent, or for an answer.
  [[nodiscard]] std::size_t in_progress() const;

 private:
  struct Waiting {
    QueuedPush push;
    unsigned attempts = 0;
    MonotonicTime due{};
  };
  void start_due();
  void start(Waiting waiting);
  void ended(Waiting waiting, const delivery::PushOutcome& outcome);
  void forget(const QueuedPush& push);
  void report(std::string_view what) const;

  store::Store& store_;
  const Context& context_;
  Clock& clock_;
  Random& random_;
  delivery::PushSender& sender_;
  const std::function<void(std::string_view)> on_problem_;
  mutable std::mutex mutex_;
  std::vector<Waiting> waiting_;  ///< Guarded by mutex_, like the others.
  std::size_t running_ = 0;
  bool closed_ = false;
  Worker worker_;
};

}  // namespace countersign::usecase
