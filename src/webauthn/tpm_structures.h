#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// The two structures of TPM 2.0 that an attestation statement contains (TPM 2.0 Library, part 2), big-endian, read
// whole and within their bounds: bytes after the end make them invalid. Nothing is checked beyond what reading needs.
namespace countersign::webauthn::tpm {

/// TPM_ALG_ID of the hashes that a name may be made with (part 2, 6.3).
enum class NameHash : std::uint16_t { kSha256 = 0x000B, kSha384 = 0x000C, kSha512 = 0x000D };

struct RsaKey {
  std::string modulus;     ///< big-endian
  std::uint32_t exponent;  ///< 65537 where the TPM writes 0
};

enum class Curve : std::uint16_t { kP256 = 0x0003, kP384 = 0x0004, kP521 = 0x0005 };

struct EccKey {
  Curve curve;
  std::string x;  ///< as long as the curve's field: 32, 48 or 66 bytes
  std::string y;
};

/// TPMT_PUBLIC (part 2, 12.2.4) of a key that signs.
struct PublicArea {
  NameHash name_hash;
  std::variant<RsaKey, EccKey> key;
};

[[nodiscard]] std::optional<PublicArea> read_public_area(std::string_view bytes);

/// The Name of an object: the algorithm's number and the hash of its public area (part 1, 16).
[[nodiscard]] std::string name_of(std::string_view public_area, NameHash hash);

/// TPMS_ATTEST (part 2, 10.12.12). Those fields that WebAuthn ignores are skipped.
struct AttestedCertify {
  std::uint32_t magic;  ///< 0xFF544347 where the TPM made the structure itself
  std::uint16_t type;   ///< 0x8017: TPM2_Certify
  std::string extra_data;
  std::string name;  ///< of the certified key
};

/// Reads every structure as if it were one of TPM2_Certify: the caller checks `magic` and `type`. One of another type
/// has another form from `name` on, and is at most read wrongly.
[[nodiscard]] std::optional<AttestedCertify> read_certify(std::string_view bytes);

}  // namespace countersign::webauthn::tpm
