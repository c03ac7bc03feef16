#pragma once

#include <cstdint>
#include <string>

#include "base/worker.h"
#include "main/live_keys.h"
#include "store/store.h"
#include "store/upkeep/sealed_columns.h"
#include "usecase/context.h"

namespace countersign::app {

/// Writes down for the other nodes, and for who changes keys, what keys this one works with; and after a change, when
/// all nodes seal under the new key, seals anew what is sealed under others. One node does it, a little at a time.
/// [CRY-7]
class KeyUpkeep {
 public:
  KeyUpkeep(store::Store& store, const usecase::Context& context, const LiveKeys& keys, Clock& clock, Random& random);

  /// Writes it down now, on the calling thread.
  [[nodiscard]] Result<Done, store::StoreError> announce();
  /// Ends, and forgets this node.
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
  // Used by the worker's thread alone:
  bool walking_ = false;
  std::uint32_t key_ = 0;  ///< The current one when the walk began.
  store::SealedCursor cursor_;
  std::int64_t sealed_ = 0;
  Worker worker_;
};

}  // namespace countersign::app
