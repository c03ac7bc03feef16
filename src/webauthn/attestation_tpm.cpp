#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "crypto/openssl.h"
#include "webauthn/attestation.h"
#include "webauthn/tpm_structures.h"

// WebAuthn L3, 8.3, "TPM Attestation Statement Format". [WA-F5]
namespace countersign::webauthn {

namespace {

constexpr std::uint32_t kGeneratedByTpm = 0xFF544347;   // TPM_GENERATED_VALUE
constexpr std::uint16_t kAttestCertify = 0x8017;        // TPM_ST_ATTEST_CERTIFY
constexpr std::string_view kAikUsage = "2.23.133.8.3";  // tcg-kp-AIKCertificate
constexpr std::string_view kManufacturer = "2.23.133.2.1";
constexpr std::string_view kModel = "2.23.133.2.2";
constexpr std::string_view kVersion = "2.23.133.2.3";

/// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 8812, section 2): the TPMs of most Windows machines sign their statements with it.
/// It is accepted here and nowhere else: what is signed has the TPM's own form, and its only part that a caller
/// chooses is itself a hash. Neither names of keys nor signatures of credentials or certificates may use SHA-1.
constexpr std::int64_t kRs1 = -65535;

/// How the statement is signed.
struct TpmSigning {
  Algorithm algorithm;  ///< that of the key
  const char* digest;   ///< OpenSSL's name
  bool is_rs1 = false;
};

Result<TpmSigning, Refusal> read_signing(const CborItem& statement) {
  if (statement.integer_at("alg") == kRs1) return TpmSigning{Algorithm::kRs256, "SHA1", true};
  const auto algorithm = read_alg(statement);
  if (!algorithm) return fail(algorithm.error());
  switch (*algorithm) {
    case Algorithm::kEs256:
    case Algorithm::kRs256:
      return TpmSigning{*algorithm, "SHA256"};
    case Algorithm::kEs384:
      return TpmSigning{*algorithm, "SHA384"};
    case Algorithm::kEs512:
      return TpmSigning{*algorithm, "SHA512"};
    case Algorithm::kEdDsa:
    case Algorithm::kEd448:
      break;  // no hash that extraData could be made with
  }
  return fail(Refusal::kAlgorithmNotAllowed);
}

std::string number_bytes(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
    crypto::clear_openssl_errors();
    return {};
  }
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number)), '\0');
  BN_bn2bin(number, crypto::bytes_of(bytes));
  BN_free(number);
  return bytes;
}

bool is_same_key(const tpm::RsaKey& certified, const PublicKey& key) {
  std::string exponent;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<char>(certified.exponent >> shift & 0xFF);
    if (byte != 0 || !exponent.empty()) exponent += byte;
  }
  return certified.modulus == number_bytes(key.native(), OSSL_PKEY_PARAM_RSA_N) &&
         exponent == number_bytes(key.native(), OSSL_PKEY_PARAM_RSA_E);
}

/// The length tells the curve: each has its own.
bool is_same_key(const tpm::EccKey& certified, const PublicKey& key) {
  return "\x04" + certified.x + certified.y == key.point();
}

/// Step 2: the key of pubArea is the credential's.
Result<tpm::PublicArea, Refusal> check_public_area(const AttestationInput& input) {
  const auto bytes = input.statement.bytes_at("pubArea");
  const auto area = bytes ? tpm::read_public_area(*bytes) : std::nullopt;
  if (!area) return fail(Refusal::kAttestationStatementMalformed);
  const bool same = std::visit([&](const auto& key) { return is_same_key(key, input.key); }, area->key);
  if (!same) return fail(Refusal::kAttestationKeyMismatch);
  return *area;
}

/// Step 3 and the third part of step 4.
std::string hash_to_attest(const AttestationInput& input, const char* digest_name) {
  const std::string to_be_signed = std::string(input.data.bytes).append(input.client_data_hash);
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  crypto::require(EVP_Q_digest(nullptr, digest_name, nullptr, to_be_signed.data(), to_be_signed.size(),
                               crypto::bytes_of(digest), &size) == 1,
                  "digest");
  digest.resize(size);
  return digest;
}

/// Step 4, what certInfo says. The fields qualifiedSigner, clockInfo and firmwareVersion are ignored.
Result<Done, Refusal> check_certify_info(const AttestationInput& input, const tpm::PublicArea& area,
                                         const TpmSigning& signing) {
  const auto bytes = input.statement.bytes_at("certInfo");
  const auto info = bytes ? tpm::read_certify(*bytes) : std::nullopt;
  if (!info) return fail(Refusal::kAttestationStatementMalformed);
  const std::string name = tpm::name_of(*input.statement.bytes_at("pubArea"), area.name_hash);
  if (info->magic != kGeneratedByTpm || info->type != kAttestCertify ||
      info->extra_data != hash_to_attest(input, signing.digest) || info->name != name) {
    return fail(Refusal::kAttestationContentMismatch);
  }
  return Done{};
}

bool verify_rs1(const PublicKey& key, std::string_view message, std::string_view signature) {
  if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key.native()))) return false;
  const crypto::DigestCtx ctx(crypto::require_object(EVP_MD_CTX_new(), "signature context"));
  crypto::require(EVP_DigestVerifyInit(ctx.get(), nullptr, crypto::sha1_md(), nullptr, key.native()) == 1, "verify");
  const bool good = EVP_DigestVerify(ctx.get(), crypto::bytes_of(signature), signature.size(),
                                     crypto::bytes_of(message), message.size()) == 1;
  if (!good) crypto::clear_openssl_errors();
  return good;
}

/// Step 4, the signature over certInfo, with the key of the attestation certificate.
Result<Done, Refusal> check_tpm_signature(const AttestationInput& input, const Certificate& certificate,
                                          const TpmSigning& signing) {
  const auto signature = input.statement.bytes_at("sig");
  if (!signature) return fail(Refusal::kAttestationStatementMalformed);
  const auto key = certificate.key_for(signing.algorithm);
  if (!key) return fail(Refusal::kAttestationAlgorithmMismatch);
  const std::string_view info = *input.statement.bytes_at("certInfo");
  const bool good = signing.is_rs1 ? verify_rs1(*key, info, *signature) : key->verify({info}, *signature);
  if (!good) return fail(Refusal::kAttestationSignatureWrong);
  return Done{};
}

std::string_view only_value(const AlternativeNames& names, std::string_view type) {
  std::string_view value;
  for (const NameAttribute& attribute : names.directory) {
    if (attribute.type != type) continue;
    if (!value.empty()) return {};  // Of two, a reader might look at either.
    value = attribute.value;
  }
  return value;
}

/// "id:" and the four bytes of the vendor in hex (TCG EK Credential Profile, 3.2.9). Which vendors there are is a
/// question of trust, and not asked here: the anchors answer it.
bool is_vendor_id(std::string_view text) {
  return text.size() == 11 && text.starts_with("id:") && from_hex(text.substr(3));
}

/// 8.3.1, "TPM Attestation Statement Certificate Requirements". The section asks for basic constraints, also of
/// those that are no CA.
bool is_fit_aik_certificate(const Certificate& certificate) {
  const auto& names = certificate.alternative_names();
  const auto& usage = certificate.extended_key_usage();
  return certificate.version() == 3 && certificate.has_empty_subject() && names &&
         is_vendor_id(only_value(*names, kManufacturer)) && !only_value(*names, kModel).empty() &&
         !only_value(*names, kVersion).empty() && std::ranges::find(usage, kAikUsage) != usage.end() &&
         certificate.ca() == false;
}

}  // namespace

Result<VerifiedStatement, Refusal> verify_tpm(const AttestationInput& input) {
  // Step 1.
  const auto version = input.statement.text_at("ver");
  if (version != "2.0") return fail(Refusal::kAttestationStatementMalformed);
  const auto signing = read_signing(input.statement);
  if (!signing) return fail(signing.error());
  auto chain = read_x5c(input.statement);
  if (!chain) return fail(chain.error());
  const Certificate& certificate = chain->front();

  const auto area = check_public_area(input);
  if (!area) return fail(area.error());
  const auto info = check_certify_info(input, *area, *signing);
  if (!info) return fail(info.error());
  const auto signature = check_tpm_signature(input, certificate, *signing);
  if (!signature) return fail(signature.error());
  if (!is_fit_aik_certificate(certificate)) return fail(Refusal::kAttestationCertificateUnfit);
  const auto aaguid = check_aaguid_extension(certificate, input.data);
  if (!aaguid) return fail(aaguid.error());
  // Step 5.
  return VerifiedStatement{AttestationType::kAttCa, std::move(*chain)};
}

}  // namespace countersign::webauthn
