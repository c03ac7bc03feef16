#pragma once

#include "base/json.h"
#include "store/repository/ceremonies.h"

namespace countersign::usecase {

/// What a device signed, as a receipt says it: everything by which anybody can check the signature. docs/push.md has a
/// checker.
[[nodiscard]] json::object evidence_of(const store::DeviceProof& proof);

}  // namespace countersign::usecase
