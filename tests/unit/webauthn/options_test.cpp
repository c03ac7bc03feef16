#include "webauthn/options.h"

#include <gtest/gtest.h>

#include "webauthn/challenge.h"

namespace countersign::webauthn {
namespace {

RelyingParty options_party() {
  RelyingParty party;
  party.id = "example.com";
  return party;
}

// The whole text, as PublicKeyCredential.parseCreationOptionsFromJSON() takes it. [WA-R2]
TEST(Options, Creation) {
  const RelyingParty party = options_party();
  CreationOptions options{.party = party,
                          .party_name = "Example",
                          .user = {std::string(16, '\xff'), "ana", "Ana A."},
                          .challenge = std::string(32, '\0'),
                          .exclude = {{"\x01\x02\x03", {"internal", "usb"}}, {"\x04", {}}}};
  EXPECT_EQ(
      canonical_json(creation_options(options)),
      R"({"attestation":"none",)"
      R"("authenticatorSelection":{"requireResidentKey":false,"residentKey":"preferred","userVerification":"preferred"},)"
      R"("challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",)"
      R"("excludeCredentials":[{"id":"AQID","transports":["internal","usb"],"type":"public-key"},{"id":"BA","type":"public-key"}],)"
      R"("extensions":{"credProps":true},)"
      R"("pubKeyCredParams":[{"alg":-8,"type":"public-key"},{"alg":-7,"type":"public-key"},{"alg":-257,"type":"public-key"}],)"
      R"("rp":{"id":"example.com","name":"Example"},"timeout":300000,)"
      R"("user":{"displayName":"Ana A.","id":"_____________________w","name":"ana"}})");

  options.attachment = "cross-platform";
  options.hints = {"security-key"};
  options.resident_key = ResidentKey::kRequired;
  options.attestation = Conveyance::kDirect;
  options.user_verification = UserVerification::kRequired;
  const json::object out = creation_options(options);
  EXPECT_EQ(
      canonical_json(out.at("authenticatorSelection")),
      R"({"authenticatorAttachment":"cross-platform","requireResidentKey":true,"residentKey":"required","userVerification":"required"})");
  EXPECT_EQ(canonical_json(out.at("hints")), R"(["security-key"])");
  EXPECT_EQ(out.at("attestation"), "direct");
}

TEST(Options, Request) {
  const RelyingParty party = options_party();
  RequestOptions options{.party = party, .challenge = std::string(32, '\0'), .allow = {{"\x01\x02\x03", {"hybrid"}}}};
  EXPECT_EQ(canonical_json(request_options(options)),
            R"({"allowCredentials":[{"id":"AQID","transports":["hybrid"],"type":"public-key"}],)"
            R"("challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",)"
            R"("rpId":"example.com","timeout":300000,"userVerification":"required"})");
  options.appid = "https://example.com/app-id.json";
  EXPECT_EQ(canonical_json(request_options(options).at("extensions")),
            R"({"appid":"https://example.com/app-id.json"})");
}

}  // namespace
}  // namespace countersign::webauthn
