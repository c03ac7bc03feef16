#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webauthn/public_key.h"

struct x509_st;  // OpenSSL's X509.

namespace countersign::webauthn {

/// An X.509 certificate (RFC 5280) as attestation statements carry it. Copies share it. Immutable, thread-safe.
class Certificate {
 public:
  /// From DER: exactly one certificate and nothing after it, with a public key that OpenSSL can read. nullopt
  /// otherwise.
  [[nodiscard]] static std::optional<Certificate> parse(std::string_view der);

  [[nodiscard]] const std::string& der() const { return *der_; }
  /// 1, 2 or 3.
  [[nodiscard]] int version() const;
  /// Basic constraints as they stand in the certificate: nullopt without that extension.
  [[nodiscard]] std::optional<bool> ca() const;

  /// The values of an attribute of the subject, by its dotted OID ("2.5.4.11" is OU), as UTF-8, in their order.
  [[nodiscard]] std::vector<std::string> subject(const char* oid) const;
  [[nodiscard]] bool has_empty_subject() const;

  struct Extension {
    bool critical;
    std::string value;  ///< the DER inside the extension's octet string
  };
  /// The extension with this dotted OID; nullopt if it is not there.
  [[nodiscard]] std::optional<Extension> extension(const char* oid) const;

  /// The certificate's key for this algorithm; nullopt if the algorithm is not for keys of its kind.
  [[nodiscard]] std::optional<PublicKey> key_for(Algorithm algorithm) const;

  /// For readers of this module; as long as this object.
  [[nodiscard]] x509_st* native() const { return x509_.get(); }

 private:
  Certificate(std::shared_ptr<x509_st> x509, std::shared_ptr<const std::string> der)
      : x509_(std::move(x509)), der_(std::move(der)) {}

  std::shared_ptr<x509_st> x509_;
  std::shared_ptr<const std::string> der_;
};

}  // namespace countersign::webauthn
