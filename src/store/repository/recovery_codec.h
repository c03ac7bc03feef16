#pragma once

#include <string>
#include <string_view>

#include "domain/recovery.h"

namespace countersign::store {

// Form of a set of recovery codes in `factors.material_sealed`. recovery_codec.cpp has the layout.

/// Salts have 16 bytes, digests 32 or none.
[[nodiscard]] std::string encode_recovery_set(const domain::RecoverySet& set);
/// No codes for empty material, which a removed set has. StoreFailure for anything else that encode does not write.
[[nodiscard]] domain::RecoverySet decode_recovery_set(std::string_view material);

}  // namespace countersign::store
