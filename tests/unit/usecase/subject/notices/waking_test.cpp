#include "post.h"

// An app that sleeps after many failures, and the application's key that may vouch. [STD-5, STD-20]
namespace countersign::testing {
namespace {

Answer<usecase::FactorView> vouch_for(Fixture& fixture, const FactorId& factor) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::vouch_for_factor({tx, fixture.context(), fixture.caller(), moment}, kIdentity, factor);
  });
}

TEST(Waking, AnAppThatSleepsIsWokenByVouchingAndEverybodyIsTold) {
  Fixture fixture;
  unlimited(fixture).failures = {5, seconds(30), hours(1), 10};
  fixture.request().expires_in = hours(24);
  fixture.hold();  // The application gives her telephone.
  const FactorId app = active_factor(fixture);
  ASSERT_NO_FATAL_FAILURE(send_app_to_sleep(fixture));
  ASSERT_EQ(why(vouch_for(fixture, app)), Code::kMayNotVouch);
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kFactorUnusable);

  due_notices(fixture);
  fixture.caller().may_vouch = true;
  ASSERT_EQ(why(vouch_for(fixture, app)), kYes);
  EXPECT_EQ(count_events(fixture, "factor.woken"), 1);
  const auto told = due_notices(fixture);
  ASSERT_EQ(recipients(told), std::vector<std::string>{std::string(kPhone)});
  EXPECT_NE(told[0].message.body.find("support unlocked the authenticator app"), std::string::npos);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
  // Once it is awake there is nothing to wake.
  ASSERT_EQ(why(vouch_for(fixture, app)), kYes);
  EXPECT_EQ(count_events(fixture, "factor.woken"), 1);
  EXPECT_TRUE(due_notices(fixture).empty());
}

TEST(Waking, BeyondTheCeilingTheCommonNoticeNamesIt) {
  Fixture fixture;
  unlimited(fixture).failures = {5, seconds(30), hours(1), 10};
  fixture.settings().notices_per_contact = {1, hours(24)};
  fixture.request().expires_in = hours(24);
  fixture.hold();
  const FactorId app = active_factor(fixture);
  ASSERT_NO_FATAL_FAILURE(send_app_to_sleep(fixture));
  post_all(fixture);
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, "a@example.com")), kYes);  // It is told of.
  fixture.wait(kTick);
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, "b@example.com")), kYes);  // That is told later.
  fixture.wait(kTick);
  fixture.caller().may_vouch = true;
  ASSERT_EQ(why(vouch_for(fixture, app)), kYes);
  post_all(fixture);
  fixture.wait(hours(24));
  const auto told = post_all(fixture);
  const auto hers = std::ranges::find(told, kPhone, [](const auto& notice) { return notice.message.to; });
  ASSERT_NE(hers, told.end());
  const std::string& text = hers->message.body;
  EXPECT_NE(text.find("a new e-mail was added"), std::string::npos) << text;
  EXPECT_NE(text.find("support unlocked the authenticator app"), std::string::npos) << text;
}

TEST(Waking, AFactorIsVouchedForOnceItIsConfirmedAndUntilItIsRemoved) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(fixture.enrol()), kYes);
  fixture.caller().may_vouch = true;
  EXPECT_EQ(why(vouch_for(fixture, fixture.factor())), Code::kFactorUnusable);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  post_all(fixture);
  ASSERT_EQ(why(vouch_for(fixture, fixture.factor())), kYes);
  EXPECT_EQ(recipients(post_all(fixture)), std::vector<std::string>{std::string(kPhone)});
  EXPECT_EQ(fixture.counts(fixture.factor().id).counts_from, fixture.now() + hours(24));  // In place of 72.
  ASSERT_EQ(why(fixture.remove(fixture.factor())), kYes);
  EXPECT_EQ(why(vouch_for(fixture, fixture.factor())), Code::kNotFound);
}

}  // namespace
}  // namespace countersign::testing
