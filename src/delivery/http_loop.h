#pragma once

#include <curl/curl.h>

#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "delivery/http_queue.h"
#include "delivery/http_transfer.h"

namespace countersign::delivery {

/// The thread behind HttpClient.
class HttpClient::Loop {
 public:
  Loop(HttpClientOptions options, const Clock& clock);
  ~Loop() { stop(std::chrono::milliseconds(0)); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void send(HttpCall call, HttpDone done);
  void stop(std::chrono::milliseconds drain);
  [[nodiscard]] HttpClientLoad load() const;

 private:
  struct MultiDelete {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  /// A call that ends without a transfer.
  struct Refusal {
    HttpDone done;
    HttpError error;
  };

  void wake();
  void run();
  bool step();
  void start_ready();
  void start(WaitingCall call);
  bool finish_completed();
  void keep(HttpTransfer& transfer);
  void answer_refused();
  void shut_down();

  const HttpClientOptions options_;
  const Clock& clock_;
  std::unique_ptr<CURLM, MultiDelete> multi_;
  // Used only by the thread:
  std::map<CURL*, std::unique_ptr<HttpTransfer>> transfers_;
  std::vector<EasyHandle> spare_;  ///< As many as there were transfers at a time.

  mutable std::mutex mutex_;  // Guards the members below. Never held while a `done` runs.
  HttpQueue queue_;
  std::vector<Refusal> refused_;
  MonotonicTime next_sweep_{};
  MonotonicTime drain_until_{};
  bool fresh_ = false;   ///< There are calls or refusals that the thread has not looked at.
  bool asleep_ = false;  ///< It waits for sockets, and nobody has woken it.
  bool stopping_ = false;
  bool ended_ = false;

  std::mutex joining_;
  std::thread thread_;
};

}  // namespace countersign::delivery
