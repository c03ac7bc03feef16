#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "usecase/push/outbox.h"

namespace countersign::usecase {

/// What the development inbox shows of a prompt on its way to a device: as its notification would.
struct KeptPush {
  std::string factor;
  std::string title;
  std::string body;
  std::string navigate;  ///< The page that the notification opens.
  std::string host;      ///< Of the push service that it was kept from; empty: it went there.
  WallTime sent_at;
  WallTime until;
};

/// Keeps the newest prompts in memory for the development inbox, and passes on what may leave: a developer's browser
/// subscribes at a push service of the Internet, which gets nothing by accident. Thread-safe.
class KeptPushes final : public PushOutbox {
 public:
  static constexpr std::size_t kKept = 20;

  /// Whether messages to this endpoint leave the server.
  using Leaves = std::function<bool(std::string_view endpoint)>;

  /// `next` outlives this. `announce`: something is new; must not block.
  KeptPushes(PushOutbox& next, const Clock& clock, Leaves leaves, std::function<void()> announce);

  void send(std::vector<QueuedPush> pushes) override;

  /// Newest first.
  [[nodiscard]] std::vector<KeptPush> all() const;

 private:
  PushOutbox& next_;
  const Clock& clock_;
  const Leaves leaves_;
  const std::function<void()> announce_;
  mutable std::mutex mutex_;
  std::deque<KeptPush> kept_;
};

}  // namespace countersign::usecase
