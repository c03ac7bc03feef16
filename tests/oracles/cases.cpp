#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <functional>
#include <iostream>

#include "base/encoding.h"
#include "base/random.h"
#include "support/software_authenticator.h"
#include "support/vectors.h"
#include "unit/webauthn/vector_case.h"
#include "webauthn/challenge.h"
#include "webauthn/options.h"

// Ceremonies for other libraries to judge, as lines of JSON: a case in the form of tests/vectors/webauthn_*.json, with
// `verdict`, ours: "ok", or the word of the refusal. First those of the vectors, then fresh ones: of every algorithm,
// without a defect, and with one defect each, rightly signed unless the signature is the defect. With the argument
// `judge`, lines of such cases come in, and go out with our verdict.
namespace countersign::webauthn::testing {
namespace {

using countersign::testing::SoftwareAuthenticator;

constexpr const char* kSite = "example.com";
constexpr const char* kPage = "https://login.example.com";

struct Ceremony {
  SoftwareAuthenticator device;
  UserVerification verification = UserVerification::kPreferred;
  bool self_attestation = false;
  std::uint32_t stored_count = 0;
  json::object case_options = {};
  /// Spoils what was signed.
  std::function<void(json::object& response)> spoil = {};
};

struct Defect {
  const char* name;
  void (*make)(Ceremony&);
};

std::string_view word(UserVerification verification) {
  return verification == UserVerification::kRequired ? "required" : "preferred";
}

std::string bytes_at(const json::object& response, std::string_view member) {
  return *from_base64url(json_text_or_empty(response, member));
}

void show(json::object fields) {
  const VectorCase one(fields);
  fields["verdict"] = word_of(one.run());
  if (one.is_registration()) fields["registration_id"] = one.registration_id();
  std::cout << boost::json::serialize(fields) << '\n';
}

json::object case_of(std::string name, std::string_view kind, const Ceremony& ceremony, std::string_view challenge) {
  return {{"name", std::move(name)},
          {"kind", kind},
          {"rp_id", kSite},
          {"origin", kPage},
          {"challenge", to_base64url(challenge)},
          {"user_verification", word(ceremony.verification)},
          {"expect", "error"},
          {"options", ceremony.case_options}};
}

json::object inner(const json::object& answer) {
  json::object response = answer.at("response").as_object();
  response["id"] = answer.at("id");
  return response;
}

void registration(const std::string& name, Ceremony ceremony) {
  const std::string challenge = fresh_challenge(system_random());
  const RelyingParty party{kSite, {kPage}};
  const CreationOptions options{.party = party,
                                .party_name = "Example",
                                .user = {std::string(16, 'u'), "ana", "Ana"},
                                .challenge = challenge,
                                .user_verification = ceremony.verification,
                                .attestation = ceremony.self_attestation ? Conveyance::kDirect : Conveyance::kNone};
  auto fields = case_of(name, "registration", ceremony, challenge);
  auto response = inner(ceremony.device.create(creation_options(options)));
  if (ceremony.spoil) ceremony.spoil(response);
  fields["response"] = std::move(response);
  show(std::move(fields));
}

void authentication(const std::string& name, Ceremony ceremony) {
  const std::string challenge = fresh_challenge(system_random());
  const RelyingParty party{kSite, {kPage}};
  auto fields = case_of(name, "authentication", ceremony, challenge);
  fields["credential"] = json::object{{"id", to_base64url(ceremony.device.credential_id)},
                                      {"public_key", to_base64url(ceremony.device.cose_key())},
                                      {"sign_count", ceremony.stored_count}};
  const RequestOptions options{.party = party,
                               .challenge = challenge,
                               .allow = {{ceremony.device.credential_id, {}}},
                               .user_verification = ceremony.verification};
  auto response = inner(ceremony.device.get(request_options(options)));
  if (ceremony.spoil) ceremony.spoil(response);
  fields["response"] = std::move(response);
  show(std::move(fields));
}

Ceremony sound(Algorithm algorithm) {
  Ceremony ceremony{SoftwareAuthenticator(algorithm)};
  ceremony.device.origin = kPage;
  ceremony.device.rp_id = kSite;
  ceremony.device.sign_count = 7;
  return ceremony;
}

// Of both kinds.
constexpr Defect kOfBoth[] = {
    {"another challenge", [](Ceremony& c) { c.device.challenge = to_base64url(std::string(32, 'x')); }},
    {"another origin", [](Ceremony& c) { c.device.origin = "https://login.example.org"; }},
    {"an origin below", [](Ceremony& c) { c.device.origin = "https://www.login.example.com"; }},
    {"an origin with a port", [](Ceremony& c) { c.device.origin = "https://login.example.com:8443"; }},
    {"without TLS", [](Ceremony& c) { c.device.origin = "http://login.example.com"; }},
    {"another type", [](Ceremony& c) { c.device.type = "payment.get"; }},
    {"another RP", [](Ceremony& c) { c.device.rp_id = "example.org"; }},
    {"nobody present", [](Ceremony& c) { c.device.user_present = false; }},
    {"nobody verified",
     [](Ceremony& c) {
       c.device.user_verified = false;
       c.verification = UserVerification::kRequired;
     }},
    {"backed up and not eligible", [](Ceremony& c) { c.device.backed_up = true; }},
    {"in a frame", [](Ceremony& c) { c.device.top_origin = "https://other.example"; }},
    {"client data is no JSON",
     [](Ceremony& c) { c.spoil = [](json::object& r) { r["clientDataJSON"] = to_base64url("{"); }; }},
};
constexpr Defect kOfRegistrations[] = {
    {"an algorithm that was not asked for",
     [](Ceremony& c) {
       c.case_options["allowed_algs"] = json::array{c.device.algorithm() == Algorithm::kEs256 ? -8 : -7};
     }},
    {"self attestation wrongly signed", [](Ceremony& c) { c.self_attestation = c.device.wrong_signature = true; }},
    {"attestation object cut short",
     [](Ceremony& c) {
       c.spoil = [](json::object& r) {
         auto bytes = bytes_at(r, "attestationObject");
         bytes.resize(bytes.size() - 9);
         r["attestationObject"] = to_base64url(bytes);
       };
     }},
    {"bytes after the attestation object",
     [](Ceremony& c) {
       c.spoil = [](json::object& r) {
         r["attestationObject"] = to_base64url(bytes_at(r, "attestationObject") + "more");
       };
     }},
};
constexpr Defect kOfAuthentications[] = {
    {"a wrong signature", [](Ceremony& c) { c.device.wrong_signature = true; }},
    {"the signature of something else",
     [](Ceremony& c) {
       c.spoil = [device = c.device](json::object& r) { r["signature"] = to_base64url(device.sign("else")); };
     }},
    {"no signature", [](Ceremony& c) { c.spoil = [](json::object& r) { r["signature"] = ""; }; }},
    {"another flag than was signed",
     [](Ceremony& c) {
       c.device.user_verified = false;
       c.spoil = [](json::object& r) {
         auto bytes = bytes_at(r, "authenticatorData");
         bytes[32] = static_cast<char>(bytes[32] | 0x04);
         r["authenticatorData"] = to_base64url(bytes);
       };
     }},
    {"the stored counter again", [](Ceremony& c) { c.stored_count = c.device.sign_count; }},
    {"a counter that went back", [](Ceremony& c) { c.stored_count = c.device.sign_count + 9; }},
    {"a counter that went to zero",
     [](Ceremony& c) {
       c.stored_count = 5;
       c.device.sign_count = 0;
     }},
    {"authenticator data cut short",
     [](Ceremony& c) {
       c.spoil = [device = c.device](json::object& r) {
         const std::string data = bytes_at(r, "authenticatorData").substr(0, 36);
         r["authenticatorData"] = to_base64url(data);
       };
     }},
};
constexpr Defect kNone[] = {
    {"as it should be", [](Ceremony&) {}},
    {"verified where it must be", [](Ceremony& c) { c.verification = UserVerification::kRequired; }},
    {"touched alone where that is enough", [](Ceremony& c) { c.device.user_verified = false; }},
    {"synced", [](Ceremony& c) { c.device.backup_eligible = c.device.backed_up = true; }},
    {"could be synced", [](Ceremony& c) { c.device.backup_eligible = true; }},
    {"without a counter", [](Ceremony& c) { c.device.sign_count = 0; }},
};

void make_all() {
  constexpr std::array kAlgorithms{Algorithm::kEs256, Algorithm::kEdDsa, Algorithm::kEs384,
                                   Algorithm::kEs512, Algorithm::kEd448, Algorithm::kRs256};
  for (const Algorithm algorithm : kAlgorithms) {
    const auto name = [&](std::string_view kind, const Defect& defect) {
      return std::string("made: ").append(kind).append(" of ").append(std::to_string(number_of(algorithm))) + ", " +
             defect.name;
    };
    const auto each = [&](std::span<const Defect> defects, bool registrations, bool authentications) {
      for (const Defect& defect : defects) {
        auto ceremony = sound(algorithm);
        defect.make(ceremony);
        if (registrations) registration(name("registration", defect), ceremony);
        if (authentications) authentication(name("authentication", defect), ceremony);
      }
    };
    each(kNone, true, true);
    each(kOfBoth, true, true);
    each(kOfRegistrations, true, false);
    each(kOfAuthentications, false, true);
    auto self = sound(algorithm);
    self.self_attestation = true;
    registration(name("registration", {"self attestation", nullptr}), self);
  }
}

}  // namespace
}  // namespace countersign::webauthn::testing

int main(int argc, char** argv) {
  namespace t = countersign::webauthn::testing;
  if (argc > 1 && std::string_view(argv[1]) == "judge") {
    for (std::string line; std::getline(std::cin, line);) t::show(boost::json::parse(line).as_object());
    return 0;
  }
  for (const char* file : {"webauthn_w3c.json", "webauthn_generated.json"}) {
    const auto vectors = countersign::testing::own_vectors(file);
    for (const auto& one : vectors.at("cases").as_array()) t::show(one.as_object());
  }
  t::make_all();
  return 0;
}
