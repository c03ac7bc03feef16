#include "webauthn/attestation.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/check.h"

namespace countersign::webauthn {

namespace {

struct Format {
  std::string_view name;
  VerifyFormat* verify;
};

constexpr std::array kFormats{
    Format{"none", &verify_none}, Format{"packed", &verify_packed},           Format{"fido-u2f", &verify_fido_u2f},
    Format{"tpm", &verify_tpm},   Format{"android-key", &verify_android_key}, Format{"apple", &verify_apple},
};

/// More certificates than any authenticator sends: each costs time.
constexpr std::size_t kCertificatesMax = 8;

constexpr const char* kAaguidExtension = "1.3.6.1.4.1.45724.1.1.4";

}  // namespace

std::string_view attestation_type_name(AttestationType type) {
  switch (type) {
    case AttestationType::kNone:
      return "none";
    case AttestationType::kSelf:
      return "self";
    case AttestationType::kBasic:
      return "basic";
    case AttestationType::kAttCa:
      return "attca";
    case AttestationType::kAnonCa:
      return "anonca";
  }
  CS_CHECK(false);
}

Result<AttestationObject, Refusal> parse_attestation_object(std::string_view bytes) {
  const auto map = parse_cbor(bytes);
  if (!map) return fail(Refusal::kAttestationObjectMalformed);
  const auto format = map->text_at("fmt");
  const CborItem* const statement = map->find("attStmt");
  const auto data = map->bytes_at("authData");
  if (!format || statement == nullptr || !statement->is_map() || !data) {
    return fail(Refusal::kAttestationObjectMalformed);
  }
  return AttestationObject{*format, *statement, *data};
}

Result<VerifiedStatement, Refusal> verify_statement(const AttestationInput& input) {
  const auto* const format = std::ranges::find(kFormats, input.format, &Format::name);
  if (format == kFormats.end()) return fail(Refusal::kAttestationFormatUnknown);
  return format->verify(input);
}

Result<VerifiedStatement, Refusal> verify_none(const AttestationInput& input) {
  if (!input.statement.map().empty()) return fail(Refusal::kAttestationStatementMalformed);
  return VerifiedStatement{AttestationType::kNone, {}};
}

Result<std::vector<Certificate>, Refusal> read_x5c(const CborItem& statement) {
  const CborItem* const x5c = statement.find("x5c");
  if (x5c == nullptr || x5c->array().empty() || x5c->array().size() > kCertificatesMax) {
    return fail(Refusal::kAttestationStatementMalformed);
  }
  std::vector<Certificate> chain;
  for (const CborItem& member : x5c->array()) {
    const auto der = member.bytes();
    if (!der) return fail(Refusal::kAttestationStatementMalformed);
    auto certificate = Certificate::parse(*der);
    if (!certificate) return fail(Refusal::kAttestationCertificateMalformed);
    chain.push_back(std::move(*certificate));
  }
  return chain;
}

Result<Algorithm, Refusal> read_alg(const CborItem& statement) {
  const auto number = statement.integer_at("alg");
  if (!number) return fail(Refusal::kAttestationStatementMalformed);
  const auto algorithm = algorithm_numbered(*number);
  if (!algorithm) return fail(Refusal::kAlgorithmNotAllowed);
  return *algorithm;
}

Result<Done, Refusal> check_aaguid_extension(const Certificate& certificate, const AuthenticatorData& data) {
  const auto extension = certificate.extension(kAaguidExtension);
  if (!extension) return Done{};
  if (extension->critical) return fail(Refusal::kAttestationCertificateUnfit);
  // An OCTET STRING of 16 bytes inside the extension's own.
  std::string expected = "\x04\x10";
  expected.append(data.credential->aaguid);
  if (extension->value != expected) return fail(Refusal::kAttestationAaguidMismatch);
  return Done{};
}

bool certifies(const Certificate& certificate, const PublicKey& credential_key) {
  const auto key = certificate.key_for(credential_key.algorithm());
  return key && key->is_same_key(credential_key);
}

}  // namespace countersign::webauthn
