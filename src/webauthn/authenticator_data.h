#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "webauthn/cbor.h"
#include "webauthn/refusal.h"

// WebAuthn L3, section 6.1, "Authenticator Data".
namespace countersign::webauthn {

/// A credential id of more bytes is refused (7.1 step 25). [WA-R20]
inline constexpr std::size_t kCredentialIdMax = 1023;
inline constexpr std::size_t kAaguidSize = 16;

struct AuthenticatorFlags {
  bool user_present = false;     ///< UP, bit 0
  bool user_verified = false;    ///< UV, bit 2
  bool backup_eligible = false;  ///< BE, bit 3
  bool backed_up = false;        ///< BS, bit 4

  friend bool operator==(const AuthenticatorFlags&, const AuthenticatorFlags&) = default;
};

/// Section 6.5.1. Views into the authenticator data.
struct AttestedCredential {
  std::string_view aaguid;      ///< 16 bytes
  std::string_view id;          ///< 0 to 1023 bytes
  std::string_view public_key;  ///< the COSE_Key as it stands; well-formed CBOR, not judged further
};

/// Views into the bytes it was read from, which must live longer.
struct AuthenticatorData {
  std::string_view bytes;       ///< all of it, as it is signed
  std::string_view rp_id_hash;  ///< 32 bytes
  AuthenticatorFlags flags;
  std::uint32_t sign_count = 0;
  std::optional<AttestedCredential> credential;  ///< where AT (bit 6) is set
  std::optional<CborItem> extensions;            ///< a map, where ED (bit 7) is set
};

/// Reads authenticator data that ends exactly where its parts end. Reserved bits are ignored.
/// Errors: kAuthenticatorDataMalformed, kCredentialIdTooLong. [WA-A12, WA-R15]
[[nodiscard]] Result<AuthenticatorData, Refusal> parse_authenticator_data(std::string_view bytes);

}  // namespace countersign::webauthn
