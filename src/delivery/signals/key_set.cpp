#include "delivery/signals/key_set.h"

#include <algorithm>
#include <mutex>
#include <optional>

namespace countersign::delivery {

namespace {

constexpr std::size_t kKeySetMax = std::size_t{64} * 1024;
constexpr std::chrono::milliseconds kFetchWithin{5'000};
constexpr std::size_t kWaitingMax = 1'000;

bool has_key(const std::vector<crypto::ForeignKey>& keys, std::string_view kid) {
  return std::ranges::find(keys, kid, &crypto::ForeignKey::kid) != keys.end();
}

}  // namespace

struct KeySet::State {
  std::mutex mutex;
  ForeignKeys keys = std::make_shared<const std::vector<crypto::ForeignKey>>();
  std::optional<MonotonicTime> fetched_at;  ///< When `keys` came.
  std::optional<MonotonicTime> asked_at;
  bool asking = false;
  std::vector<std::move_only_function<void(ForeignKeys)>> waiting;

  /// Those in use, while they are good.
  [[nodiscard]] ForeignKeys good(MonotonicTime now) const {
    if (fetched_at && now - *fetched_at < kGood) return keys;
    return std::make_shared<const std::vector<crypto::ForeignKey>>();
  }
};

KeySet::KeySet(HttpClient& http, const Clock& clock, HttpCall call)
    : http_(http), clock_(clock), call_(std::move(call)), state_(std::make_shared<State>()) {
  call_.method = "GET";
  call_.headers = {{"Accept", "application/jwk-set+json, application/json"}};
  call_.total_timeout = kFetchWithin;
  call_.connect_timeout = kFetchWithin;
  call_.slot_timeout = kFetchWithin;
  call_.response_max = kKeySetMax;
}

void KeySet::find(std::string_view kid, std::move_only_function<void(ForeignKeys)> done) {
  const MonotonicTime now = clock_.monotonic();
  ForeignKeys at_once;
  {
    const std::lock_guard lock(state_->mutex);
    const auto good = state_->good(now);
    const bool fresh = state_->fetched_at && now - *state_->fetched_at < kFresh;
    const bool paused = !state_->asking && state_->asked_at && now - *state_->asked_at < kPause;
    if ((fresh && has_key(*good, kid)) || paused || state_->waiting.size() >= kWaitingMax) {
      at_once = good;
    } else {
      state_->waiting.push_back(std::move(done));
      if (std::exchange(state_->asking, true)) return;
      state_->asked_at = now;
    }
  }
  if (at_once) return done(std::move(at_once));
  http_.send(call_, [&clock = clock_, state = state_](const HttpResult& result) {
    std::optional<std::vector<crypto::ForeignKey>> read;
    if (result && result->status == 200) read = crypto::read_key_set(result->body);
    std::vector<std::move_only_function<void(ForeignKeys)>> waiting;
    ForeignKeys good;
    {
      const std::lock_guard lock(state->mutex);
      state->asking = false;
      // An empty set, or one without a key of ours, is what a broken server sends.
      if (read && !read->empty()) {
        state->keys = std::make_shared<const std::vector<crypto::ForeignKey>>(*std::move(read));
        state->fetched_at = clock.monotonic();
      }
      good = state->good(clock.monotonic());
      waiting.swap(state->waiting);
    }
    for (auto& each : waiting) each(good);
  });
}

}  // namespace countersign::delivery
