#include "statement_maker.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace countersign::webauthn::testing {

namespace {

/// Of a text, an array or a map with fewer than 24 bytes or members: tests need no longer ones.
std::string cbor_head(unsigned major, std::size_t number) {
  EXPECT_LT(number, 24U);
  return {static_cast<char>(major << 5 | number)};
}

std::string cose_key(const MadeKey& key) {
  const auto [first, second] = key.parts();
  if (EVP_PKEY_get_base_id(key.native()) == EVP_PKEY_RSA) return cose_rsa(-257, first, second);
  if (first.size() == 32) return cose_ec2(-7, 1, first, second);
  return first.size() == 48 ? cose_ec2(-35, 2, first, second) : cose_ec2(-36, 3, first, second);
}

}  // namespace

std::string cbor_text(std::string_view text) { return cbor_head(3, text.size()).append(text); }

std::string cbor_array(const std::vector<std::string>& items) {
  std::string out = cbor_head(4, items.size());
  for (const std::string& item : items) out += item;
  return out;
}

std::string cbor_map(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string out = cbor_head(5, entries.size());
  for (const auto& [key, value] : entries) out += key + value;
  return out;
}

std::string statement_of(const std::vector<std::pair<std::string_view, std::string>>& entries) {
  std::vector<std::pair<std::string, std::string>> present;
  for (const auto& [name, value] : entries) {
    if (!value.empty()) present.emplace_back(cbor_text(name), value);
  }
  return cbor_map(present);
}

MadeCredential::MadeCredential(MadeKey with) : key(std::move(with)) {
  // rpIdHash, flags UP, UV and AT, counter, AAGUID, the id's length and the id, the key.
  authenticator_data =
      std::string(32, 'r') + "\x45" + std::string(4, '\0') + aaguid + std::string("\0\x04", 2) + "cred" + cose_key(key);
}

std::string MadeCredential::judge(std::string_view format, std::string_view statement) const {
  const auto data = parse_authenticator_data(authenticator_data).value();
  const auto credential_key = PublicKey::from_cose(data.credential->public_key).value();
  const auto map = parse_cbor(statement).value();
  const auto verified = verify_statement({format, map, data, credential_key, client_data_hash});
  return std::string(verified ? attestation_type_name(verified->type) : refusal_word(verified.error()));
}

}  // namespace countersign::webauthn::testing
