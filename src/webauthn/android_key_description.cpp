#include "webauthn/android_key_description.h"

#include "webauthn/der.h"

namespace countersign::webauthn {

namespace {

constexpr std::uint32_t kPurposeTag = 1;
constexpr std::uint32_t kAllApplicationsTag = 600;
constexpr std::uint32_t kOriginTag = 702;
constexpr std::size_t kPurposesMax = 16;

std::optional<std::vector<std::uint64_t>> read_purposes(std::string_view explicit_content) {
  const auto set = der::only_element(explicit_content);
  if (!set || !set->is(der::kSet)) return std::nullopt;
  std::vector<std::uint64_t> purposes;
  der::Reader reader(set->content);
  while (!reader.done()) {
    const auto purpose = reader.next_number(der::kInteger);
    if (!purpose || purposes.size() == kPurposesMax) return std::nullopt;
    purposes.push_back(*purpose);
  }
  return purposes;
}

std::optional<std::uint64_t> read_origin(std::string_view explicit_content) {
  der::Reader reader(explicit_content);
  const auto origin = reader.next_number(der::kInteger);
  return reader.done() ? origin : std::nullopt;
}

// AuthorizationList ::= SEQUENCE { …each [tag] EXPLICIT … OPTIONAL, in the order of their tags }
std::optional<AndroidAuthorizations> read_authorizations(std::string_view list) {
  AndroidAuthorizations read;
  std::int64_t last_tag = -1;
  der::Reader reader(list);
  while (!reader.done()) {
    const auto property = reader.next();
    if (!property || !property->is_explicit(property->tag)) return std::nullopt;
    // In order, so that none is there twice.
    if (property->tag <= last_tag) return std::nullopt;
    last_tag = property->tag;
    if (property->tag == kPurposeTag) {
      auto purposes = read_purposes(property->content);
      if (!purposes) return std::nullopt;
      read.purposes = std::move(*purposes);
    } else if (property->tag == kAllApplicationsTag) {
      read.all_applications = true;
    } else if (property->tag == kOriginTag) {
      read.origin = read_origin(property->content);
      if (!read.origin) return std::nullopt;
    }
  }
  return read;
}

}  // namespace

// KeyDescription ::= SEQUENCE {
//    attestationVersion        INTEGER
//    attestationSecurityLevel  ENUMERATED
//    keymasterVersion          INTEGER
//    keymasterSecurityLevel    ENUMERATED
//    attestationChallenge      OCTET STRING
//    uniqueId                  OCTET STRING
//    softwareEnforced          AuthorizationList
//    teeEnforced               AuthorizationList }
std::optional<AndroidKeyDescription> read_android_key_description(std::string_view der) {
  const auto sequence = der::only_element(der);
  if (!sequence || !sequence->is(der::kSequence)) return std::nullopt;
  der::Reader reader(sequence->content);
  for (const std::uint32_t type : {der::kInteger, der::kEnumerated, der::kInteger, der::kEnumerated}) {
    if (!reader.next_number(type)) return std::nullopt;
  }
  const auto challenge = reader.next(der::kOctetString);
  const auto unique_id = reader.next(der::kOctetString);
  const auto software = reader.next(der::kSequence);
  const auto tee = reader.next(der::kSequence);
  if (!challenge || !unique_id || !software || !tee || !reader.done()) return std::nullopt;
  auto software_enforced = read_authorizations(*software);
  auto tee_enforced = read_authorizations(*tee);
  if (!software_enforced || !tee_enforced) return std::nullopt;
  return AndroidKeyDescription{std::string(*challenge), std::move(*software_enforced), std::move(*tee_enforced)};
}

}  // namespace countersign::webauthn
