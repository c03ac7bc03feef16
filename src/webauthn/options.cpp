#include "webauthn/options.h"

#include "base/check.h"
#include "base/encoding.h"
#include "webauthn/sizes.h"

namespace countersign::webauthn {

namespace {

constexpr std::size_t kUserIdMin = 16;

std::string_view verification_name(UserVerification wanted) {
  switch (wanted) {
    case UserVerification::kRequired:
      return "required";
    case UserVerification::kPreferred:
      return "preferred";
    case UserVerification::kDiscouraged:
      return "discouraged";
  }
  CS_CHECK(false);
}

std::string_view resident_key_name(ResidentKey wanted) {
  switch (wanted) {
    case ResidentKey::kDiscouraged:
      return "discouraged";
    case ResidentKey::kPreferred:
      return "preferred";
    case ResidentKey::kRequired:
      return "required";
  }
  CS_CHECK(false);
}

std::string_view conveyance_name(Conveyance wanted) {
  switch (wanted) {
    case Conveyance::kNone:
      return "none";
    case Conveyance::kIndirect:
      return "indirect";
    case Conveyance::kDirect:
      return "direct";
    case Conveyance::kEnterprise:
      return "enterprise";
  }
  CS_CHECK(false);
}

json::array texts(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& text : list) out.emplace_back(text);
  return out;
}

json::array descriptors(const std::vector<KnownCredential>& credentials) {
  json::array out;
  for (const KnownCredential& credential : credentials) {
    json::object descriptor{{"type", "public-key"}, {"id", to_base64url(credential.id)}};
    if (!credential.transports.empty()) descriptor["transports"] = texts(credential.transports);
    out.emplace_back(std::move(descriptor));
  }
  return out;
}

json::array parameters(const std::vector<Algorithm>& algorithms) {
  json::array out;
  for (const Algorithm algorithm : algorithms) {
    out.emplace_back(json::object{{"type", "public-key"}, {"alg", number_of(algorithm)}});
  }
  return out;
}

/// requireResidentKey is for browsers of Level 1, which do not know residentKey (5.4.4).
json::object selection(const CreationOptions& options) {
  json::object out{{"residentKey", resident_key_name(options.resident_key)},
                   {"requireResidentKey", options.resident_key == ResidentKey::kRequired},
                   {"userVerification", verification_name(options.user_verification)}};
  if (!options.attachment.empty()) out["authenticatorAttachment"] = options.attachment;
  return out;
}

}  // namespace

json::object creation_options(const CreationOptions& options) {
  CS_CHECK(options.user.id.size() >= kUserIdMin && options.user.id.size() <= kUserHandleMax);
  json::object out{{"rp", json::object{{"id", options.party.id}, {"name", options.party_name}}},
                   {"user", json::object{{"id", to_base64url(options.user.id)},
                                         {"name", options.user.name},
                                         {"displayName", options.user.display_name}}},
                   {"challenge", to_base64url(options.challenge)},
                   {"pubKeyCredParams", parameters(options.algorithms)},
                   {"timeout", options.timeout.count()},
                   {"excludeCredentials", descriptors(options.exclude)},
                   {"authenticatorSelection", selection(options)},
                   {"attestation", conveyance_name(options.attestation)},
                   {"extensions", json::object{{"credProps", true}}}};
  if (!options.hints.empty()) out["hints"] = texts(options.hints);
  return out;
}

json::object request_options(const RequestOptions& options) {
  json::object out{{"challenge", to_base64url(options.challenge)},
                   {"timeout", options.timeout.count()},
                   {"rpId", options.party.id},
                   {"allowCredentials", descriptors(options.allow)},
                   {"userVerification", verification_name(options.user_verification)}};
  if (!options.hints.empty()) out["hints"] = texts(options.hints);
  if (!options.appid.empty()) out["extensions"] = json::object{{"appid", options.appid}};
  return out;
}

}  // namespace countersign::webauthn
