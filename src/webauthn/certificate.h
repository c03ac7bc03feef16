#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webauthn/public_key.h"

struct x509_st;  // OpenSSL's X509.

// X.509 certificates (RFC 5280) as attestation statements carry them: what stands in one of them. Whom to believe is
// trust.h. Byte strings are std::string; object identifiers are dotted decimals ("2.5.29.19").
namespace countersign::webauthn {

/// Real ones have 400 to 2,000 bytes.
inline constexpr std::size_t kCertificateMax = std::size_t{16} * 1024;

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

/// A parsed certificate: an object that exists was read whole. Immutable; copies are cheap and share it. Thread-safe.
class Certificate {
 public:
  /// Exactly one certificate in strict DER (X.690), of at most kCertificateMax bytes, whose key OpenSSL knows. nullopt
  /// for anything else, also where an extension is there twice (RFC 5280, 4.2), or a known one cannot be read. Neither
  /// signature nor dates are looked at.
  [[nodiscard]] static std::optional<Certificate> parse(std::string_view der);

  [[nodiscard]] const std::string& der() const;
  /// 1, 2 or 3.
  [[nodiscard]] int version() const;
  /// Basic constraints as they stand in the certificate: nullopt without that extension.
  [[nodiscard]] std::optional<bool> ca() const;

  /// The values of an attribute of the subject, by its dotted OID ("2.5.4.11" is OU), as UTF-8, in their order.
  [[nodiscard]] std::vector<std::string> subject(std::string_view oid) const;
  [[nodiscard]] bool has_empty_subject() const;

  struct Extension {
    bool critical;
    std::string value;  ///< the DER inside the extension's octet string
  };
  /// The extension with this dotted OID; nullopt if it is not there.
  [[nodiscard]] std::optional<Extension> extension(std::string_view oid) const;

  /// The purposes of the extended key usage, as dotted OIDs; empty without that extension.
  [[nodiscard]] const std::vector<std::string>& extended_key_usage() const;

  /// The subject alternative names; nullopt without that extension.
  [[nodiscard]] const std::optional<AlternativeNames>& alternative_names() const;

  /// The certificate's key for this algorithm; nullopt if the algorithm is not for keys of its kind.
  [[nodiscard]] std::optional<PublicKey> key_for(Algorithm algorithm) const;
  /// SubjectPublicKeyInfo in DER.
  [[nodiscard]] const std::string& public_key_der() const;

  /// OpenSSL's form, as long as this object. For readers of this module.
  [[nodiscard]] x509_st* native() const;

  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

 private:
  struct Parts;
  /// Null, with errors left in OpenSSL's queue, for what is no acceptable certificate.
  [[nodiscard]] static std::shared_ptr<const Parts> read(std::string_view der);
  explicit Certificate(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}

  std::shared_ptr<const Parts> parts_;
};

}  // namespace countersign::webauthn
