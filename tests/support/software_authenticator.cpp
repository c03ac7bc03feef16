#include "support/software_authenticator.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/digest.h"

namespace countersign::testing {

namespace {

using webauthn::Algorithm;

/// Of a curve of ECDSA; nullptr for other algorithms.
struct NistCurve {
  const char* name;
  std::int64_t number;  ///< COSE Elliptic Curves.
  std::size_t size;
  const EVP_MD* (*digest)();
};
const NistCurve* curve_of(Algorithm algorithm) {
  static constexpr NistCurve kP256{"P-256", 1, 32, EVP_sha256};
  static constexpr NistCurve kP384{"P-384", 2, 48, EVP_sha384};
  static constexpr NistCurve kP521{"P-521", 3, 66, EVP_sha512};
  switch (algorithm) {
    case Algorithm::kEs256:
      return &kP256;
    case Algorithm::kEs384:
      return &kP384;
    case Algorithm::kEs512:
      return &kP521;
    default:
      return nullptr;
  }
}

std::shared_ptr<evp_pkey_st> new_key(Algorithm algorithm) {
  EVP_PKEY* key = nullptr;
  if (algorithm == Algorithm::kEdDsa)
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  else if (algorithm == Algorithm::kEd448)
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448");
  else if (algorithm == Algorithm::kRs256)
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048});
  else
    key = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve_of(algorithm)->name);
  CS_CHECK(key != nullptr);
  return {key, EVP_PKEY_free};
}

/// CBOR, as CTAP2 writes it: a head with its number in as few bytes as can hold it.
std::string cbor_head(unsigned major, std::uint64_t number) {
  std::string out;
  const auto first = [&](unsigned low) { out.push_back(static_cast<char>(major << 5U | low)); };
  int bytes = 0;
  if (number < 24) {
    first(static_cast<unsigned>(number));
  } else if (number < 0x100) {
    first(24);
    bytes = 1;
  } else {
    first(25);
    bytes = 2;
  }
  for (int shift = bytes - 1; shift >= 0; --shift) out.push_back(static_cast<char>(number >> (8 * shift)));
  return out;
}
std::string cbor_integer(std::int64_t value) {
  return value >= 0 ? cbor_head(0, static_cast<std::uint64_t>(value))
                    : cbor_head(1, static_cast<std::uint64_t>(-1 - value));
}
std::string cbor_bytes(std::string_view bytes) { return cbor_head(2, bytes.size()).append(bytes); }
std::string cbor_text(std::string_view text) { return cbor_head(3, text.size()).append(text); }

std::string big_number(const EVP_PKEY* key, const char* name, std::size_t size) {
  BIGNUM* number = nullptr;
  CS_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string out(size == 0 ? static_cast<std::size_t>(BN_num_bytes(number)) : size, '\0');
  CS_CHECK(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) >= 0);
  BN_free(number);
  return out;
}

json::object parsed(std::string_view options) {
  const auto read = parse_json(options);
  CS_CHECK(read.has_value());
  return read->as_object();
}

bool lists(const json::object& options, std::string_view name, std::string_view credential_id) {
  const json::value* const list = options.if_contains(name);
  return list != nullptr && std::ranges::any_of(list->as_array(), [&](const json::value& member) {
           return json_text(member.as_object(), "id") == to_base64url(credential_id);
         });
}

}  // namespace

SoftwareAuthenticator::SoftwareAuthenticator(Algorithm algorithm) : algorithm_(algorithm), key_(new_key(algorithm)) {
  credential_id.resize(32);
  CS_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(credential_id.data()), 32) == 1);
}

SoftwareAuthenticator::SoftwareAuthenticator(std::string_view name)
    : credential_id(crypto::sha256(std::string("id of ").append(name))), algorithm_(Algorithm::kEdDsa) {
  const std::string secret = crypto::sha256(std::string("key of ").append(name));
  key_ = {EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(secret.data()),
                                       secret.size()),
          EVP_PKEY_free};
  CS_CHECK(key_ != nullptr);
}

std::string SoftwareAuthenticator::cose_key() const {
  const NistCurve* curve = curve_of(algorithm_);
  std::string out = cbor_head(5, curve != nullptr ? 5 : 4);
  const auto label = [&](std::int64_t number) -> std::string& { return out += cbor_integer(number); };
  if (curve != nullptr) {
    label(1) += cbor_integer(2);
    label(3) += cbor_integer(number_of(algorithm_));
    label(-1) += cbor_integer(curve->number);
    label(-2) += cbor_bytes(big_number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, curve->size));
    label(-3) += cbor_bytes(big_number(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, curve->size));
  } else if (algorithm_ == Algorithm::kRs256) {
    label(1) += cbor_integer(3);
    label(3) += cbor_integer(number_of(algorithm_));
    label(-1) += cbor_bytes(big_number(key_.get(), OSSL_PKEY_PARAM_RSA_N, 256));
    label(-2) += cbor_bytes(big_number(key_.get(), OSSL_PKEY_PARAM_RSA_E, 0));
  } else {
    std::size_t size = algorithm_ == Algorithm::kEd448 ? 57 : 32;
    std::string x(size, '\0');
    CS_CHECK(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(x.data()), &size) == 1);
    label(1) += cbor_integer(1);
    label(3) += cbor_integer(number_of(algorithm_));
    label(-1) += cbor_integer(algorithm_ == Algorithm::kEd448 ? 7 : 6);
    label(-2) += cbor_bytes(x);
  }
  return out;
}

std::string SoftwareAuthenticator::client_data(std::string_view usual_type, const json::object& options) const {
  const std::string asked = challenge.value_or(std::string(json_text(options, "challenge").value_or("")));
  // 5.8.1.1: the members in this order.
  std::string out = R"({"type":)";
  append_json_string(out, type.value_or(std::string(usual_type)));
  append_json_string(out.append(R"(,"challenge":)"), asked);
  append_json_string(out.append(R"(,"origin":)"), origin);
  if (!top_origin) return out.append(R"(,"crossOrigin":false})");
  append_json_string(out.append(R"(,"crossOrigin":true,"topOrigin":)"), *top_origin);
  return out.append("}");
}

std::string SoftwareAuthenticator::authenticator_data(bool with_credential) const {
  std::string out = crypto::sha256(rp_id);
  const unsigned flags = (user_present ? 0x01U : 0U) | (user_verified ? 0x04U : 0U) | (backup_eligible ? 0x08U : 0U) |
                         (backed_up ? 0x10U : 0U) | (with_credential ? 0x40U : 0U);
  out.push_back(static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>(sign_count >> shift));
  if (!with_credential) return out;
  out += aaguid;
  out.push_back(static_cast<char>(credential_id.size() >> 8U));
  out.push_back(static_cast<char>(credential_id.size()));
  return out.append(credential_id).append(cose_key());
}

std::string SoftwareAuthenticator::sign(std::string_view message) const {
  const NistCurve* curve = curve_of(algorithm_);
  const EVP_MD* digest = curve != nullptr ? curve->digest() : algorithm_ == Algorithm::kRs256 ? EVP_sha256() : nullptr;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  CS_CHECK(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1);
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  CS_CHECK(EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) == 1);
  std::string out(size, '\0');
  CS_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, bytes, message.size()) ==
           1);
  out.resize(size);
  if (wrong_signature) out.back() = static_cast<char>(out.back() ^ 1);
  return out;
}

json::object SoftwareAuthenticator::create(const json::object& options) {
  user_handle = from_base64url(json_text_or_empty(options.at("user").as_object(), "id")).value_or("");
  const std::string data = authenticator_data(true);
  const std::string client = client_data("webauthn.create", options);
  const bool self = json_text(options, "attestation") == "direct";
  std::string statement = cbor_head(5, 0);
  if (self) {
    statement = cbor_head(5, 2)
                    .append(cbor_text("alg") + cbor_integer(number_of(algorithm_)))
                    .append(cbor_text("sig") + cbor_bytes(sign(data + crypto::sha256(client))));
  }
  const std::string attestation = cbor_head(5, 3)
                                      .append(cbor_text("fmt") + cbor_text(self ? "packed" : "none"))
                                      .append(cbor_text("attStmt") + statement)
                                      .append(cbor_text("authData") + cbor_bytes(data));
  json::array ways;
  for (const auto& transport : transports) ways.emplace_back(transport);
  const std::string id = to_base64url(credential_id);
  return {{"id", id},
          {"rawId", id},
          {"type", "public-key"},
          {"authenticatorAttachment", "platform"},
          {"clientExtensionResults", json::object()},
          {"response", json::object{{"clientDataJSON", to_base64url(client)},
                                    {"attestationObject", to_base64url(attestation)},
                                    {"transports", ways}}}};
}

json::object SoftwareAuthenticator::create(std::string_view options) { return create(parsed(options)); }

json::object SoftwareAuthenticator::get(const json::object& options) {
  if (counts) ++sign_count;
  const std::string client = client_data("webauthn.get", options);
  const std::string data = authenticator_data(false);
  const std::string id = to_base64url(credential_id);
  json::object response{{"clientDataJSON", to_base64url(client)},
                        {"authenticatorData", to_base64url(data)},
                        {"signature", to_base64url(sign(data + crypto::sha256(client)))}};
  if (!user_handle.empty()) response["userHandle"] = to_base64url(user_handle);
  return {{"id", id},
          {"rawId", id},
          {"type", "public-key"},
          {"clientExtensionResults", json::object()},
          {"response", std::move(response)}};
}

json::object SoftwareAuthenticator::get(std::string_view options) { return get(parsed(options)); }

bool SoftwareAuthenticator::is_excluded(const json::object& options) const {
  return lists(options, "excludeCredentials", credential_id);
}

bool SoftwareAuthenticator::is_asked(const json::object& options) const {
  const json::value* const list = options.if_contains("allowCredentials");
  const bool any = list == nullptr || list->as_array().empty();
  return json_text(options, "rpId") == rp_id && (any || lists(options, "allowCredentials", credential_id));
}

}  // namespace countersign::testing
