#include "crypto/proof_of_work.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <chrono>
#include <optional>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/secret.h"
#include "crypto/digest.h"

namespace countersign::crypto {

namespace {

constexpr std::string_view kPowAlgorithm = "PBKDF2/SHA-256";
constexpr std::size_t kPowKeySize = 32;
constexpr std::size_t kPowNonceSize = 16;
/// A payload of ours has about 900 bytes.
constexpr std::size_t kPowPayloadMax = 4096;

std::string derive_pow_key(std::string_view nonce, std::string_view salt, std::uint32_t cost, std::uint32_t counter) {
  std::string password(nonce);
  for (int shift = 24; shift >= 0; shift -= 8) password += static_cast<char>(counter >> shift & 0xFF);
  std::array<unsigned char, kPowKeySize> key{};
  const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                     reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                                     static_cast<int>(cost), EVP_sha256(), static_cast<int>(key.size()), key.data());
  CS_CHECK(done == 1);
  return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::int64_t whole_seconds(WallTime at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

const json::object* object_in(const json::object& object, std::string_view name) {
  const auto* member = object.if_contains(name);
  return member != nullptr && member->is_object() ? &member->get_object() : nullptr;
}

/// The bytes of a text of hex digits in small letters; nullopt for anything else.
std::optional<std::string> hex_in(const json::object& object, std::string_view name) {
  const auto text = json_text(object, name);
  const bool is_small = text && std::ranges::none_of(*text, [](char c) { return c >= 'A' && c <= 'F'; });
  return is_small ? from_hex(*text) : std::nullopt;
}

}  // namespace

std::string make_pow_challenge(const PowSecrets& secrets, const PowTerms& terms, Random& random) {
  CS_CHECK(!secrets.signature.empty() && !secrets.key.empty() && terms.cost > 0 &&
           terms.counter_max >= terms.counter_min);
  const std::string nonce = random.bytes(kPowNonceSize);
  const std::string salt = random.bytes(kPowNonceSize);
  const std::uint32_t counter = terms.counter_min + random.below(terms.counter_max - terms.counter_min + 1);
  const std::string key = derive_pow_key(nonce, salt, terms.cost, counter);
  json::object data{{"for", terms.bound_to}};
  if (terms.waited_at) data["from"] = whole_seconds(*terms.waited_at);
  json::object parameters{{"algorithm", kPowAlgorithm},
                          {"cost", terms.cost},
                          {"data", std::move(data)},
                          {"expiresAt", whole_seconds(terms.expires_at)},
                          {"keyLength", kPowKeySize},
                          {"keyPrefix", to_hex(std::string_view(key).substr(0, kPowKeySize / 2))},
                          {"keySignature", to_hex(hmac_sha256(secrets.key, key))},
                          {"nonce", to_hex(nonce)},
                          {"salt", to_hex(salt)}};
  const std::string signature = to_hex(hmac_sha256(secrets.signature, canonical_json(parameters)));
  return canonical_json(json::object{{"parameters", std::move(parameters)}, {"signature", signature}});
}

std::string unsolved_pow(std::string_view challenge) {
  return to_base64("{\"challenge\":" + std::string(challenge) + "}");
}

Result<PowSolved, PowFault> check_pow(const PowSecrets& secrets, std::string_view payload, std::string_view bound_to,
                                      WallTime now) {
  if (payload.size() > kPowPayloadMax) return fail(PowFault::kMalformed);
  const auto text = from_base64(payload);
  const auto parsed = text ? parse_json(*text, {.depth = 6}) : parse_json("");
  if (!text || !parsed || !parsed->is_object()) return fail(PowFault::kMalformed);
  const auto* challenge = object_in(parsed->get_object(), "challenge");
  const auto* solution = object_in(parsed->get_object(), "solution");
  const auto* parameters = challenge == nullptr ? nullptr : object_in(*challenge, "parameters");
  if (parameters == nullptr) return fail(PowFault::kMalformed);

  // Everything below is as it was made.
  const auto expected = to_hex(hmac_sha256(secrets.signature, canonical_json(*parameters)));
  if (!equal_constant_time(expected, json_text_or_empty(*challenge, "signature"))) return fail(PowFault::kForged);
  const auto* data = object_in(*parameters, "data");
  const auto nonce = hex_in(*parameters, "nonce");
  const auto expires_at = json_integer(*parameters, "expiresAt");
  const auto key_signature = json_text(*parameters, "keySignature");
  if (data == nullptr || !nonce || !expires_at || !key_signature) return fail(PowFault::kForged);
  if (json_text_or_empty(*data, "for") != bound_to) return fail(PowFault::kElsewhere);
  if (whole_seconds(now) >= *expires_at) return fail(PowFault::kExpired);
  const PowSolved solved{*nonce, WallTime(std::chrono::seconds(*expires_at))};
  if (solution == nullptr) {
    const auto waited_at = json_integer(*data, "from");
    return waited_at && whole_seconds(now) >= *waited_at ? Result<PowSolved, PowFault>(solved)
                                                         : fail(PowFault::kTooEarly);
  }

  const auto key = hex_in(*solution, "derivedKey");
  if (!key || key->size() != kPowKeySize) return fail(PowFault::kWrong);
  if (!equal_constant_time(to_hex(hmac_sha256(secrets.key, *key)), *key_signature)) return fail(PowFault::kWrong);
  return solved;
}

}  // namespace countersign::crypto
