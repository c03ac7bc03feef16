#include "crypto/jws.h"

#include <algorithm>
#include <optional>

#include "base/encoding.h"

namespace countersign::crypto {

namespace {

constexpr std::size_t kTokenMax = std::size_t{64} * 1024;

struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< header.payload
};

std::optional<Parts> split(std::string_view text) {
  const std::size_t first = text.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('.', first + 1);
  if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1),
               text.substr(0, second)};
}

std::optional<json::object> read_header(std::string_view encoded) {
  const auto bytes = from_base64url(encoded);
  if (!bytes) return std::nullopt;
  const auto header = parse_json(*bytes);
  if (!header || !header->is_object()) return std::nullopt;
  return header->as_object();
}

std::optional<JwsAlgorithm> allowed_algorithm(const json::object& header, const JwsOptions& options) {
  const auto name = json_text(header, "alg");
  for (const JwsAlgorithm algorithm : options.algorithms) {
    if (name == jws_name(algorithm)) return algorithm;
  }
  return std::nullopt;
}

const PublicKey* find_key(const json::object& header, const std::vector<PublicKey>& keys) {
  const auto kid = json_text(header, "kid");
  const auto at = std::ranges::find_if(keys, [&](const PublicKey& key) { return kid == key.kid(); });
  return at != keys.end() ? &*at : nullptr;
}

}  // namespace

std::string sign_jws(const SigningKey& key, std::string_view typ, std::string_view payload_json) {
  std::string header =
      R"({"alg":")" + std::string(jws_name(key.algorithm())) + R"(","kid":")" + key.kid() + R"(","typ":)";
  append_json_string(header, typ);
  header += '}';
  std::string text = to_base64url(header) + '.' + to_base64url(payload_json);
  const std::string signature = key.sign(text);
  return text + '.' + to_base64url(signature);
}

Result<json::value, JwsError> verify_jws(std::string_view text, const std::vector<PublicKey>& keys,
                                         const JwsOptions& options) {
  if (text.size() > kTokenMax) return fail(JwsError::kMalformed);
  const auto parts = split(text);
  if (!parts) return fail(JwsError::kMalformed);
  const auto header = read_header(parts->header);
  const auto payload = from_base64url(parts->payload);
  const auto signature = from_base64url(parts->signature);
  if (!header || !payload || !signature) return fail(JwsError::kMalformed);

  const auto algorithm = allowed_algorithm(*header, options);
  if (!algorithm) return fail(JwsError::kAlgorithm);
  if (header->contains("crit")) return fail(JwsError::kCritical);
  if (json_text(*header, "typ") != options.typ) return fail(JwsError::kType);
  const PublicKey* key = find_key(*header, keys);
  if (key == nullptr) return fail(JwsError::kUnknownKey);
  if (key->algorithm() != *algorithm) return fail(JwsError::kAlgorithm);
  if (!key->verify(parts->signed_text, *signature)) return fail(JwsError::kSignature);

  auto value = parse_json(*payload);
  if (!value) return fail(JwsError::kPayload);
  return std::move(*value);
}

}  // namespace countersign::crypto
