#pragma once

#include <string_view>

#include "store/error.h"

namespace countersign::store {

/// Refuses a text with U+0000, which PostgreSQL cannot store; both engines call it, so that they accept the same texts.
/// Throws StoreFailure (kFailed): external input must be checked before.
inline void require_storable(std::string_view text) {
  if (text.find('\0') == std::string_view::npos) return;
  throw StoreFailure({StoreError::Code::kFailed, "a text holds U+0000, which cannot be stored"});
}

}  // namespace countersign::store
