#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/vapid.h"

namespace countersign::delivery {

/// The keys of VAPID of a running server, replaceable while it runs: the current one first, which browsers subscribe
/// with, then those of before, by which some still are. Thread-safe.
class PushKeys {
 public:
  explicit PushKeys(std::vector<crypto::VapidKey> keys) : keys_(std::make_shared<const Keys>(std::move(keys))) {}

  /// Replaces them; there is at least one. True if another one is the current key, or others are known. A key that
  /// stays keeps its tokens.
  bool take(std::vector<crypto::VapidKey> next);
  /// The point of the current one, 65 bytes.
  [[nodiscard]] std::string point() const { return all()->front().point(); }
  /// nullopt if there is none with that point, or none any more.
  [[nodiscard]] std::optional<crypto::VapidKey> find(std::string_view point) const;

 private:
  using Keys = std::vector<crypto::VapidKey>;
  [[nodiscard]] std::shared_ptr<const Keys> all() const {
    const std::lock_guard lock(mutex_);
    return keys_;
  }

  mutable std::mutex mutex_;
  std::shared_ptr<const Keys> keys_;  ///< Guarded by mutex_; what it points to does not change.
};

}  // namespace countersign::delivery
