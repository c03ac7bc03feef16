#include "unit/webauthn/vector_case.h"

#include <boost/json/serialize.hpp>
#include <map>
#include <stdexcept>
#include <utility>

#include "base/encoding.h"
#include "crypto/digest.h"
#include "support/vectors.h"
#include "webauthn/response_json.h"

namespace countersign::webauthn::testing {

namespace {

using countersign::testing::text_of;

std::vector<std::string> text_list(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  if (const json::value* const list = object.if_contains(name)) {
    for (const auto& text : list->as_array()) out.push_back(text_of(text));
  }
  return out;
}

std::vector<std::string> decoded_list(const json::object& object, std::string_view name) {
  std::vector<std::string> out;
  for (const std::string& text : text_list(object, name)) out.push_back(from_base64url(text).value());
  return out;
}

std::vector<std::string_view> views(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

bool is_set(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->as_bool();
}

UserVerification verification_of(const std::string& name) {
  static const std::map<std::string, UserVerification> names{{"required", UserVerification::kRequired},
                                                             {"preferred", UserVerification::kPreferred},
                                                             {"discouraged", UserVerification::kDiscouraged}};
  return names.at(name);
}

AttestationType type_of(const std::string& name) {
  for (const auto type : {AttestationType::kNone, AttestationType::kSelf, AttestationType::kBasic,
                          AttestationType::kAttCa, AttestationType::kAnonCa}) {
    if (attestation_type_name(type) == name) return type;
  }
  throw std::runtime_error("no attestation type: " + name);
}

std::vector<Algorithm> algorithms_of(const json::object& options) {
  std::vector<Algorithm> out{Algorithm::kEs256, Algorithm::kEdDsa, Algorithm::kEs384,
                             Algorithm::kEs512, Algorithm::kEd448, Algorithm::kRs256};
  if (const json::value* const list = options.if_contains("allowed_algs")) {
    out.clear();
    for (const auto& number : list->as_array()) out.push_back(algorithm_numbered(number.as_int64()).value());
  }
  return out;
}

AttestationPolicy policy_of(const json::object& options) {
  AttestationPolicy policy;
  if (options.contains("accepted_attestation_types")) {
    policy.accepted.clear();
    for (const std::string& name : text_list(options, "accepted_attestation_types")) {
      policy.accepted.push_back(type_of(name));
    }
  }
  if (options.contains("trust_anchors")) {
    std::vector<Certificate> anchors;
    for (const std::string& der : decoded_list(options, "trust_anchors")) {
      anchors.push_back(Certificate::parse(der).value());
    }
    policy.anchors = [anchors](std::string_view, const Certificate&) { return anchors; };
  }
  return policy;
}

WallTime time_of(const json::object& options) {
  const json::value* const seconds = options.if_contains("verify_time");
  return WallTime(std::chrono::seconds(seconds != nullptr ? seconds->as_int64() : 0));
}

/// Most registrations do not name the credential beside the answer, as a browser does.
std::string id_of(const json::object& response) {
  if (response.contains("id")) return text_of(response.at("id"));
  const auto bytes = from_base64url(text_of(response.at("attestationObject")));
  const auto object = parse_attestation_object(*bytes);
  const auto data = object ? parse_authenticator_data(object->authenticator_data)
                           : Result<AuthenticatorData, Refusal>(fail(object.error()));
  return data && data->credential && !data->credential->id.empty() ? to_base64url(data->credential->id) : "AA";
}

/// The object that a page sends.
json::object credential_json(const json::object& response, const std::string& id) {
  json::object inner = response;
  json::object out{{"type", "public-key"}, {"id", id}, {"rawId", id}};
  const json::value* const results = response.if_contains("clientExtensionResults");
  out["clientExtensionResults"] = results != nullptr ? *results : json::object();
  inner.erase("id");
  inner.erase("clientExtensionResults");
  out["response"] = std::move(inner);
  return out;
}

template <class T>
Outcome outcome_of(Result<T, Refusal> result) {
  if (!result) return result.error();
  return *std::move(result);
}

}  // namespace

std::string decoded(const json::value& value) { return from_base64url(text_of(value)).value(); }

VectorCase::VectorCase(const json::object& fields)
    : name_(text_of(fields.at("name"))),
      registration_(json_text(fields, "kind") == "registration"),
      expects_ok_(json_text(fields, "expect") == "ok"),
      fields_(fields) {
  if (const json::value* const options = fields.if_contains("options")) options_ = options->as_object();
  party_.id = text_of(fields.at("rp_id"));
  party_.origins = {text_of(fields.at("origin"))};
  party_.cross_origin_allowed = is_set(options_, "allow_cross_origin");
  party_.top_origins = text_list(options_, "top_origins");
  policy_ = policy_of(options_);
  if (registration_) registration_id_ = id_of(fields.at("response").as_object());
}

bool VectorCase::has(std::string_view member) const { return fields_.at("response").as_object().contains(member); }

std::string VectorCase::bytes_of(std::string_view member) const { return decoded(fields_.at("response").at(member)); }

Outcome VectorCase::run() const { return run(fields_.at("response").as_object()); }

Outcome VectorCase::run_with(std::string_view member, std::string_view bytes) const {
  json::object response = fields_.at("response").as_object();
  response[member] = to_base64url(bytes);
  return run(response);
}

Outcome VectorCase::run_step(const json::object& step, std::uint32_t sign_count) const {
  VectorCase copy = *this;
  copy.fields_["challenge"] = step.at("challenge");
  copy.fields_["credential"].as_object()["sign_count"] = sign_count;
  return copy.run(step.at("response").as_object());
}

Outcome VectorCase::run(const json::object& response) const {
  if (registration_) {
    return run_registration(credential_json(response, registration_id_));
  }
  const json::object& stored = fields_.at("credential").as_object();
  const std::string id = response.contains("id") ? text_of(response.at("id"))
                         : stored.contains("id") ? text_of(stored.at("id"))
                                                 : "AA";
  return run_authentication(credential_json(response, id));
}

Outcome VectorCase::run_registration(const json::object& credential) const {
  const auto response = read_registration_response(boost::json::serialize(credential));
  if (!response) return response.error();
  const std::string challenge = decoded(fields_.at("challenge"));
  const auto registered = decoded_list(options_, "registered_ids");
  return outcome_of(register_credential({.party = party_,
                                         .challenge = challenge,
                                         .user_verification = verification_of(text_of(fields_.at("user_verification"))),
                                         .algorithms = algorithms_of(options_),
                                         .attestation = policy_,
                                         .now = time_of(options_),
                                         .conditional = json_text(options_, "mediation") == "conditional",
                                         .registered_ids = views(registered)},
                                        *response));
}

Outcome VectorCase::run_authentication(const json::object& credential) const {
  const auto response = read_authentication_response(boost::json::serialize(credential));
  if (!response) return response.error();
  const json::object& stored = fields_.at("credential").as_object();
  const auto key = PublicKey::from_cose(decoded(stored.at("public_key")));
  if (!key) return key.error();
  const std::string id = stored.contains("id") ? decoded(stored.at("id")) : response->id;
  const std::string handle = stored.contains("user_handle") ? decoded(stored.at("user_handle")) : "";
  StoredCredential record{.id = id, .key = *key, .sign_count = stored.at("sign_count").to_number<std::uint32_t>()};
  if (stored.contains("backup_eligible")) record.backup_eligible = stored.at("backup_eligible").as_bool();
  if (stored.contains("user_handle")) record.user_handle = handle;
  const std::string challenge = decoded(fields_.at("challenge"));
  const auto allowed = decoded_list(options_, "allow_credentials");
  const std::string appid = json_text_or_empty(options_, "appid");
  return outcome_of(authenticate({.party = party_,
                                  .challenge = challenge,
                                  .user_verification = verification_of(text_of(fields_.at("user_verification"))),
                                  .allow_credentials = views(allowed),
                                  .discoverable = is_set(options_, "discoverable"),
                                  .appid = appid,
                                  .anomalies = anomalies_},
                                 record, *response));
}

std::string signed_message(const VectorCase& test) {
  return test.bytes_of("authenticatorData") + crypto::sha256(test.bytes_of("clientDataJSON"));
}

std::vector<VectorCase> cases_of(const json::value& file) {
  std::vector<VectorCase> out;
  for (const auto& fields : file.at("cases").as_array()) out.emplace_back(fields.as_object());
  return out;
}

std::string word_of(const Outcome& outcome) {
  const auto* const refusal = std::get_if<Refusal>(&outcome);
  return refusal != nullptr ? std::string(refusal_word(*refusal)) : "ok";
}

}  // namespace countersign::webauthn::testing
