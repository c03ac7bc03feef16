#include "tests/unit/usecase/passkey/key_holder.h"
#include "tests/unit/usecase/verify_api/verify_script.h"
#include "usecase/passkey/asked_lately.h"
#include "usecase/subject/objections.h"
#include "usecase/verify_api/passkey.h"
#include "usecase/verify_api/passkey_challenge.h"
#include "webauthn/response_json.h"

// Challenges of the Verify-compatible API that a person's passkey answers: only while it is hers, and only from pages
// that it was made for.
namespace countersign::testing {
namespace {

namespace verify = usecase::verify_api;

class VerifyPasskeys : public ::testing::Test {
 protected:
  VerifyPasskeys() {
    offer_passkeys(fixture);
    party().origins = {"https://verify.example.com", "https://shop.example.com"};
  }

  webauthn::RelyingParty& party() {
    return fixture.settings().accounts.at(fixture.account()).services.front().passkeys->party;
  }
  template <class F>
  auto work(F&& f) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return f(usecase::Work{tx, fixture.context(), fixture.caller(), moment});
    });
  }

  /// A passkey that the person makes, for these origins of the service.
  void make_passkey(json::array origins) {
    verify::NewPasskey given{std::string(kIdentity), "Security key",
                             json::object{{"relying_party", json::object{{"origins", std::move(origins)}}},
                                          {"authenticator_attachment", "any"},
                                          {"discoverable_credentials", "preferred"},
                                          {"user_verification", "preferred"}}};
    const auto made = work([&](const usecase::Work& w) { return verify::create_passkey(w, api.service, given); });
    ASSERT_TRUE(made);
    const auto response = webauthn::read_registration_response(device.create(made->options));
    ASSERT_TRUE(response);
    const auto verified = work([&](const usecase::Work& w) {
      const auto seen = verify::look_for_registration(w, api.service, *response);
      std::optional<usecase::JudgedRegistration> judged;
      if (seen) judged = usecase::judge_registration(seen->settings, seen->offer, response, w.moment.now);
      return verify::verify_passkey(w, api.service, *response, judged);
    });
    ASSERT_TRUE(verified);
    factor = verified->factor.row.state.id;
    fixture.wait(seconds(1));
  }
  Verdict<verify::AskedPasskey> ask(bool her = true) {
    verify::NewPasskeyChallenge wanted;
    if (her) wanted.identity = std::string(kIdentity);
    return work([&](const usecase::Work& w) { return verify::create_passkey_challenge(w, api.service, wanted); });
  }
  std::optional<ErrorCode> answer(const json::object& options) {
    const auto response = webauthn::read_authentication_response(device.get(options));
    return fault_of(work([&](const usecase::Work& w) {
      const auto seen = verify::look_for_answer(w, api.service, *response);
      return verify::approve_challenge(w, api.service, *response, verify::judge_answer(nullptr, seen, *response));
    }));
  }
  /// As the node judges it that asked, with nothing read before the unit.
  std::optional<ErrorCode> answer_remembered(const json::object& options, FunctionRef<void()> meanwhile = [] {}) {
    const auto response = webauthn::read_authentication_response(device.get(options));
    const auto seen =
        verify::remembered_answer(fixture.context(), fixture.account(), api.service, *response, fixture.now());
    EXPECT_TRUE(seen);
    const auto judged = verify::judge_answer(nullptr, seen, *response);
    meanwhile();
    return fault_of(
        work([&](const usecase::Work& w) { return verify::approve_challenge(w, api.service, *response, judged); }));
  }
  BindingId binding() {
    const auto history = fixture.history();
    return domain::standing::binding_of(history, factor.id)->id;
  }

  Verify api;
  Fixture& fixture = api.fixture;
  SoftwareAuthenticator device;
  FactorId factor{};
};

TEST_F(VerifyPasskeys, AnswersForWhoMadeIt) {
  make_passkey({});
  EXPECT_EQ(answer(ask()->options), kNone);
  EXPECT_EQ(answer(ask(false)->options), kNone);
}

// [STD-11]
TEST_F(VerifyPasskeys, TheNodeThatAskedJudgesWithoutReading) {
  usecase::AskedLately lately;
  fixture.remember_asked(lately);
  make_passkey({});
  const auto options = ask()->options;
  EXPECT_EQ(answer_remembered(options), kNone);
  EXPECT_EQ(lately.of_entities().size(), 0U) << "nothing is kept of what is over";
  static_cast<void>(ask(false));
  EXPECT_EQ(lately.of_entities().size(), 0U) << "of nobody in particular nothing is known";
  SeededRandom random(1);
  Moment moment{fixture.now(), random};
  const auto response = webauthn::read_authentication_response(device.get(ask()->options));
  const auto found = [&](const AccountId& account, const ServiceId& service) {
    return verify::remembered_answer(fixture.context(), account, service, *response, fixture.now()).has_value();
  };
  EXPECT_TRUE(found(fixture.account(), api.service));
  EXPECT_FALSE(found(AccountId::make(moment), api.service));
  EXPECT_FALSE(found(fixture.account(), ServiceId::make(moment)));
}

// What it was judged by may have changed since it was asked: then it is judged by what is so now.
TEST_F(VerifyPasskeys, WhatHasChangedSinceIsJudgedAgain) {
  usecase::AskedLately lately;
  fixture.remember_asked(lately);
  make_passkey({});
  const auto without_the_page = [&] { party().origins = {"https://shop.example.com"}; };
  EXPECT_EQ(answer_remembered(ask()->options, without_the_page), ErrorCode::kChallengeVerification);
  party().origins = {"https://verify.example.com", "https://shop.example.com"};
  const BindingId hers = binding();
  const auto objected = [&] {
    ASSERT_EQ(why(work([&](const usecase::Work& w) {
                return usecase::object_to_source(w, {std::string(kIdentity), ""}, hers);
              })),
              std::nullopt);
  };
  EXPECT_EQ(answer_remembered(ask()->options, objected), ErrorCode::kChallengeVerification);
}

TEST_F(VerifyPasskeys, OneThatWasObjectedToOrDroppedAnswersNothing) {
  make_passkey({});
  const usecase::SubjectAt the_person{std::string(kIdentity), ""};
  auto hers = ask();
  ASSERT_TRUE(hers);
  const BindingId passkey = binding();
  ASSERT_TRUE(work([&](const usecase::Work& w) { return usecase::object_to_source(w, the_person, passkey); }));
  EXPECT_EQ(answer(hers->options), ErrorCode::kChallengeVerification) << "it was asked before";
  EXPECT_EQ(answer(ask(false)->options), ErrorCode::kChallengeVerification) << "nor where nobody was named";
  EXPECT_EQ(fault_of(ask()), ErrorCode::kPasskeyNotFound);
  ASSERT_TRUE(
      work([&](const usecase::Work& w) { return usecase::decide_about_source(w, the_person, passkey, false); }));
  EXPECT_EQ(answer(ask(false)->options), ErrorCode::kChallengeVerification) << "dropped";
  EXPECT_EQ(fault_of(ask()), ErrorCode::kPasskeyNotFound);
}

// One that was made for a page that the service no longer has does not answer from the others instead.
TEST_F(VerifyPasskeys, OneWhosePagesAreGoneAnswersFromNone) {
  make_passkey({"https://verify.example.com"});
  party().origins = {"https://shop.example.com"};
  for (const char* page : {"https://shop.example.com", "https://verify.example.com"}) {
    device.origin = page;
    EXPECT_EQ(answer(ask()->options), ErrorCode::kChallengeVerification) << page;
  }
}

// A service that discourages verification asks a person for it until one of her keys has shown that it can, and nobody
// else.
TEST_F(VerifyPasskeys, AServiceThatDiscouragesVerificationAsksForItOnce) {
  fixture.settings().accounts.at(fixture.account()).services.front().passkeys->user_verification =
      webauthn::UserVerification::kDiscouraged;
  device.user_verified = false;
  make_passkey({});
  const auto asked = [&](bool her) { return json_text_or_empty(ask(her)->options, "userVerification"); };
  EXPECT_EQ(asked(true), "preferred");
  EXPECT_EQ(asked(false), "discouraged") << "of nobody in particular nothing can be learned";
  device.user_verified = true;
  ASSERT_EQ(answer(ask()->options), kNone);
  fixture.wait(seconds(1));
  EXPECT_EQ(asked(true), "discouraged") << "known of it, it is not asked for again";
}

}  // namespace
}  // namespace countersign::testing
