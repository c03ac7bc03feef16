#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace countersign::http {

/// Paths whose requests may be longer than all others, and how many of those may be in memory at once: whoever is on
/// the other side is known only when all of it was read. Thread-safe; outlives nobody, since each place holds it.
class LargeBodies : public std::enable_shared_from_this<LargeBodies> {
 public:
  /// `below`: the beginning of the paths, with the slash. `bytes`: of one body.
  LargeBodies(std::string below, std::size_t bytes, std::size_t at_once)
      : below_(std::move(below)), bytes_(bytes), at_once_(at_once) {}

  [[nodiscard]] bool covers(std::string_view path) const { return path.starts_with(below_); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// A place for one, as long as what is answered lives; null if there is none.
  [[nodiscard]] std::shared_ptr<const void> enter() {
    if (taken_.fetch_add(1) >= at_once_) {
      --taken_;
      return nullptr;
    }
    return {this, [self = shared_from_this()](const void*) { --self->taken_; }};
  }
  [[nodiscard]] std::size_t taken() const { return taken_; }

 private:
  const std::string below_;
  const std::size_t bytes_;
  const std::size_t at_once_;
  std::atomic<std::size_t> taken_ = 0;
};

}  // namespace countersign::http
