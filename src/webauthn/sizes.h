#pragma once

#include <cstddef>

// Bounds on what browsers send, checked before anything is decoded or parsed. [WA-R3]
namespace countersign::webauthn {

/// The JSON of a whole answer.
inline constexpr std::size_t kResponseJsonMax = std::size_t{96} * 1024;
/// TPM statements with their chain have 6 KiB; a chain of eight certificates with RSA 4096 about 16 KiB.
inline constexpr std::size_t kAttestationObjectMax = std::size_t{32} * 1024;
/// Without a credential these are 37 bytes and extensions.
inline constexpr std::size_t kAuthenticatorDataMax = std::size_t{4} * 1024;
/// RSA of 8192 bits.
inline constexpr std::size_t kSignatureMax = 1024;
/// WebAuthn L3, 5.4.3: a user handle.
inline constexpr std::size_t kUserHandleMax = 64;
/// Names of transports, and how many.
inline constexpr std::size_t kTransportMax = 32;
inline constexpr std::size_t kTransportsMax = 16;

}  // namespace countersign::webauthn
