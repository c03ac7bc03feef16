#include "webauthn/ceremony.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "support/software_authenticator.h"
#include "webauthn/challenge.h"
#include "webauthn/options.h"
#include "webauthn/response_json.h"

// Ceremonies between our options, an authenticator in software, and our checks.
namespace countersign::webauthn {
namespace {

using countersign::testing::SoftwareAuthenticator;

/// One site and one person's authenticator.
class Site {
 public:
  Site() {
    party.id = "example.com";
    party.origins = {origin, "android:apk-key-hash:abc"};
    authenticator.origin = origin;
    authenticator.rp_id = party.id;
    authenticator.counts = true;
  }

  json::object creation() const {
    return creation_options({.party = party,
                             .party_name = "Example",
                             .user = {user_id, "ana", "Ana"},
                             .challenge = challenge,
                             .exclude = exclude,
                             .attestation = conveyance});
  }

  Result<Registration, Refusal> enrol(std::string_view page = origin) {
    authenticator.origin = page;
    const auto response = read_registration_response(authenticator.create(creation()));
    if (!response) return fail(response.error());
    return judge(*response);
  }

  Result<Registration, Refusal> judge(const RegistrationResponse& response) const {
    return register_credential({.party = party,
                                .challenge = challenge,
                                .user_verification = verification,
                                .algorithms = {Algorithm::kEs256},
                                .attestation = policy,
                                .now = WallTime(std::chrono::seconds(1'750'000'000)),
                                .conditional = conditional},
                               response);
  }

  json::object request(const Registration& stored) const {
    return request_options({.party = party,
                            .challenge = challenge,
                            .allow = {{stored.credential_id, stored.transports}},
                            .user_verification = verification});
  }

  Result<Assertion, Refusal> use(const Registration& stored, std::string_view page = origin,
                                 Anomalies anomalies = Anomalies::kReport) {
    authenticator.origin = page;
    const auto response = read_authentication_response(authenticator.get(request(stored)));
    if (!response) return fail(response.error());
    return authenticate({.party = party,
                         .challenge = challenge,
                         .user_verification = verification,
                         .discoverable = true,
                         .anomalies = anomalies},
                        {.id = stored.credential_id,
                         .key = stored.key,
                         .sign_count = stored.sign_count,
                         .backup_eligible = stored.flags.backup_eligible,
                         .user_handle = user_id},
                        *response);
  }

  static constexpr const char* origin = "https://login.example.com";
  RelyingParty party;
  SoftwareAuthenticator authenticator;
  AttestationPolicy policy;
  std::string user_id = std::string(16, 'u');
  std::string challenge = fresh_challenge(system_random());
  std::vector<KnownCredential> exclude;
  Conveyance conveyance = Conveyance::kNone;
  UserVerification verification = UserVerification::kRequired;
  bool conditional = false;
};

template <class T>
std::string word(const Result<T, Refusal>& result) {
  return result ? "ok" : std::string(refusal_word(result.error()));
}

// All that is to be stored. [WA-R21]
TEST(Ceremony, EnrolAndUse) {
  Site site;
  site.authenticator.backup_eligible = true;
  site.authenticator.backed_up = true;
  const auto stored = site.enrol();
  ASSERT_EQ(word(stored), "ok");
  EXPECT_EQ(stored->credential_id.size(), 32U);
  EXPECT_TRUE(PublicKey::from_cose(stored->public_key)->is_same_key(stored->key));
  EXPECT_EQ(stored->sign_count, 0U);
  EXPECT_EQ(stored->flags, (AuthenticatorFlags{true, true, true, true}));
  EXPECT_EQ(stored->aaguid, std::string(16, '\0'));
  EXPECT_EQ(stored->transports, std::vector<std::string>{"internal"});
  EXPECT_EQ(stored->attestation_format, "none");
  EXPECT_EQ(stored->attestation_type, AttestationType::kNone);
  EXPECT_FALSE(stored->attestation_trusted);
  EXPECT_EQ(stored->origin, Site::origin);

  site.authenticator.backed_up = false;
  const auto used = site.use(*stored);
  ASSERT_EQ(word(used), "ok");
  EXPECT_EQ(used->sign_count, 1U);
  EXPECT_EQ(used->flags, (AuthenticatorFlags{true, true, true, false}));
  EXPECT_FALSE(used->counter_went_back);
  EXPECT_FALSE(used->backup_eligibility_changed);
  EXPECT_EQ(used->origin, Site::origin);
}

TEST(Ceremony, SelfAttestation) {
  Site site;
  site.conveyance = Conveyance::kDirect;
  EXPECT_EQ(site.enrol()->attestation_type, AttestationType::kSelf);
  site.authenticator.wrong_signature = true;
  EXPECT_EQ(word(site.enrol()), "attestation_signature_wrong");
}

// An app of the operator's own is an origin like a page. [WA-R7]
TEST(Ceremony, Origins) {
  Site site;
  const auto stored = site.enrol("android:apk-key-hash:abc");
  ASSERT_EQ(word(stored), "ok");
  EXPECT_EQ(stored->origin, "android:apk-key-hash:abc");
  EXPECT_EQ(word(site.enrol("android:apk-key-hash:abd")), "wrong_origin");
  EXPECT_EQ(word(site.enrol("https://example.com")), "wrong_origin");
  EXPECT_EQ(word(site.use(*stored, "https://login.example.com:443")), "wrong_origin");
  EXPECT_EQ(word(site.use(*stored, "")), "wrong_origin");
}

// [WA-R9, WA-A5]
TEST(Ceremony, PageInAFrameOfAnotherSite) {
  Site site;
  const auto stored = site.enrol();
  site.authenticator.top_origin = "https://shop.example";
  EXPECT_EQ(word(site.enrol()), "cross_origin_not_allowed");
  EXPECT_EQ(word(site.use(*stored)), "cross_origin_not_allowed");
  site.party.cross_origin_allowed = true;
  EXPECT_EQ(word(site.use(*stored)), "wrong_top_origin");
  site.party.top_origins = {"https://shop.example"};
  const auto used = site.use(*stored);
  ASSERT_EQ(word(used), "ok");
  EXPECT_EQ(used->top_origin, "https://shop.example");
}

// [WA-R13, WA-A7]
TEST(Ceremony, UserVerification) {
  Site site;
  const auto stored = site.enrol();
  site.authenticator.user_verified = false;
  EXPECT_EQ(word(site.enrol()), "user_not_verified");
  EXPECT_EQ(word(site.use(*stored)), "user_not_verified");
  site.verification = UserVerification::kPreferred;
  EXPECT_FALSE(site.enrol()->flags.user_verified);
  EXPECT_FALSE(site.use(*stored)->flags.user_verified);
}

// [WA-R12]
TEST(Ceremony, OnlyAConditionalRegistrationGoesWithoutPresence) {
  Site site;
  const auto stored = site.enrol();
  site.authenticator.user_present = false;
  EXPECT_EQ(word(site.enrol()), "user_not_present");
  EXPECT_EQ(word(site.use(*stored)), "user_not_present");
  site.conditional = true;
  EXPECT_EQ(word(site.enrol()), "ok");
  EXPECT_EQ(word(site.use(*stored)), "user_not_present");
}

// [WA-A10]
TEST(Ceremony, CounterThatGoesBack) {
  Site site;
  auto stored = site.enrol();
  stored->sign_count = 7;
  site.authenticator.counts = false;
  for (const auto& [received, back] : std::vector<std::pair<std::uint32_t, bool>>{
           {8, false}, {UINT32_MAX, false}, {7, true}, {6, true}, {1, true}, {0, true}}) {
    site.authenticator.sign_count = received;
    const auto reported = site.use(*stored);
    ASSERT_EQ(word(reported), "ok") << received;
    EXPECT_EQ(reported->sign_count, received);
    EXPECT_EQ(reported->counter_went_back, back) << received;
    EXPECT_EQ(word(site.use(*stored, Site::origin, Anomalies::kRefuse)), back ? "counter_went_back" : "ok");
  }
  // Two zeros: an authenticator that does not count.
  stored->sign_count = 0;
  site.authenticator.sign_count = 0;
  EXPECT_FALSE(site.use(*stored)->counter_went_back);
}

// What a client says of an extension that nobody asked for changes nothing. [WA-A6, WA-A13]
TEST(Ceremony, AppidThatWasNotAskedFor) {
  Site site;
  const auto stored = site.enrol();
  json::object answer = site.authenticator.get(site.request(*stored));
  answer["clientExtensionResults"] = json::object{{"appid", true}};
  const auto response = read_authentication_response(answer);
  ASSERT_TRUE(response && response->appid_used);
  const auto used = authenticate({.party = site.party, .challenge = site.challenge},
                                 {.id = stored->credential_id, .key = stored->key}, *response);
  ASSERT_EQ(word(used), "ok");
  EXPECT_FALSE(used->appid_used);
}

// A report is of a genuine answer only: whoever cannot sign raises no alarm.
TEST(Ceremony, AnomaliesAreThoseOfGenuineAnswers) {
  Site site;
  auto stored = site.enrol();
  stored->sign_count = 100;
  stored->flags.backup_eligible = true;
  EXPECT_TRUE(site.use(*stored)->counter_went_back);
  EXPECT_TRUE(site.use(*stored)->backup_eligibility_changed);
  site.authenticator.wrong_signature = true;
  EXPECT_EQ(word(site.use(*stored)), "signature_wrong");
}

// [WA-A8]
TEST(Ceremony, BackupEligibilityThatChanges) {
  Site site;
  const auto stored = site.enrol();
  site.authenticator.backup_eligible = true;
  EXPECT_TRUE(site.use(*stored)->backup_eligibility_changed);
  EXPECT_EQ(word(site.use(*stored, Site::origin, Anomalies::kRefuse)), "backup_eligibility_changed");
  site.authenticator.backup_eligible = false;
  site.authenticator.backed_up = true;
  EXPECT_EQ(word(site.use(*stored)), "backed_up_without_eligibility");
}

// [WA-R19]
TEST(Ceremony, ListsOfAaguids) {
  Site site;
  const std::string zeros(16, '\0');
  site.policy.aaguids_denied = {zeros};
  EXPECT_EQ(word(site.enrol()), "authenticator_denied");
  site.policy.aaguids_denied = {std::string(16, '\1')};
  EXPECT_EQ(word(site.enrol()), "ok");
  site.policy.aaguids_allowed.emplace();
  EXPECT_EQ(word(site.enrol()), "authenticator_denied");
  site.policy.aaguids_allowed->push_back(zeros);
  EXPECT_EQ(word(site.enrol()), "ok");
  site.policy.aaguids_denied = {zeros};
  EXPECT_EQ(word(site.enrol()), "authenticator_denied");
}

// The browser's id and the signed one are the same, or nothing is registered.
TEST(Ceremony, RegistrationNamesItsCredential) {
  Site site;
  auto response = *read_registration_response(site.authenticator.create(site.creation()));
  response.id.back() = static_cast<char>(response.id.back() ^ 1);
  EXPECT_EQ(word(site.judge(response)), "response_malformed");
}

TEST(Ceremony, ExcludedCredential) {
  Site site;
  const auto stored = site.enrol();
  EXPECT_FALSE(site.authenticator.is_excluded(site.creation()));
  site.exclude = {{stored->credential_id, {}}};
  EXPECT_TRUE(site.authenticator.is_excluded(site.creation()));
}

// The signature covers what was shown: for other content it does not hold. [WA-R1]
TEST(Ceremony, AssertionOfABoundChallenge) {
  Site site;
  const auto stored = site.enrol();
  const std::string salt = fresh_challenge(system_random());
  site.challenge = bound_challenge(salt, crypto::sha256("100 EUR to Ana"));
  const json::object asked = site.request(*stored);
  const auto response = read_authentication_response(site.authenticator.get(asked));
  const auto judged_for = [&](std::string_view content) {
    const std::string challenge = bound_challenge(salt, crypto::sha256(content));
    return word(authenticate({.party = site.party, .challenge = challenge},
                             {.id = stored->credential_id, .key = stored->key}, *response));
  };
  EXPECT_EQ(judged_for("100 EUR to Ana"), "ok");
  EXPECT_EQ(judged_for("900 EUR to Eve"), "wrong_challenge");
}

// Sizes are judged before anything is read. [WA-R3]
TEST(Ceremony, SizesAreCapped) {
  Site site;
  auto response = *read_registration_response(site.authenticator.create(site.creation()));
  const auto stored = site.judge(response);
  ASSERT_EQ(word(stored), "ok");
  response.client_data += std::string(8193, ' ');
  EXPECT_EQ(word(site.judge(response)), "response_too_large");
  response.attestation_object += std::string(40'000, ' ');
  EXPECT_EQ(word(site.judge(response)), "response_too_large");
}

}  // namespace
}  // namespace countersign::webauthn
