#pragma once

#include <cstdint>
#include <string>

#include "base/worker.h"
#include "main/server/live_keys.h"
#include "store/store.h"
#include "store/upkeep/sealed_columns.h"
#include "usecase/background.h"

namespace countersign::main {

/// Records this node's keys for other nodes and for commands that change keys. After a change, once all nodes seal
/// under the new key, re-seals what is sealed under others. One node does it, a little at a time. [CRY-7]
class KeyUpkeep {
 public:
  KeyUpkeep(const usecase::Background& with, const LiveKeys& keys);

  /// Records them now, on the calling thread.
  [[nodiscard]] Result<Done, store::StoreError> announce();
  /// Stops, and deletes this node's record.
  void stop();

 private:
  void tick();
  void step();
  void seal(std::vector<store::SealedValue> values);
  void finish();
  [[nodiscard]] bool is_stale() const;

  store::Store& store_;
  const usecase::Context& context_;
  const LiveKeys& keys_;
  Clock& clock_;
  Random& random_;
  // Only on the worker's thread:
  bool walking_ = false;
  std::uint32_t key_ = 0;  ///< The current one when the walk began.
  store::SealedCursor cursor_;
  std::int64_t sealed_ = 0;
  Worker worker_;
};

}  // namespace countersign::main
