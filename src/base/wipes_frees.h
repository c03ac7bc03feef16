#pragma once

namespace countersign {

/// While one exists, memory that C libraries free on this thread is overwritten first: for a library that copies a
/// secret and has no allocator hooks. Effective only in the program itself (main/wipe_freed.cpp). [CRY-6]
class WipesFrees {
 public:
  WipesFrees() noexcept;
  ~WipesFrees();
  WipesFrees(const WipesFrees&) = delete;
  WipesFrees& operator=(const WipesFrees&) = delete;

  /// Whether one exists on the calling thread.
  [[nodiscard]] static bool now() noexcept;
};

}  // namespace countersign
