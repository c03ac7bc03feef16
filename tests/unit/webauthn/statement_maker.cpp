#include "statement_maker.h"

#include <openssl/evp.h>

namespace countersign::webauthn::testing {

namespace {

std::string cbor_head(unsigned major, std::uint64_t number) {
  const auto first = [&](unsigned info) { return static_cast<char>(major << 5 | info); };
  if (number < 24) return {first(static_cast<unsigned>(number))};
  if (number < 0x100) return {first(24), static_cast<char>(number)};
  if (number < 0x10000) return {first(25), static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
  return {first(26), static_cast<char>(number >> 24), static_cast<char>(number >> 16 & 0xFF),
          static_cast<char>(number >> 8 & 0xFF), static_cast<char>(number & 0xFF)};
}

std::string cose_key(const MadeKey& key) {
  const auto [first, second] = key.parts();
  if (EVP_PKEY_get_base_id(key.native()) == EVP_PKEY_RSA) {
    return cbor_map({{cbor_int(1), cbor_int(3)},
                     {cbor_int(3), cbor_int(-257)},
                     {cbor_int(-1), cbor_bytes(first)},
                     {cbor_int(-2), cbor_bytes(second)}});
  }
  const int curve = first.size() == 32 ? 1 : first.size() == 48 ? 2 : 3;
  const int algorithm = first.size() == 32 ? -7 : first.size() == 48 ? -35 : -36;
  return cbor_map({{cbor_int(1), cbor_int(2)},
                   {cbor_int(3), cbor_int(algorithm)},
                   {cbor_int(-1), cbor_int(curve)},
                   {cbor_int(-2), cbor_bytes(first)},
                   {cbor_int(-3), cbor_bytes(second)}});
}

}  // namespace

std::string cbor_int(std::int64_t number) {
  return number >= 0 ? cbor_head(0, static_cast<std::uint64_t>(number))
                     : cbor_head(1, static_cast<std::uint64_t>(-1 - number));
}

std::string cbor_bytes(std::string_view bytes) { return cbor_head(2, bytes.size()).append(bytes); }

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
