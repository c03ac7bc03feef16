#include "tests/unit/usecase/verify_api/verify_script.h"
#include "usecase/subject/objections.h"
#include "usecase/verify_api/challenge.h"
#include "usecase/verify_api/entity.h"

// Factors of the Verify-compatible API, made by either API, and their challenges.
namespace countersign::testing {
namespace {

namespace verify = usecase::verify_api;
using verify::Challenge;
using verify::Entity;
using verify::Factor;
using verify::FactorChange;

class VerifyFactors : public ::testing::Test {
 protected:
  Verify api;
  Fixture& fixture = api.fixture;

  template <class F>
  auto work(F&& f) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return f(usecase::Work{tx, fixture.context(), fixture.caller(), moment});
    });
  }
  /// The entity of the person that the fixture enrols.
  Entity entity() {
    return *work([&](const usecase::Work& w) {
      auto found = verify::find_entity(w, api.service, kIdentity);
      return found ? found : verify::create_entity(w, api.service, std::string(kIdentity));
    });
  }
  Verdict<Factor> change(const FactorChange& wanted) {
    const auto who = entity();
    return work(
        [&](const usecase::Work& w) { return verify::update_factor(w, api.service, who, fixture.factor(), wanted); });
  }
  Verdict<Factor> shown() {
    const auto who = entity();
    return work([&](const usecase::Work& w) { return verify::find_factor(w, api.service, who, fixture.factor()); });
  }
  Verdict<Challenge> challenge(const std::optional<std::string>& code) {
    const auto who = entity();
    verify::NewChallenge given{fixture.factor(), fixture.now() + minutes(5), {}, {}, {}, {}};
    if (code) given.code = SecretString(*code);
    return work([&](const usecase::Work& w) { return verify::create_challenge(w, api.service, who, given); });
  }
  Verdict<Challenge> answer(const Challenge& open, const std::string& code) {
    const auto who = entity();
    return work([&](const usecase::Work& w) {
      return verify::answer_challenge(w, api.service, who, open.id, SecretString(code));
    });
  }
  const usecase::SubjectAt the_person{std::string(kIdentity), ""};
  BindingId binding() {
    const auto history = fixture.history();
    return domain::standing::binding_of(history, fixture.factor().id)->id;
  }
  std::int64_t count(std::string_view type) {
    return std::ranges::count(fixture.all_events(), type,
                              [](const auto& event) { return std::string_view(event.type); });
  }
};

TEST_F(VerifyFactors, MetadataOfAnAppThatTheNativeApiEnrolledIsKept) {
  ASSERT_TRUE(fixture.enrol());
  EXPECT_FALSE(shown()->content.contains("metadata"));
  ASSERT_TRUE(change({"Casa do Samba", {}, {}}));
  EXPECT_FALSE(shown()->content.contains("metadata"));
  const auto changed = change({{}, {}, json::object{{"os", "Android"}}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->content.at("metadata"), (json::object{{"os", "Android"}}));
  ASSERT_TRUE(change({{}, {}, json::object{{"os", "Plan 9"}}}));
  ASSERT_TRUE(change({"Telefone", {}, {}}));
  EXPECT_EQ(shown()->content.at("metadata"), (json::object{{"os", "Plan 9"}}));
  EXPECT_EQ(shown()->name, "Telefone");
  EXPECT_EQ(shown()->updated_at, fixture.now());
}

TEST_F(VerifyFactors, MetadataMovesNoAppToAService) {
  ASSERT_TRUE(fixture.enrol());
  ASSERT_TRUE(change({{}, {}, json::object{{"os", "Android"}}}));
  EXPECT_FALSE(shown()->content.contains("service"));
  ASSERT_TRUE(fixture.confirm());
  const auto mine = api.service;
  const auto who = entity();
  api.make_service({});
  EXPECT_FALSE(
      work([&](const usecase::Work& w) { return verify::find_factor(w, api.service, who, fixture.factor()); }));
  api.service = mine;
  EXPECT_TRUE(shown());
}

// Such apps are older than the services of factors.
TEST_F(VerifyFactors, MetadataOfAnAppOfNoServiceLetsItCountAtTheOthersAsBefore) {
  ASSERT_TRUE(fixture.enrol());
  ASSERT_TRUE(fixture.confirm());
  fixture.in([&](store::Tx& tx, Moment&) {
    static const store::Sql kForget{"DELETE FROM standings"};
    static const store::Sql kFactors{"UPDATE factors SET service_id = NULL"};
    tx.exec(kForget, {});
    tx.exec(kFactors, {});
    return Done{};
  });
  fixture.wait(std::chrono::days(30));
  ASSERT_TRUE(change({{}, {}, json::object{{"os", "Android"}}}));
  EXPECT_EQ(shown()->content.at("metadata"), (json::object{{"os", "Android"}}));
  fixture.request().service = "upstream";
  fixture.hold("any");
  EXPECT_TRUE(fixture.check_totp(fixture.totp_code()));
}

TEST_F(VerifyFactors, AChallengeCreatedWithItsRightCodeIsInTheAuditLogAsApproved) {
  ASSERT_TRUE(fixture.enrol());
  ASSERT_TRUE(fixture.confirm());
  fixture.wait(seconds(60));
  const auto wrong = challenge(fixture.totp_code(50));
  ASSERT_TRUE(wrong);
  EXPECT_EQ(wrong->state.status, domain::ChallengeStatus::kPending);
  ASSERT_TRUE(challenge(std::nullopt));
  EXPECT_EQ(count("challenge.created"), 2);
  EXPECT_EQ(count("challenge.approved"), 0);
  const auto right = challenge(fixture.totp_code());
  ASSERT_TRUE(right);
  EXPECT_EQ(right->state.status, domain::ChallengeStatus::kApproved);
  EXPECT_EQ(count("challenge.created"), 3);
  EXPECT_EQ(count("challenge.approved"), 1);
  const auto event = fixture.all_events().back();
  EXPECT_EQ(event.type, "challenge.approved");
  EXPECT_EQ(event.subject, entity().id);
  EXPECT_EQ(event.data, "{\"challenge\":\"" + id_text("YC", right->id) + "\"}");
}

// Somebody said that the app is not hers: while that is not decided, and once it was dropped, no code of it is right.
// [STD-11]
TEST_F(VerifyFactors, AnAppThatWasObjectedToAnswersNoChallenge) {
  ASSERT_TRUE(fixture.enrol());
  ASSERT_TRUE(fixture.confirm());
  fixture.wait(seconds(60));
  const auto open = challenge(std::nullopt);
  ASSERT_TRUE(open);
  const BindingId app = binding();
  ASSERT_TRUE(work([&](const usecase::Work& w) { return usecase::object_to_source(w, the_person, app); }));
  EXPECT_EQ(fault_of(answer(*open, fixture.totp_code())), ErrorCode::kChallengeVerification);
  EXPECT_EQ(fault_of(challenge(std::nullopt)), ErrorCode::kFactorUnverified);
  EXPECT_EQ(fault_of(challenge(fixture.totp_code())), ErrorCode::kFactorUnverified);
  ASSERT_TRUE(work([&](const usecase::Work& w) { return usecase::decide_about_source(w, the_person, app, false); }));
  fixture.wait(seconds(60));
  EXPECT_EQ(fault_of(answer(*open, fixture.totp_code())), ErrorCode::kChallengeVerification) << "dropped";
  EXPECT_EQ(fault_of(challenge(fixture.totp_code())), ErrorCode::kFactorUnverified);
  EXPECT_EQ(count("challenge.approved"), 0);
  EXPECT_TRUE(shown()) << "the application can still remove it";
}

TEST_F(VerifyFactors, AnAppThatWasKeptAnswersAgain) {
  ASSERT_TRUE(fixture.enrol());
  ASSERT_TRUE(fixture.confirm());
  fixture.wait(seconds(60));
  const auto open = challenge(std::nullopt);
  ASSERT_TRUE(open);
  const BindingId app = binding();
  ASSERT_TRUE(work([&](const usecase::Work& w) { return usecase::object_to_source(w, the_person, app); }));
  fixture.caller().may_vouch = true;
  ASSERT_TRUE(work([&](const usecase::Work& w) { return usecase::decide_about_source(w, the_person, app, true); }));
  EXPECT_EQ(fault_of(answer(*open, fixture.totp_code())), kNone);
  EXPECT_EQ(count("challenge.approved"), 1);
}

}  // namespace
}  // namespace countersign::testing
