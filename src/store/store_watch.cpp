#include "store/store_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/store.h"

namespace countersign::store {

namespace {

/// Worth a line in the log.
constexpr Duration kLongCommit = std::chrono::seconds(1);
constexpr Duration kSayAgain = std::chrono::seconds(10);
/// A slower store counts as not ready, until kRemembered after the last such commit: clients should use another node.
constexpr Duration kTooLong = std::chrono::seconds(2);
constexpr Duration kRemembered = std::chrono::seconds(5);

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

void StoreWatch::commit_begins() { began_ = clock_.monotonic().time_since_epoch().count(); }

void StoreWatch::commit_ended(std::size_t units) {
  const MonotonicTime now = clock_.monotonic();
  const Duration took = now.time_since_epoch() - Duration(began_.exchange(kNever));
  const auto bound = std::ranges::lower_bound(kBounds, seconds_of(took));
  ++counts_[static_cast<std::size_t>(bound - kBounds.begin())];
  micros_ += took.count();
  if (took >= kTooLong) slow_one_ended_ = now.time_since_epoch().count();
  if (took < kLongCommit) return;
  longest_unsaid_ = std::max(longest_unsaid_, took);
  if (said_ != MonotonicTime{} && now - said_ < kSayAgain) return;
  said_ = now;
  if (log_) log_(fmt::format("a commit of {} units took {:.1f} s", units, seconds_of(longest_unsaid_)));
  longest_unsaid_ = Duration::zero();
}

void StoreWatch::write_failed(const StoreError& error) {
  report(log_, "write", error);
  note(error);
}

void StoreWatch::read_failed(const StoreError& error) {
  ++failed_reads_;
  report(log_, "read", error);
  note(error);
}

void StoreWatch::note(const StoreError& error) {
  if (error.code != StoreError::Code::kDamaged || damaged_.exchange(true) || !log_) return;
  log_("the database is damaged; this server is not ready any more: restore a backup, or repair it, and restart");
}

void StoreWatch::add_to(StoreStats& stats) const {
  std::ranges::copy(counts_, stats.commit_times.begin());
  stats.commit_time = Duration(micros_);
  stats.failed_reads = failed_reads_;
  stats.damaged = damaged_;
  const std::int64_t now = clock_.monotonic().time_since_epoch().count();
  const std::int64_t began = began_;
  const std::int64_t slow_one = slow_one_ended_;
  stats.slow = (began != kNever && Duration(now - began) >= kTooLong) ||
               (slow_one != kNever && Duration(now - slow_one) < kRemembered);
}

}  // namespace countersign::store
