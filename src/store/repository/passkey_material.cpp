#include "store/repository/passkey_material.h"

#include <initializer_list>

#include "store/repository/packed_text.h"

namespace countersign::store {

namespace {

// material := version, form, and what belongs to it
//    version  one byte, 1
//    form     one letter: o an offer, c a credential
//    of an offer: RP ID, challenge, flags; and if the person adds it, the operation
//    of a credential: RP ID, credential id, public key, counter, flags, AAGUID, attestation format, attestation type,
//                     number of transports, and each; and once it was used, the letter u and the day
//
// counter := a packed number; flags := a packed number, in the order of the members, the first the lowest bit
// others  := texts, as in packed_text.h
constexpr std::string_view kMaterialVersion = "\x01";
constexpr std::string_view kOfferForm = "o";
constexpr std::string_view kCredentialForm = "c";
constexpr std::string_view kUsedMark = "u";
constexpr std::string_view kMaterialUnreadable = "unreadable material of a passkey";

std::uint64_t flags_of(std::initializer_list<bool> members) {
  std::uint64_t flags = 0;
  std::uint64_t bit = 1;
  for (const bool member : members) {
    if (member) flags |= bit;
    bit <<= 1U;
  }
  return flags;
}

void append_packed_texts(std::string& out, std::initializer_list<std::string_view> texts) {
  for (const auto text : texts) append_packed_text(out, text);
}

/// Behind version and form, if it is that form.
std::optional<PackedReader> reader_of(std::string_view material, std::string_view form) {
  PackedReader reader(material, kMaterialUnreadable);
  if (reader.bytes(1) != kMaterialVersion) reader.refuse();
  const std::string_view found = reader.bytes(1);
  if (found != kOfferForm && found != kCredentialForm) reader.refuse();
  return found == form ? std::optional(reader) : std::nullopt;
}

}  // namespace

std::string encode(const PasskeyOffer& offer) {
  std::string out(kMaterialVersion);
  out += kOfferForm;
  append_packed_texts(out, {offer.rp_id, offer.challenge});
  append_packed_number(out, flags_of({offer.user_verification}));
  if (!offer.operation.empty()) append_packed_text(out, offer.operation);
  return out;
}

std::string encode(const PasskeyRecord& record) {
  std::string out(kMaterialVersion);
  out += kCredentialForm;
  append_packed_texts(out, {record.rp_id, record.credential_id, record.public_key});
  append_packed_number(out, record.sign_count);
  append_packed_number(
      out, flags_of({record.user_verified, record.backup_eligible, record.backed_up, record.attestation_trusted}));
  append_packed_texts(out, {record.aaguid, record.attestation_format, record.attestation_type});
  append_packed_number(out, record.transports.size());
  for (const auto& transport : record.transports) append_packed_text(out, transport);
  if (record.used_day > 0) {
    out += kUsedMark;
    append_packed_number(out, record.used_day);
  }
  return out;
}

std::optional<PasskeyOffer> decode_passkey_offer(std::string_view material) {
  auto reader = reader_of(material, kOfferForm);
  if (!reader) return std::nullopt;
  PasskeyOffer offer;
  offer.rp_id = reader->text();
  offer.challenge = reader->text();
  offer.user_verification = (reader->number() & 1U) != 0;
  if (!reader->at_end()) {
    offer.operation = reader->text();
    if (offer.operation.size() != 16) reader->refuse();
  }
  reader->finish();
  return offer;
}

std::optional<PasskeyRecord> decode_passkey_record(std::string_view material) {
  auto reader = reader_of(material, kCredentialForm);
  if (!reader) return std::nullopt;
  PasskeyRecord record;
  record.rp_id = reader->text();
  record.credential_id = reader->text();
  record.public_key = reader->text();
  record.sign_count = static_cast<std::uint32_t>(reader->number());
  const std::uint64_t flags = reader->number();
  record.user_verified = (flags & 1U) != 0;
  record.backup_eligible = (flags & 2U) != 0;
  record.backed_up = (flags & 4U) != 0;
  record.attestation_trusted = (flags & 8U) != 0;
  record.aaguid = reader->text();
  record.attestation_format = reader->text();
  record.attestation_type = reader->text();
  for (auto left = reader->number(); left > 0; --left) record.transports.push_back(reader->text());
  if (!reader->at_end()) {
    if (reader->bytes(1) != kUsedMark) reader->refuse();
    record.used_day = reader->number();
  }
  reader->finish();
  return record;
}

}  // namespace countersign::store
