#include "crypto/sealing.h"

#include <span>

#include "crypto/openssl.h"

namespace countersign::crypto {

namespace {

constexpr char kVersion = 1;
constexpr std::uint32_t kDataKeyId = 0;
constexpr std::size_t kHeaderSize = 1 + 4;

// sealed :=
//    version     1 byte     1
//    key id      4 bytes    big-endian; 0: a data key, which is not in the keyring
//    nonce       24 bytes   random
//    ciphertext             as long as the content
//    tag         16 bytes
// ciphertext and tag := XAES-256-GCM(subkey "seal" of the key, or the data key; nonce, content, associated data)
//
// associated data :=
//    version     1 byte     as above
//    key id      4 bytes    as above
//    table       field
//    row         field      bytes of the row's id, or what else names it (store/repository)
//    column      field
// field :=
//    length      4 bytes    big-endian
//    bytes
//
// A wrapped data key is sealed with the 32 bytes of the key as content, in the place of the wrapped key.
// The length and the place of the key id are known to SQL as well: store/upkeep/sealed_columns.cpp.
std::string associated_data(std::uint32_t key_id, const Place& place) {
  std::string out;
  out.reserve(kHeaderSize + 12 + place.table.size() + place.row.size() + place.column.size());
  out.push_back(kVersion);
  append_be32(out, key_id);
  append_field(out, place.table);
  append_field(out, place.row);
  append_field(out, place.column);
  return out;
}

std::string seal_with(const Xaes& cipher, std::uint32_t key_id, std::string_view plain, const Place& place,
                      Random& random) {
  std::string out;
  out.reserve(kSealOverhead + plain.size());
  out.push_back(kVersion);
  append_be32(out, key_id);
  out.resize(kHeaderSize + Xaes::kNonceSize);
  random.fill(std::span(bytes_of(out) + kHeaderSize, Xaes::kNonceSize));
  const std::string_view nonce = std::string_view(out).substr(kHeaderSize);  // stays valid: the full size is reserved
  cipher.seal(nonce, plain, associated_data(key_id, place), out);
  return out;
}

/// `sealed` has passed key_id_of().
Result<SecretString, OpenError> open_with(const Xaes& cipher, std::uint32_t key_id, std::string_view sealed,
                                          const Place& place) {
  auto plain = cipher.open(sealed.substr(kHeaderSize, Xaes::kNonceSize), sealed.substr(kHeaderSize + Xaes::kNonceSize),
                           associated_data(key_id, place));
  if (!plain) return fail(OpenError::kForged);
  return std::move(*plain);
}

}  // namespace

std::optional<std::uint32_t> key_id_of(std::string_view sealed) {
  if (sealed.size() < kSealOverhead || sealed[0] != kVersion) return std::nullopt;
  std::uint32_t id = 0;
  for (std::size_t i = 1; i < kHeaderSize; ++i) id = id << 8 | static_cast<unsigned char>(sealed[i]);
  return id;
}

Sealer::Set Sealer::set_of(const Keyring& keyring) {
  Set set{{}, keyring.current_id()};
  for (const std::uint32_t id : keyring.ids()) {
    set.keys.push_back({id, Xaes(keyring.subkey(id, "seal"), Xaes::Keep::kPerThread)});
  }
  return set;
}

const Xaes* Sealer::Set::find(std::uint32_t id) const {
  for (const Key& key : keys) {
    if (key.id == id) return &key.cipher;
  }
  return nullptr;
}

std::string Sealer::seal(std::string_view plain, const Place& place, Random& random) const {
  const Set& set = set_.get();
  return seal_with(*set.find(set.current_id), set.current_id, plain, place, random);
}

Result<SecretString, OpenError> Sealer::open(std::string_view sealed, const Place& place) const {
  const auto id = key_id_of(sealed);
  if (!id) return fail(OpenError::kMalformed);
  const Xaes* cipher = set_.get().find(*id);
  if (cipher == nullptr) return fail(OpenError::kUnknownKey);
  return open_with(*cipher, *id, sealed, place);
}

DataKey DataKey::make(Random& random) { return DataKey(SecretString(random.bytes(Xaes::kKeySize))); }

std::string DataKey::seal(std::string_view plain, const Place& place, Random& random) const {
  return seal_with(cipher_, kDataKeyId, plain, place, random);
}

Result<SecretString, OpenError> DataKey::open(std::string_view sealed, const Place& place) const {
  const auto id = key_id_of(sealed);
  if (!id) return fail(OpenError::kMalformed);
  if (*id != kDataKeyId) return fail(OpenError::kUnknownKey);
  return open_with(cipher_, *id, sealed, place);
}

std::string DataKey::wrap(const Sealer& sealer, const Place& place, Random& random) const {
  return sealer.seal(cipher_.key().expose(), place, random);
}

Result<DataKey, OpenError> DataKey::unwrap(const Sealer& sealer, std::string_view wrapped, const Place& place) {
  auto key = sealer.open(wrapped, place);
  if (!key) return fail(key.error());
  if (key->expose().size() != Xaes::kKeySize) return fail(OpenError::kMalformed);
  return DataKey(std::move(*key));
}

}  // namespace countersign::crypto
