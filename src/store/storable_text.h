#pragma once

#include <string_view>

#include "store/error.h"

namespace countersign::store {

/// Refuses a text with U+0000, which PostgreSQL cannot keep; both engines ask, so that nothing works on one that breaks
/// on the other. Throws StoreFailure (kFailed): callers from outside were to be refused before.
inline void require_storable(std::string_view text) {
  if (text.find('\0') == std::string_view::npos) return;
  throw StoreFailure({StoreError::Code::kFailed, "a text holds U+0000, which cannot be stored"});
}

}  // namespace countersign::store
