#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/v1/call.h"
#include "base/worker.h"

namespace countersign::api {

/// Tells applications how prompts stand, by server-sent events. Each response ends after one event, or after some
/// seconds without one; an EventSource reconnects with the id of the last event, so nothing is missed (as the inbox
/// does, inbox/feed.h). Looked at once a second, since another node may have taken the answer. The requests that wait
/// are bounded, in all and for each account: of too many the oldest is answered. Thread-safe.
class PromptWatch : public std::enable_shared_from_this<PromptWatch> {
 public:
  static constexpr std::size_t kWaitingMax = 256;
  static constexpr std::size_t kWaitingOfAccountMax = 64;

  static std::shared_ptr<PromptWatch> make(const Api& api);
  ~PromptWatch();
  PromptWatch(const PromptWatch&) = delete;
  PromptWatch& operator=(const PromptWatch&) = delete;

  /// `read` answers the prompt as JSON, on a snapshot, or why there is none.
  void wait(v1::Call call, http::Reply reply, v1::Read read);

  /// Answers all that wait; later ones are answered at once.
  void stop();

 private:
  struct Waiting {
    v1::Call call;
    v1::Read read;
    std::string seen;  ///< The id of the last event.
    int looks = 0;
    http::Reply reply;
  };

  explicit PromptWatch(const Api& api);
  void look(Waiting waiting);
  void keep(Waiting waiting);
  void look_at_all();

  const Api& api_;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;  ///< Oldest first.
  bool stopped_ = false;
  Worker ticker_;
};

}  // namespace countersign::api
