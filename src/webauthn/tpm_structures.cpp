#include "webauthn/tpm_structures.h"

#include <openssl/evp.h>

#include "crypto/openssl.h"

namespace countersign::webauthn::tpm {

namespace {

constexpr std::uint16_t kRsa = 0x0001;
constexpr std::uint16_t kEcc = 0x0023;
constexpr std::uint16_t kNull = 0x0010;
constexpr std::uint16_t kRsaSsa = 0x0014;
constexpr std::uint16_t kRsaPss = 0x0016;
constexpr std::uint16_t kEcdsa = 0x0018;

constexpr std::size_t kPolicyMax = 64;     // a digest of SHA-512
constexpr std::size_t kNameMax = 2 + 64;   // the algorithm's number, and a digest
constexpr std::size_t kDataMax = 64 + 66;  // TPM2B_DATA holds a TPMT_HA
constexpr std::size_t kModulusMax = 1024;

/// Takes fields off the front; after the first that is not there, everything is nullopt.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : rest_(bytes) {}

  template <class Number>
  std::optional<Number> number() {
    const auto bytes = take(sizeof(Number));
    if (!bytes) return std::nullopt;
    Number number = 0;
    for (const char byte : *bytes) number = static_cast<Number>(number << 8 | static_cast<std::uint8_t>(byte));
    return number;
  }
  bool next_is(std::uint16_t wanted) { return number<std::uint16_t>() == wanted; }

  /// TPM2B: a length of two bytes, and so many bytes.
  std::optional<std::string_view> sized(std::size_t most) {
    const auto size = number<std::uint16_t>();
    if (!size || *size > most) return std::nullopt;
    return take(*size);
  }

  std::optional<std::string_view> take(std::size_t size) {
    if (size > rest_.size()) {
      rest_ = {};
      broken_ = true;
    }
    if (broken_) return std::nullopt;
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  [[nodiscard]] bool done() const { return rest_.empty() && !broken_; }

 private:
  std::string_view rest_;
  bool broken_ = false;
};

std::optional<NameHash> name_hash(std::optional<std::uint16_t> algorithm) {
  // SHA-1 is no name's algorithm here: no known TPM of WebAuthn names its keys by it.
  for (const NameHash known : {NameHash::kSha256, NameHash::kSha384, NameHash::kSha512}) {
    if (algorithm == static_cast<std::uint16_t>(known)) return known;
  }
  return std::nullopt;
}

/// TPMT_RSA_SCHEME, TPMT_ECC_SCHEME: none, or one for signatures with its hash (part 2, 11.2.4.3, 11.2.5.6).
bool skip_scheme(Fields& fields, std::initializer_list<std::uint16_t> signing) {
  const auto scheme = fields.number<std::uint16_t>();
  if (scheme == kNull) return true;
  for (const std::uint16_t known : signing) {
    if (scheme == known) return fields.number<std::uint16_t>().has_value();
  }
  return false;
}

std::string without_zeros(std::string_view number) {
  const std::size_t first = number.find_first_not_of('\0');
  return std::string(first == std::string_view::npos ? std::string_view() : number.substr(first));
}

std::optional<RsaKey> read_rsa(Fields& fields) {
  // Only keys that protect others have a symmetric algorithm (part 2, 12.2.3.5).
  if (!fields.next_is(kNull) || !skip_scheme(fields, {kRsaSsa, kRsaPss})) return std::nullopt;
  const auto bits = fields.number<std::uint16_t>();
  const auto exponent = fields.number<std::uint32_t>();
  const auto modulus = fields.sized(kModulusMax);
  if (!bits || !exponent || !modulus || modulus->size() * 8 != *bits) return std::nullopt;
  return RsaKey{without_zeros(*modulus), *exponent == 0 ? 65537 : *exponent};
}

std::optional<std::size_t> field_size(std::optional<std::uint16_t> curve) {
  if (curve == static_cast<std::uint16_t>(Curve::kP256)) return 32;
  if (curve == static_cast<std::uint16_t>(Curve::kP384)) return 48;
  if (curve == static_cast<std::uint16_t>(Curve::kP521)) return 66;
  return std::nullopt;
}

std::optional<EccKey> read_ecc(Fields& fields) {
  if (!fields.next_is(kNull) || !skip_scheme(fields, {kEcdsa})) return std::nullopt;
  const auto curve = fields.number<std::uint16_t>();
  const auto size = field_size(curve);
  if (!size || !fields.next_is(kNull)) return std::nullopt;  // a key derivation is for keys that agree on others
  const auto x = fields.sized(*size);
  const auto y = fields.sized(*size);
  if (!x || !y) return std::nullopt;
  // Some TPMs leave out leading zeros.
  return EccKey{static_cast<Curve>(*curve), std::string(*size - x->size(), '\0').append(*x),
                std::string(*size - y->size(), '\0').append(*y)};
}

const char* digest_name(NameHash hash) {
  switch (hash) {
    case NameHash::kSha256:
      return "SHA256";
    case NameHash::kSha384:
      return "SHA384";
    case NameHash::kSha512:
      return "SHA512";
  }
  return nullptr;
}

}  // namespace

// TPMT_PUBLIC :=
//    type               2 bytes     RSA or ECC
//    nameAlg            2 bytes
//    objectAttributes   4 bytes
//    authPolicy         TPM2B
//    parameters         symmetric, scheme, then RSA: keyBits 2, exponent 4; ECC: curveID 2, kdf
//    unique             RSA: TPM2B; ECC: TPM2B, TPM2B
std::optional<PublicArea> read_public_area(std::string_view bytes) {
  Fields fields(bytes);
  const auto type = fields.number<std::uint16_t>();
  const auto hash = name_hash(fields.number<std::uint16_t>());
  const auto attributes = fields.number<std::uint32_t>();
  const auto policy = fields.sized(kPolicyMax);
  if (!hash || !attributes || !policy) return std::nullopt;
  std::optional<PublicArea> area;
  if (type == kRsa) {
    if (auto key = read_rsa(fields)) area = PublicArea{*hash, std::move(*key)};
  } else if (type == kEcc) {
    if (auto key = read_ecc(fields)) area = PublicArea{*hash, std::move(*key)};
  }
  return fields.done() ? area : std::nullopt;
}

std::string name_of(std::string_view public_area, NameHash hash) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  crypto::require(EVP_Q_digest(nullptr, digest_name(hash), nullptr, public_area.data(), public_area.size(),
                               crypto::bytes_of(digest), &size) == 1,
                  "digest");
  digest.resize(size);
  const auto number = static_cast<std::uint16_t>(hash);
  return std::string{static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)} + digest;
}

// TPMS_ATTEST :=
//    magic              4 bytes
//    type               2 bytes
//    qualifiedSigner    TPM2B
//    extraData          TPM2B
//    clockInfo          17 bytes
//    firmwareVersion    8 bytes
//    attested           for TPM2_Certify: name TPM2B, qualifiedName TPM2B
std::optional<AttestedCertify> read_certify(std::string_view bytes) {
  Fields fields(bytes);
  const auto magic = fields.number<std::uint32_t>();
  const auto type = fields.number<std::uint16_t>();
  const auto signer = fields.sized(kNameMax);
  const auto extra = fields.sized(kDataMax);
  const auto clock_and_firmware = fields.take(17 + 8);
  const auto name = fields.sized(kNameMax);
  const auto qualified_name = fields.sized(kNameMax);
  if (!magic || !type || !signer || !extra || !clock_and_firmware || !name || !qualified_name || !fields.done()) {
    return std::nullopt;
  }
  return AttestedCertify{*magic, *type, std::string(*extra), std::string(*name)};
}

}  // namespace countersign::webauthn::tpm
