#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct evp_pkey_st;
struct x509_st;

// X.509 certificates (RFC 5280) as attestation statements carry them: what stands in one of them. Whom to believe is
// trust.h. Byte strings are std::string; object identifiers are dotted decimals ("2.5.29.19").
namespace countersign::webauthn {

enum class CertificateError {
  kTooLarge,      ///< above kCertificateMax
  kNotDer,        ///< not one element of strict DER (X.690), or bytes after it
  kMalformed,     ///< DER, but not a certificate; or an extension that does not have its own syntax
  kTwiceTheSame,  ///< two extensions with one identifier (RFC 5280, 4.2)
  kNoKey,         ///< the key is of a kind or curve that OpenSSL does not know
};

/// Real ones have 400 to 2,000 bytes.
inline constexpr std::size_t kCertificateMax = std::size_t{16} * 1024;

/// Names of a subject that WebAuthn asks for.
enum class NameField { kCountry, kOrganization, kOrganizationalUnit, kCommonName };

struct Extension {
  bool critical;
  std::string value;  ///< the bytes in the OCTET STRING, which are DER themselves in all known extensions
};

/// One attribute of a name: its type as an object identifier, its value in UTF-8.
struct NameAttribute {
  std::string type;
  std::string value;
};

struct AlternativeNames {
  bool critical = false;
  std::vector<std::string> dns;
  std::vector<NameAttribute> directory;  ///< the attributes of all directoryName entries, in their order
};

/// A parsed certificate. An object that exists was read whole. Immutable; copies are cheap and share it. Thread-safe.
class Certificate {
 public:
  /// Exactly one certificate in strict DER. Neither its signature nor its dates are looked at.
  [[nodiscard]] static Result<Certificate, CertificateError> parse(std::string_view der);

  [[nodiscard]] const std::string& der() const;

  /// 1, 2 or 3.
  [[nodiscard]] int version() const;

  /// The values of this field in the subject, in their order; usually one or none.
  [[nodiscard]] std::vector<std::string> subject(NameField field) const;
  [[nodiscard]] bool subject_is_empty() const;

  /// Whether it may issue others: `cA` of the basic constraints. False without that extension (RFC 5280, 4.2.1.9).
  [[nodiscard]] bool is_authority() const;
  [[nodiscard]] bool has_basic_constraints() const;

  [[nodiscard]] std::optional<Extension> extension(std::string_view oid) const;

  /// The purposes of the extended key usage; empty without that extension.
  [[nodiscard]] const std::vector<std::string>& extended_key_usage() const;

  /// The subject alternative names; nullopt without that extension.
  [[nodiscard]] const std::optional<AlternativeNames>& alternative_names() const;

  /// Whether the AAGUID (16 bytes) that the certificate names, if it names one, is this one, and not marked critical:
  /// extension id-fido-gen-ce-aaguid, 1.3.6.1.4.1.45724.1.1.4, an OCTET STRING in the extension. [L3 8.2.1, WA-F3]
  [[nodiscard]] bool agrees_with_aaguid(std::string_view aaguid) const;

  /// SubjectPublicKeyInfo in DER.
  [[nodiscard]] const std::string& public_key_der() const;
  /// OpenSSL's form, owned by the certificate. For those that check a signature with it or compare it.
  [[nodiscard]] evp_pkey_st* public_key() const;
  /// The uncompressed point (04, x, y: 65 bytes), if the key is on P-256.
  [[nodiscard]] std::optional<std::string> p256_point() const;

  /// OpenSSL's form, owned by the certificate. For trust.cpp.
  [[nodiscard]] x509_st* native() const;

  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

 private:
  struct Parts;
  explicit Certificate(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

  std::shared_ptr<const Parts> parts_;
};

}  // namespace countersign::webauthn
