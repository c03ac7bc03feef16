#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "webauthn/certificate.h"

// What the FIDO Alliance publishes of authenticators: the BLOB of the FIDO Metadata Service, version 3 (MDS3). Pure:
// whoever downloads or reads the file passes its bytes. [WA-R19]
namespace countersign::webauthn {

/// The published file has some 10 MB, most of it pictures.
inline constexpr std::size_t kMetadataMax = std::size_t{32} * 1024 * 1024;

enum class MetadataError {
  kTooLarge,   ///< above kMetadataMax
  kMalformed,  ///< not a JWS in compact form with a header that can be read
  kAlgorithm,  ///< neither RS256 nor ES256, or not one for the certificate's key
  kNoChain,    ///< no `x5c`, or more certificates than any path needs; `x5u` is never fetched
  kUntrusted,  ///< no path to a root, or one that is out of date
  kWrongHost,  ///< the certificate is for another host
  kSignature,
  kPayload,  ///< signed, and not what the metadata service publishes
  kOlder,    ///< a lower number than the one before
};

/// "too_large", …: for logs and operators.
[[nodiscard]] std::string_view metadata_error_word(MetadataError error);

struct MetadataTrust {
  std::vector<Certificate> anchors;           ///< those of the operator: today GlobalSign Root CA - R3
  std::string host = "mds.fidoalliance.org";  ///< for which the signer's certificate was issued
};

struct StatusReport {
  std::string status;                              ///< as published: "FIDO_CERTIFIED_L1", "REVOKED", …
  std::optional<std::chrono::sys_days> effective;  ///< nullopt: from the beginning
};

enum class AuthenticatorStanding {
  kNothingAgainst,
  kCompromised,  ///< user verification can be bypassed, or keys of users or of the attestation were extracted
  kRevoked,
};

/// One model of authenticator.
struct MetadataEntry {
  std::string description;
  std::vector<Certificate> roots;  ///< anchors for its attestation certificates; none: it cannot be verified
  std::vector<StatusReport> reports;

  /// The worst report in effect. A report about one batch or one certificate counts for the model, and a firmware
  /// update does not undo one: which version an authenticator has, WebAuthn does not tell.
  [[nodiscard]] AuthenticatorStanding standing(WallTime now) const;
};

/// A verified BLOB. Immutable.
class Metadata {
 public:
  /// Verifies and reads it (FIDO Metadata Service 3.0, section 3.2): the chain in `x5c` leads to an anchor, its first
  /// certificate is for the host, the JWS is signed by that certificate's key, and `no` is not below `number_before`
  /// (the same number is the same BLOB again). Revocation of the signer's chain is not asked for: that needs a network.
  /// Entries of authenticators without AAGUID and certificate key are left out, and so are roots that are no
  /// certificates (skipped_roots()).
  [[nodiscard]] static Result<Metadata, MetadataError> read(std::string_view blob, const MetadataTrust& trust,
                                                            WallTime now, std::int64_t number_before = 0);

  /// Grows with each publication.
  [[nodiscard]] std::int64_t number() const { return number_; }
  /// A newer one will be there at the latest on this day.
  [[nodiscard]] std::chrono::sys_days next_update() const { return next_update_; }
  /// Whether that day is over: this BLOB may lack what is known today.
  [[nodiscard]] bool is_stale(WallTime now) const { return now >= next_update_ + std::chrono::days(1); }

  /// The model with this AAGUID; for zeros, which U2F authenticators have, the one whose attestation certificate has
  /// the key of `leaf`. Null if there is none. As long as this object.
  [[nodiscard]] const MetadataEntry* find(std::string_view aaguid, const Certificate& leaf) const;
  /// By AAGUID alone, for what is known of stored credentials.
  [[nodiscard]] const MetadataEntry* find(std::string_view aaguid) const;

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t skipped_roots() const { return skipped_roots_; }

 private:
  Metadata() = default;
  /// False unless `payload` is what the service publishes.
  [[nodiscard]] bool take(const json::object& payload);
  [[nodiscard]] bool take_entry(const json::object& published);

  void add(const std::optional<std::string>& aaguid, const std::vector<std::string>& keys, MetadataEntry entry);

  std::int64_t number_ = 0;
  std::chrono::sys_days next_update_;
  std::vector<MetadataEntry> entries_;
  std::map<std::string, std::size_t, std::less<>> by_aaguid_;  ///< 16 bytes
  std::map<std::string, std::size_t, std::less<>> by_key_;     ///< SHA-1 of the key, which serves as a name only
  std::size_t skipped_roots_ = 0;
};

}  // namespace countersign::webauthn
