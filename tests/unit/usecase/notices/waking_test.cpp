#include "post.h"

// An app that sleeps after many failures, and the application's key that may vouch. [STD-5, STD-20]
namespace countersign::testing {
namespace {

Answer<usecase::FactorView> vouch_for(House& house, const FactorId& factor) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::vouch_for_factor(tx, house.context(), house.caller(), kIdentity, factor, moment);
  });
}

TEST(Waking, AnAppThatSleepsIsWokenByVouchingAndEverybodyIsTold) {
  House house;
  unlimited(house).failures = {5, seconds(30), hours(1), 10};
  house.request().expires_in = hours(24);
  house.hold();  // The application gives her telephone.
  const FactorId app = active_factor(house);
  house.hold("any");
  for (int i = 0; i < 10; ++i) {
    if (i == 5) house.wait(seconds(30));
    static_cast<void>(house.check_totp(house.totp_code(50)));
  }
  house.wait(hours(2));
  ASSERT_EQ(why(house.check_totp(house.totp_code())), Code::kFactorUnusable);
  ASSERT_EQ(why(vouch_for(house, app)), Code::kMayNotVouch);
  ASSERT_EQ(why(house.check_totp(house.totp_code())), Code::kFactorUnusable);

  due_notices(house);
  house.caller().may_vouch = true;
  ASSERT_EQ(why(vouch_for(house, app)), kYes);
  EXPECT_EQ(count_events(house, "factor.woken"), 1);
  const auto told = due_notices(house);
  ASSERT_EQ(recipients(told), std::vector<std::string>{std::string(kPhone)});
  EXPECT_NE(told[0].message.body.find("support unlocked the authenticator app"), std::string::npos);
  EXPECT_EQ(why(house.check_totp(house.totp_code())), kYes);
  // Once it is awake there is nothing to wake.
  ASSERT_EQ(why(vouch_for(house, app)), kYes);
  EXPECT_EQ(count_events(house, "factor.woken"), 1);
  EXPECT_TRUE(due_notices(house).empty());
}

TEST(Waking, AFactorIsVouchedForOnceItIsConfirmedAndUntilItIsRemoved) {
  House house;
  known_person(house);
  ASSERT_EQ(why(house.enrol()), kYes);
  house.caller().may_vouch = true;
  EXPECT_EQ(why(vouch_for(house, house.factor())), Code::kFactorUnusable);
  ASSERT_EQ(why(house.confirm()), kYes);
  post_all(house);
  ASSERT_EQ(why(vouch_for(house, house.factor())), kYes);
  EXPECT_EQ(recipients(post_all(house)), std::vector<std::string>{std::string(kPhone)});
  EXPECT_EQ(house.counts(house.factor().id).counts_from, house.now() + hours(24));  // In place of 72.
  ASSERT_EQ(why(house.remove(house.factor())), kYes);
  EXPECT_EQ(why(vouch_for(house, house.factor())), Code::kNotFound);
}

}  // namespace
}  // namespace countersign::testing
