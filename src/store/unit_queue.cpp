#include "store/unit_queue.h"

#include <algorithm>
#include <iterator>

namespace countersign::store {

std::optional<StoreError::Code> UnitQueue::push(std::unique_ptr<Unit>& unit) {
  bool wake_up = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return StoreError::Code::kShutDown;
    if (line_.size() >= size_max_) return StoreError::Code::kOverloaded;
    line_.push_back(std::move(unit));
    wake_up = waiting_ > 0 && line_.size() >= wake_up_size_;
  }
  if (wake_up) changed_.notify_one();
  return std::nullopt;
}

UnitQueue::Taken UnitQueue::take(const Take& request, std::vector<std::unique_ptr<Unit>>& out) {
  out.clear();
  std::unique_lock lock(mutex_);
  ++waiting_;
  const auto something = [this] { return !line_.empty() || closed_; };
  if (request.idle) {
    changed_.wait_for(lock, *request.idle, something);
  } else {
    changed_.wait(lock, something);
  }
  if (!line_.empty() && line_.size() < request.units_wanted && request.accumulate > Duration::zero()) {
    wake_up_size_ = std::min(request.units_wanted, request.units_max);
    changed_.wait_for(lock, request.accumulate, [this] { return line_.size() >= wake_up_size_ || closed_; });
    wake_up_size_ = 1;
  }
  --waiting_;

  if (line_.empty()) return closed_ ? Taken::kClosed : Taken::kIdle;
  if (line_.size() <= request.units_max) {
    out.swap(line_);
    return Taken::kUnits;
  }
  const auto end = line_.begin() + static_cast<std::ptrdiff_t>(request.units_max);
  out.assign(std::make_move_iterator(line_.begin()), std::make_move_iterator(end));
  line_.erase(line_.begin(), end);
  return Taken::kUnits;
}

void UnitQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

std::size_t UnitQueue::size() const {
  const std::lock_guard lock(mutex_);
  return line_.size();
}

}  // namespace countersign::store
