#include "store/postgres/session.h"

#include <fmt/format.h>

#include <algorithm>

namespace countersign::store::postgres {

namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(20);
constexpr Duration kLongestPause = std::chrono::seconds(1);

}  // namespace

void Halt::halt() {
  const std::lock_guard lock(mutex_);
  halted_ = true;
  changed_.notify_all();
}

bool Halt::pause(Duration length) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, length, [this] { return halted_; });
}

Duration Surroundings::jittered(Duration length) const {
  const auto half = static_cast<std::uint32_t>(length.count() / 2);
  return length - Duration(random.below(half + 1));
}

Connection& Session::get() {
  if (!connection_) {
    connection_ = std::make_unique<Connection>(surroundings_.where, surroundings_.deadlines, surroundings_.clock,
                                               surroundings_.log);
    if (made_before_) {
      ++surroundings_.reconnects;
      surroundings_.watch.recovered();  // Perhaps another server, which is sound.
    }
    made_before_ = true;
  }
  return *connection_;
}

void Session::drop() {
  if (connection_ && connection_->failure() && surroundings_.log) {
    surroundings_.log(fmt::format("{}; connecting again", connection_->failure()->error.detail));
  }
  connection_.reset();
}

Patience::Patience(Surroundings& surroundings, bool& away)
    : surroundings_(surroundings),
      away_(away),
      end_(surroundings.clock.monotonic() + (away ? Duration::zero() : surroundings.retry_for)),
      next_(kFirstPause) {}

bool Patience::wait() {
  const bool worth_it =
      surroundings_.clock.monotonic() < end_ && surroundings_.halt.pause(surroundings_.jittered(next_));
  next_ = std::min(next_ * 2, kLongestPause);
  away_ = !worth_it;
  return worth_it;
}

}  // namespace countersign::store::postgres
