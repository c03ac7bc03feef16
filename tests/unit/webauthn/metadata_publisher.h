#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/json.h"
#include "unit/webauthn/certificate_maker.h"
#include "webauthn/metadata.h"

namespace countersign::webauthn::testing {

inline constexpr std::string_view kModel = "a25342c0-3cdc-4414-8e46-f4807fca511c";

/// A metadata service, whose certificates are good for a day around `at`.
struct Publisher {
  explicit Publisher(WallTime at) {
    root = make_certificate(form("Root", at, basic_constraints(true)), MadeKey::p256());
    signer = make_certificate(form("Signer", at, dns_names({"mds.fidoalliance.org"})), key, &root);
  }
  static CertificateForm form(const char* name, WallTime at, MadeExtension extension) {
    CertificateForm out{{{"2.5.4.3", name}}, {std::move(extension)}};
    out.not_before = at - std::chrono::hours(24);
    out.not_after = at + std::chrono::hours(24);
    return out;
  }
  [[nodiscard]] std::string blob(int number, std::string_view reports = "",
                                 std::string_view next = "2026-01-15") const {
    json::object entry{
        {"aaguid", kModel},
        {"metadataStatement",
         json::object{{"description", "A key"}, {"attestationRootCertificates", json::array{to_base64(vendor.der)}}}},
        {"statusReports", *parse_json("[" + std::string(reports) + "]")}};
    const json::object payload{
        {"legalHeader", "x"}, {"no", number}, {"nextUpdate", next}, {"entries", json::array{std::move(entry)}}};
    const json::object header{{"alg", "RS256"}, {"typ", "JWT"}, {"x5c", json::array{to_base64(signer.der)}}};
    const std::string text = to_base64url(canonical_json(header)) + '.' + to_base64url(canonical_json(payload));
    return text + '.' + to_base64url(key.sign(text));
  }
  [[nodiscard]] MetadataTrust trust() const { return {{Certificate::parse(root.der).value()}}; }
  [[nodiscard]] std::string root_pem() const {
    return "-----BEGIN CERTIFICATE-----\n" + to_base64(root.der) + "\n-----END CERTIFICATE-----\n";
  }

  MadeKey key = MadeKey::rsa();
  Issuer vendor = make_authority("Vendor");
  Issuer root{"", key};
  Issuer signer{"", key};
};

}  // namespace countersign::webauthn::testing
