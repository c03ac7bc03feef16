#include "delivery/http_loop.h"

#include <utility>

#include "base/check.h"
#include "delivery/curl_thread.h"

namespace countersign::delivery {
namespace {

using std::chrono::milliseconds;

/// How late the expiry of a waiting call may be noticed.
constexpr milliseconds kSweep{50};
/// The longest sleep; new work, sockets and libcurl's own timers end it.
constexpr milliseconds kIdle{1'000};

HttpError shut_down_error() { return {HttpFault::kShutDown, "the client has been stopped", false}; }

}  // namespace

HttpClient::Loop::Loop(HttpClientOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), queue_(options_) {
  initialise_curl();
  multi_.reset(curl_multi_init());
  CS_CHECK(multi_);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(options_.concurrent_max));
  thread_ = std::thread([this] { run(); });
}

void HttpClient::Loop::send(HttpCall call, HttpDone done) {
  auto target = read_target(call.url, call.plain_http);
  const MonotonicTime deadline = clock_.monotonic() + call.slot_timeout;
  std::unique_lock lock(mutex_);
  if (ended_) {
    lock.unlock();
    return done(fail(shut_down_error()));
  }
  if (stopping_) {
    refused_.push_back({std::move(done), shut_down_error()});
  } else if (!target) {
    refused_.push_back({std::move(done), target.error()});
  } else if (auto back = queue_.push(WaitingCall(std::move(target->host_and_port), std::move(target->host),
                                                 std::move(call), std::move(done), deadline))) {
    refused_.push_back({std::move(back->done), {HttpFault::kOverloaded, "too many calls wait already", false}});
  }
  wake();
}

/// Requires the lock, so that the thread cannot end and free the handle meanwhile. Two system calls, so not for a
/// thread that is awake and looks again before it sleeps.
void HttpClient::Loop::wake() {
  fresh_ = true;
  if (std::exchange(asleep_, false)) curl_multi_wakeup(multi_.get());
}

void HttpClient::Loop::stop(milliseconds drain) {
  CS_CHECK(std::this_thread::get_id() != thread_.get_id());
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) drain_until_ = clock_.monotonic() + drain;
    stopping_ = true;
    wake();
  }
  const std::lock_guard joining(joining_);
  if (thread_.joinable()) thread_.join();
}

HttpClientLoad HttpClient::Loop::load() const {
  const std::lock_guard lock(mutex_);
  return {queue_.running(), queue_.waiting()};
}

void HttpClient::Loop::run() {
  begin_curl_thread("outbound");
  while (step()) {
  }
  shut_down();
}

bool HttpClient::Loop::step() {
  start_ready();
  answer_refused();
  int running = 0;
  CS_CHECK(curl_multi_perform(multi_.get(), &running) == CURLM_OK);
  const bool slots_came_free = finish_completed();

  milliseconds pause = kIdle;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      const bool all_done = queue_.waiting() == 0 && queue_.running() == 0 && refused_.empty();
      if (all_done || clock_.monotonic() >= drain_until_) return false;
    }
    if (stopping_ || queue_.waiting() > 0) pause = kSweep;
    if (slots_came_free || fresh_ || !refused_.empty()) pause = milliseconds(0);
    asleep_ = pause.count() > 0;
  }
  CS_CHECK(curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(pause.count()), nullptr) == CURLM_OK);
  const std::lock_guard lock(mutex_);
  asleep_ = false;
  return true;
}

void HttpClient::Loop::start_ready() {
  std::vector<WaitingCall> ready;
  {
    const std::lock_guard lock(mutex_);
    fresh_ = false;
    if (const auto now = clock_.monotonic(); queue_.waiting() > 0 && now >= next_sweep_) {
      next_sweep_ = now + kSweep;
      for (auto& call : queue_.take_expired(now)) {
        refused_.push_back({std::move(call.done), {HttpFault::kOverloaded, "no slot came free in time", false}});
      }
    }
    while (auto call = queue_.pop()) ready.push_back(std::move(*call));
  }
  for (auto& call : ready) start(std::move(call));
}

void HttpClient::Loop::start(WaitingCall call) {
  EasyHandle spare;
  if (!spare_.empty()) {
    spare = std::move(spare_.back());
    spare_.pop_back();
  }
  auto transfer = std::make_unique<HttpTransfer>(std::move(call), std::move(spare), options_, clock_);
  if (auto error = transfer->prepare()) {
    {
      const std::lock_guard lock(mutex_);
      queue_.finished(transfer->host());
    }
    transfer->finish(std::move(*error));
    return keep(*transfer);
  }
  CURL* easy = transfer->handle();
  CS_CHECK(curl_multi_add_handle(multi_.get(), easy) == CURLM_OK);
  transfers_.emplace(easy, std::move(transfer));
}

bool HttpClient::Loop::finish_completed() {
  bool any = false;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // Not readable after the handle is removed.
    auto node = transfers_.extract(message->easy_handle);
    CS_CHECK(!node.empty());
    curl_multi_remove_handle(multi_.get(), node.key());
    {
      const std::lock_guard lock(mutex_);
      queue_.finished(node.mapped()->host());
    }
    node.mapped()->finish(code);
    keep(*node.mapped());
    any = true;
  }
  return any;
}

void HttpClient::Loop::keep(HttpTransfer& transfer) { spare_.push_back(transfer.take_handle()); }

void HttpClient::Loop::answer_refused() {
  std::vector<Refusal> refused;
  {
    const std::lock_guard lock(mutex_);
    refused.swap(refused_);
  }
  for (auto& [done, error] : refused) done(fail(std::move(error)));
}

void HttpClient::Loop::shut_down() {
  for (auto& [easy, transfer] : transfers_) {
    curl_multi_remove_handle(multi_.get(), easy);
    HttpError error = shut_down_error();
    error.maybe_sent = transfer->request_left();
    transfer->finish(std::move(error));
  }
  transfers_.clear();
  {
    const std::lock_guard lock(mutex_);
    for (auto& call : queue_.take_all()) refused_.push_back({std::move(call.done), shut_down_error()});
    ended_ = true;
  }
  answer_refused();
}

}  // namespace countersign::delivery
