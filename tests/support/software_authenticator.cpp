#include "support/software_authenticator.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "base/encoding.h"

namespace countersign::testing {

namespace {

void must(bool good) {
  if (!good) throw std::runtime_error("the software authenticator failed");
}

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string hash_of(std::string_view text) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(raw(text), text.size(), raw(out));
  return out;
}

std::string be(std::uint32_t value, int size) {
  std::string out;
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift & 0xFF));
  return out;
}

/// A CBOR byte string.
std::string bytes_item(std::string_view bytes) {
  must(bytes.size() <= 0xFFFF);
  const auto size = static_cast<std::uint32_t>(bytes.size());
  const std::string head = size < 24 ? be(0x40 + size, 1) : size < 256 ? "\x58" + be(size, 1) : "\x59" + be(size, 2);
  return head + std::string(bytes);
}

std::string coordinate(EVP_PKEY* key, const char* name) {
  BIGNUM* number = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string out(32, '\0');
  must(BN_bn2binpad(number, raw(out), 32) == 32);
  BN_free(number);
  return out;
}

/// COSE_Key: EC2, ES256, P-256.
std::string cose_of(EVP_PKEY* key) {
  return "\xa5\x01\x02\x03\x26\x20\x01\x21" + bytes_item(coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X)) + "\x22" +
         bytes_item(coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y));
}

bool lists(const json::object& options, std::string_view name, std::string_view id) {
  const json::value* const list = options.if_contains(name);
  if (list == nullptr) return false;
  for (const json::value& member : list->as_array()) {
    if (json_text(member.as_object(), "id") == id) return true;
  }
  return false;
}

json::object answer(const std::string& id, json::object response) {
  return {{"type", "public-key"},
          {"id", id},
          {"rawId", id},
          {"authenticatorAttachment", "platform"},
          {"clientExtensionResults", json::object()},
          {"response", std::move(response)}};
}

}  // namespace

std::string SoftwareAuthenticator::client_data(std::string_view type_asked, const json::object& options,
                                               std::string_view origin) const {
  json::object out{{"type", type.value_or(std::string(type_asked))},
                   {"challenge", challenge.value_or(std::string(options.at("challenge").as_string()))},
                   {"origin", origin},
                   {"crossOrigin", top_origin.has_value()}};
  if (top_origin) out["topOrigin"] = *top_origin;
  return boost::json::serialize(out);
}

std::string SoftwareAuthenticator::authenticator_data(std::string_view rp, std::uint32_t counter,
                                                      std::string_view credential) const {
  const std::uint32_t flags = (user_present ? 0x01U : 0) | (user_verified ? 0x04U : 0) | (backup_eligible ? 0x08U : 0) |
                              (backed_up ? 0x10U : 0) | (credential.empty() ? 0 : 0x40U);
  return hash_of(rp_id.value_or(std::string(rp))) + be(flags, 1) + be(counter, 4) + std::string(credential);
}

std::string SoftwareAuthenticator::sign(const Credential& credential, std::string_view message) const {
  EVP_MD_CTX* const ctx = EVP_MD_CTX_new();
  std::string out(80, '\0');
  std::size_t size = out.size();
  must(EVP_DigestSignInit(ctx, nullptr, EVP_sha256(), nullptr, credential.key.get()) == 1 &&
       EVP_DigestSign(ctx, raw(out), &size, raw(message), message.size()) == 1);
  EVP_MD_CTX_free(ctx);
  out.resize(size);
  if (wrong_signature) out.back() = static_cast<char>(out.back() ^ 1);
  return out;
}

std::optional<json::object> SoftwareAuthenticator::create(const json::object& creation_options,
                                                          std::string_view origin) {
  for (const auto& [id, credential] : credentials_) {
    if (lists(creation_options, "excludeCredentials", id)) return std::nullopt;
  }
  std::string id(32, '\0');
  must(RAND_bytes(raw(id), static_cast<int>(id.size())) == 1);
  Credential credential{.rp_id = std::string(creation_options.at("rp").at("id").as_string()),
                        .user_id = std::string(creation_options.at("user").at("id").as_string()),
                        .key = {EVP_EC_gen("P-256"), EVP_PKEY_free},
                        .counter = 0};
  const std::string attested = std::string(16, '\0') + be(32, 2) + id + cose_of(credential.key.get());
  const std::string data = authenticator_data(credential.rp_id, credential.counter, attested);
  const std::string client = client_data("webauthn.create", creation_options, origin);

  std::string object =
      "\xa3\x63"
      "fmt";
  if (json_text(creation_options, "attestation") == "direct") {
    object +=
        "\x66"
        "packed"
        "\x67"
        "attStmt"
        "\xa2\x63"
        "alg"
        "\x26\x63"
        "sig";
    object += bytes_item(sign(credential, data + hash_of(client)));
  } else {
    object +=
        "\x64"
        "none"
        "\x67"
        "attStmt"
        "\xa0";
  }
  object +=
      "\x68"
      "authData" +
      bytes_item(data);

  const std::string name = to_base64url(id);
  credentials_.emplace(name, std::move(credential));
  return answer(name, {{"clientDataJSON", to_base64url(client)},
                       {"attestationObject", to_base64url(object)},
                       {"transports", json::array{"internal"}}});
}

std::map<std::string, SoftwareAuthenticator::Credential>::iterator SoftwareAuthenticator::find(
    const json::object& request_options) {
  const json::value* const list = request_options.if_contains("allowCredentials");
  const bool any = list == nullptr || list->as_array().empty();
  for (auto at = credentials_.begin(); at != credentials_.end(); ++at) {
    const bool of_site = json_text(request_options, "rpId") == at->second.rp_id;
    if (of_site && (any || lists(request_options, "allowCredentials", at->first))) return at;
  }
  return credentials_.end();
}

std::optional<json::object> SoftwareAuthenticator::get(const json::object& request_options, std::string_view origin) {
  const auto found = find(request_options);
  if (found == credentials_.end()) return std::nullopt;
  Credential& credential = found->second;
  credential.counter += counter_step;
  const std::string data = authenticator_data(credential.rp_id, credential.counter, {});
  const std::string client = client_data("webauthn.get", request_options, origin);
  return answer(found->first, {{"clientDataJSON", to_base64url(client)},
                               {"authenticatorData", to_base64url(data)},
                               {"signature", to_base64url(sign(credential, data + hash_of(client)))},
                               {"userHandle", credential.user_id}});
}

void SoftwareAuthenticator::set_counter(const std::string& id, std::uint32_t counter) {
  credentials_.at(id).counter = counter;
}

}  // namespace countersign::testing
