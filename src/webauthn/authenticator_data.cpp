#include "webauthn/authenticator_data.h"

#include <utility>

namespace countersign::webauthn {

namespace {

// authenticator data :=
//    rp_id_hash   32 bytes
//    flags         1 byte     UP 01, UV 04, BE 08, BS 10, AT 40, ED 80
//    sign_count    4 bytes    big-endian, unsigned
//    credential               where AT: aaguid 16 bytes, length 2 bytes big-endian, id, COSE_Key
//    extensions               where ED: a CBOR map

constexpr std::size_t kHashSize = 32;
constexpr std::size_t kFixedSize = kHashSize + 1 + 4;
constexpr unsigned kUserPresent = 0x01;
constexpr unsigned kUserVerified = 0x04;
constexpr unsigned kBackupEligible = 0x08;
constexpr unsigned kBackedUp = 0x10;
constexpr unsigned kAttestedCredential = 0x40;
constexpr unsigned kExtensions = 0x80;

std::string_view take(std::string_view& bytes, std::size_t size) {
  const std::string_view taken = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return taken;
}

std::uint32_t number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

Result<AttestedCredential, Refusal> take_credential(std::string_view& rest) {
  constexpr std::size_t kLengthSize = 2;
  if (rest.size() < kAaguidSize + kLengthSize) return fail(Refusal::kAuthenticatorDataMalformed);
  AttestedCredential credential;
  credential.aaguid = take(rest, kAaguidSize);
  const std::size_t id_size = number(take(rest, kLengthSize));
  if (id_size > rest.size()) return fail(Refusal::kAuthenticatorDataMalformed);
  if (id_size > kCredentialIdMax) return fail(Refusal::kCredentialIdTooLong);
  credential.id = take(rest, id_size);

  // The key has no length of its own: it ends where its CBOR ends.
  const std::string_view from_key = rest;
  const auto key = take_cbor(rest);
  if (!key || !key->is_map()) return fail(Refusal::kAuthenticatorDataMalformed);
  credential.public_key = from_key.substr(0, from_key.size() - rest.size());
  return credential;
}

}  // namespace

Result<AuthenticatorData, Refusal> parse_authenticator_data(std::string_view bytes) {
  if (bytes.size() < kFixedSize) return fail(Refusal::kAuthenticatorDataMalformed);
  AuthenticatorData data;
  data.bytes = bytes;
  std::string_view rest = bytes;
  data.rp_id_hash = take(rest, kHashSize);
  const unsigned flags = number(take(rest, 1));
  data.flags = {.user_present = (flags & kUserPresent) != 0,
                .user_verified = (flags & kUserVerified) != 0,
                .backup_eligible = (flags & kBackupEligible) != 0,
                .backed_up = (flags & kBackedUp) != 0};
  data.sign_count = number(take(rest, 4));

  if ((flags & kAttestedCredential) != 0) {
    auto credential = take_credential(rest);
    if (!credential) return fail(credential.error());
    data.credential = *credential;
  }
  if ((flags & kExtensions) != 0) {
    auto extensions = take_cbor(rest);
    if (!extensions || !extensions->is_map()) return fail(Refusal::kAuthenticatorDataMalformed);
    data.extensions = std::move(*extensions);
  }
  if (!rest.empty()) return fail(Refusal::kAuthenticatorDataMalformed);
  return data;
}

}  // namespace countersign::webauthn
