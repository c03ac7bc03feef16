#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/push.h"

namespace countersign::store {

// What stands in `factors.material_sealed` (repository/factors.h) of a device that Twilio's mobile SDKs registered.
// What else they say of it (app, platform, registration token) stands with the factor's data of the Verify-compatible
// API.

struct DeviceMaterial {
  std::string point;  ///< Of its P-256 key, 65 bytes uncompressed.
  domain::PromptHistory prompts{};
};

[[nodiscard]] std::string encode(const DeviceMaterial& device);
/// nullopt for another kind of device. Throws StoreFailure for what begins as one and is none.
[[nodiscard]] std::optional<DeviceMaterial> decode_device_material(std::string_view material);

}  // namespace countersign::store
