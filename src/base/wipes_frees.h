#pragma once

namespace countersign {

/// While one lives, what C libraries give back on this thread is overwritten: for a library that copies a secret and
/// has no hooks for its memory. The program alone does that (main/wipe_freed.cpp); elsewhere it has no effect. [CRY-6]
class WipesFrees {
 public:
  WipesFrees() noexcept;
  ~WipesFrees();
  WipesFrees(const WipesFrees&) = delete;
  WipesFrees& operator=(const WipesFrees&) = delete;

  /// On the calling thread.
  [[nodiscard]] static bool now() noexcept;
};

}  // namespace countersign
