#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign::webauthn {

/// One AuthorizationList of a key description: those properties that WebAuthn asks for.
struct AndroidAuthorizations {
  std::vector<std::uint64_t> purposes;  ///< KM_PURPOSE_…: 2 signs
  bool all_applications = false;        ///< any application on the device may use the key
  std::optional<std::uint64_t> origin;  ///< KM_ORIGIN_…: 0 generated in the key store
};

/// What Android's key store says of a key in its attestation certificate: extension 1.3.6.1.4.1.11129.2.1.17
/// (source.android.com, "Key and ID attestation").
struct AndroidKeyDescription {
  std::string challenge;
  AndroidAuthorizations software_enforced;  ///< what the operating system vouches for
  AndroidAuthorizations tee_enforced;       ///< what the secure hardware vouches for
};

/// Reads the DER of the extension. nullopt unless it is one KeyDescription that ends where the bytes end.
[[nodiscard]] std::optional<AndroidKeyDescription> read_android_key_description(std::string_view der);

}  // namespace countersign::webauthn
