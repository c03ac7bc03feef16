#include "crypto/foreign_token.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/encoding.h"
#include "crypto/openssl.h"

namespace countersign::crypto {

namespace {

constexpr std::size_t kForeignTokenMax = std::size_t{64} * 1024;
constexpr std::size_t kKidMax = 256;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr std::size_t kRsaTextMax = 1400;  ///< 8192 bits in base64url, and a little.
constexpr std::array<std::string_view, 3> kAlgorithmNames = {"RS256", "ES256", "EdDSA"};

using RsaNumber = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using RsaParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using RsaParams = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;

std::optional<std::string> number_member(const json::object& jwk, std::string_view name) {
  const auto text = json_text(jwk, name);
  if (!text || text->size() > kRsaTextMax) return std::nullopt;
  auto bytes = from_base64url(*text);
  // RFC 7518, section 6.3.1: no leading zeros.
  return bytes && !bytes->empty() && bytes->front() != '\0' ? bytes : std::nullopt;
}

RsaNumber number_of(std::string_view bytes) {
  return RsaNumber(require_object(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr), "number"));
}

/// Null for a modulus outside the bounds, and for an exponent that is even, 1, or so large that it would make a
/// signature slow to verify.
Pkey read_rsa_jwk(const json::object& jwk) {
  const auto n = number_member(jwk, "n");
  const auto e = number_member(jwk, "e");
  if (!n || !e) return {};
  const RsaNumber modulus = number_of(*n);
  const RsaNumber exponent = number_of(*e);
  const int bits = BN_num_bits(modulus.get());
  if (bits < kRsaBitsMin || bits > kRsaBitsMax || BN_is_odd(modulus.get()) == 0) return {};
  if (BN_num_bits(exponent.get()) > 32 || BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1) return {};
  const RsaParamBuilder builder(require_object(OSSL_PARAM_BLD_new(), "parameters"));
  require(OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) == 1,
          "parameters");
  const RsaParams params(require_object(OSSL_PARAM_BLD_to_param(builder.get()), "parameters"));
  const PkeyCtx ctx(require_object(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), "RSA context"));
  require(EVP_PKEY_fromdata_init(ctx.get()) == 1, "RSA context");
  EVP_PKEY* pkey = nullptr;
  if (EVP_PKEY_fromdata(ctx.get(), &pkey, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) clear_openssl_errors();
  return Pkey(pkey);
}

struct TokenParts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< header.payload
};

std::optional<TokenParts> split_token(std::string_view text) {
  if (text.size() > kForeignTokenMax) return std::nullopt;
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return TokenParts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1),
                    text.substr(0, second)};
}

std::optional<json::object> read_part(std::string_view encoded) {
  const auto bytes = from_base64url(encoded);
  if (!bytes) return std::nullopt;
  auto parsed = parse_json(*bytes);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed->as_object());
}

bool is_type(const json::object& header, std::string_view wanted) {
  std::string typ = lower_case(json_text_or_empty(header, "typ"));
  constexpr std::string_view kApplication = "application/";
  if (typ.starts_with(kApplication)) typ.erase(0, kApplication.size());
  return typ == wanted;
}

}  // namespace

struct ForeignKey::RsaKey {
  Pkey pkey;
};

std::string_view to_text(ForeignAlgorithm algorithm) { return kAlgorithmNames.at(static_cast<std::size_t>(algorithm)); }

std::optional<ForeignAlgorithm> parse_foreign_algorithm(std::string_view text) {
  const auto* const found = std::ranges::find(kAlgorithmNames, text);
  if (found == kAlgorithmNames.end()) return std::nullopt;
  return static_cast<ForeignAlgorithm>(found - kAlgorithmNames.begin());
}

Result<ForeignKey, KeyError> ForeignKey::from_jwk(const json::object& jwk) {
  const std::string kid = json_text_or_empty(jwk, "kid");
  if (kid.empty() || kid.size() > kKidMax) return fail(KeyError::kUnsupported);
  if (json_text(jwk, "kty") != "RSA") {
    auto key = PublicKey::from_jwk(jwk);
    if (!key) return fail(key.error());
    return ForeignKey(*std::move(key), kid);
  }
  if (jwk.contains("alg") && json_text(jwk, "alg") != to_text(ForeignAlgorithm::kRs256))
    return fail(KeyError::kUnsupported);
  if (jwk.contains("use") && json_text(jwk, "use") != "sig") return fail(KeyError::kUnsupported);
  Pkey pkey = read_rsa_jwk(jwk);
  if (!pkey) return fail(KeyError::kMalformed);
  return ForeignKey(std::make_shared<const RsaKey>(RsaKey{std::move(pkey)}), kid);
}

ForeignAlgorithm ForeignKey::algorithm() const {
  const auto* ours = std::get_if<PublicKey>(&key_);
  if (ours == nullptr) return ForeignAlgorithm::kRs256;
  return ours->algorithm() == JwsAlgorithm::kEs256 ? ForeignAlgorithm::kEs256 : ForeignAlgorithm::kEdDsa;
}

bool ForeignKey::verify(std::string_view message, std::string_view signature) const {
  if (const auto* ours = std::get_if<PublicKey>(&key_)) return ours->verify(message, signature);
  EVP_PKEY* const pkey = std::get<std::shared_ptr<const RsaKey>>(key_)->pkey.get();
  if (signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(pkey))) return false;
  const DigestCtx ctx(require_object(EVP_MD_CTX_new(), "signature context"));
  require(EVP_DigestVerifyInit(ctx.get(), nullptr, sha256_md(), nullptr, pkey) == 1, "verify");
  const bool good =
      EVP_DigestVerify(ctx.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
  if (!good) clear_openssl_errors();
  return good;
}

std::optional<std::vector<ForeignKey>> read_key_set(std::string_view json) {
  const auto parsed = parse_json(json, {.depth = 8});
  if (!parsed || !parsed->is_object()) return std::nullopt;
  const json::value* list = parsed->get_object().if_contains("keys");
  if (list == nullptr || !list->is_array() || list->get_array().size() > kForeignKeysMax) return std::nullopt;
  std::vector<ForeignKey> keys;
  for (const json::value& entry : list->get_array()) {
    if (!entry.is_object()) return std::nullopt;
    auto key = ForeignKey::from_jwk(entry.get_object());
    if (!key || std::ranges::find(keys, key->kid(), &ForeignKey::kid) != keys.end()) continue;
    keys.push_back(*std::move(key));
  }
  return keys;
}

std::string kid_of(std::string_view token) {
  const auto parts = split_token(token);
  const auto header = parts ? read_part(parts->header) : std::nullopt;
  return header ? json_text_or_empty(*header, "kid") : std::string();
}

Result<json::object, ForeignTokenError> verify_foreign_token(std::string_view token,
                                                             const std::vector<ForeignKey>& keys,
                                                             const ForeignTokenTerms& terms) {
  const auto parts = split_token(token);
  const auto header = parts ? read_part(parts->header) : std::nullopt;
  const auto signature = parts ? from_base64url(parts->signature) : std::nullopt;
  if (!header || !signature) return fail(ForeignTokenError::kMalformed);
  const auto algorithm = parse_foreign_algorithm(json_text_or_empty(*header, "alg"));
  if (!algorithm || std::ranges::find(terms.algorithms, *algorithm) == terms.algorithms.end())
    return fail(ForeignTokenError::kAlgorithm);
  if (header->contains("crit")) return fail(ForeignTokenError::kCritical);
  if (!is_type(*header, terms.typ)) return fail(ForeignTokenError::kType);
  const std::string kid = json_text_or_empty(*header, "kid");
  const auto key = std::ranges::find(keys, kid, &ForeignKey::kid);
  if (kid.empty() || key == keys.end()) return fail(ForeignTokenError::kUnknownKey);
  if (key->algorithm() != *algorithm) return fail(ForeignTokenError::kAlgorithm);
  if (!key->verify(parts->signed_text, *signature)) return fail(ForeignTokenError::kSignature);
  auto payload = read_part(parts->payload);
  if (!payload) return fail(ForeignTokenError::kMalformed);
  return *std::move(payload);
}

}  // namespace countersign::crypto
