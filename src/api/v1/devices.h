#pragma once

#include "api/v1/call.h"

namespace countersign::api::v1 {

/// `POST …/challenges` with the method `push`: asks a device of the mobile SDKs, which answers by the Verify-compatible
/// API.
[[nodiscard]] usecase::Answer<usecase::Recorded> ask_device(const usecase::Work& work, const Call& call);

}  // namespace countersign::api::v1
