#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

struct evp_pkey_st;

// Certificates and keys made by OpenSSL for one test, with whatever defect it is about.
namespace countersign::webauthn::testing {

/// A fresh key pair. Copies share it.
class MadeKey {
 public:
  static MadeKey p256() { return ec("P-256"); }
  static MadeKey ec(const char* curve);
  /// Of 2048 bits, and one for the whole program, since making one takes long.
  static MadeKey rsa();
  static MadeKey weak_rsa();

  [[nodiscard]] evp_pkey_st* native() const { return key_.get(); }
  /// With this hash ("SHA256"); ECDSA in DER, RSA with PKCS #1 v1.5.
  [[nodiscard]] std::string sign(std::string_view message, const char* digest = "SHA256") const;
  /// The parts of the public key, big-endian: x and y of the curve's length, or the modulus and exponent.
  [[nodiscard]] std::pair<std::string, std::string> parts() const;

 private:
  explicit MadeKey(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

// DER by hand, so that a test can say anything.
[[nodiscard]] std::string der_of(std::uint8_t tag, std::string_view content);
[[nodiscard]] std::string der_sequence(std::string_view content);
[[nodiscard]] std::string der_octets(std::string_view content);
[[nodiscard]] std::string der_oid(const char* dotted);
/// An explicit tag `[number]`, also above 30.
[[nodiscard]] std::string der_explicit(std::uint32_t number, std::string_view content);

struct MadeExtension {
  std::string oid;
  bool critical;
  std::string value;
};
[[nodiscard]] MadeExtension basic_constraints(bool ca, std::optional<int> path_length = std::nullopt);
[[nodiscard]] MadeExtension extended_key_usage(std::vector<const char*> purposes);
[[nodiscard]] MadeExtension dns_names(std::vector<std::string> names);
/// One directoryName with these attributes: dotted type, text.
[[nodiscard]] MadeExtension directory_name(std::vector<std::pair<const char*, std::string>> attributes);
[[nodiscard]] MadeExtension aaguid_extension(std::string_view aaguid, bool critical = false);

/// 2026-01-01, between the dates below.
inline constexpr WallTime kInDate{std::chrono::sys_days(
    std::chrono::year_month_day(std::chrono::year(2026), std::chrono::month(1), std::chrono::day(1)))};

struct CertificateForm {
  std::vector<std::pair<const char*, std::string>> subject{{"2.5.4.3", "Made for a test"}};
  std::vector<MadeExtension> extensions{};
  int version = 3;
  WallTime not_before = kInDate - std::chrono::hours(24);
  WallTime not_after = kInDate + std::chrono::hours(24);
  const char* digest = "SHA256";
};

/// A certificate together with its key, ready to issue others.
struct Issuer {
  std::string der;
  MadeKey key;
};

/// Signed by `issuer`, or by itself.
[[nodiscard]] Issuer make_certificate(const CertificateForm& form, const MadeKey& key, const Issuer* issuer = nullptr);
/// A root, or an intermediate one, with this name.
[[nodiscard]] Issuer make_authority(const std::string& name, const Issuer* issuer = nullptr);

}  // namespace countersign::webauthn::testing
