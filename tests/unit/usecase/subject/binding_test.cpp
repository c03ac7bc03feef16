#include "store/repository/accounts.h"
#include "tests/unit/usecase/script.h"

// What was made for one transaction proves nothing for another. [TXN-2, OTP-5]
namespace countersign::testing {
namespace {

TEST(Binding, ACodeOfOneTransactionIsRefusedForAnotherWithTheSameContact) {
  Fixture fixture;
  const auto first = fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const std::string code = fixture.code();
  const auto second = fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_NE(fixture.code(), code);

  EXPECT_EQ(why(fixture.check(second, code)), Code::kWrongCode);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
  EXPECT_EQ(why(fixture.check(first, code)), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
}

TEST(Binding, ACodeIsNoGoodForAnotherVerificationOfTheSameTransaction) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  fixture.hold("strict");
  ASSERT_EQ(why(fixture.start(Channel::kSms)), kYes);
  const std::string by_sms = fixture.code();
  fixture.wait(seconds(1));
  ASSERT_EQ(why(fixture.start(Channel::kEmail)), kYes);
  const VerificationId email = fixture.verification().state.id;
  const auto by_email = fixture.in([&](store::Tx& tx, Moment& moment) {
    const usecase::CheckRequest request{fixture.current(), SecretString(by_sms), {}, email};
    return usecase::check({tx, fixture.context(), fixture.caller(), moment}, request);
  });
  EXPECT_EQ(why(by_email), Code::kWrongCode);
}

TEST(Binding, EveryTransactionHasItsOwnBindingHash) {
  Fixture fixture;
  fixture.hold();
  const auto first = fixture.row();
  fixture.hold();
  const auto second = fixture.row();
  EXPECT_EQ(first.display_hash, second.display_hash);
  EXPECT_EQ(first.payload_hash, second.payload_hash);
  EXPECT_NE(first.binding_hash, second.binding_hash);
}

TEST(Binding, TheMessageSaysWhatTheCodeIsFor) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const auto message = fixture.written(fixture.sent().back());
  EXPECT_NE(message.body.find("12,480.00"), std::string::npos) << message.body;
  EXPECT_NE(message.body.find("Casa do Samba Ltda"), std::string::npos) << message.body;
  EXPECT_NE(message.body.find(fixture.code()), std::string::npos) << message.body;
}

TEST(Binding, AnotherSubjectsContactIsNotFoundHoweverWellItsIdIsKnown) {
  Fixture fixture;
  const auto others = fixture.add_contact(Channel::kSms, kOtherPhone, "somebody-else");
  ASSERT_EQ(why(others), kYes);
  fixture.hold();
  EXPECT_EQ(why(fixture.start({fixture.current(), Channel::kSms, others->id.text()})), Code::kNoContact);
  EXPECT_EQ(why(fixture.start({fixture.current(), Channel::kSms, std::string(kOtherPhone)})), Code::kNoContact);
}

TEST(Binding, AnotherAccountSeesNothing) {
  Fixture fixture;
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  const AccountId other = fixture.in([](store::Tx& tx, Moment& m) { return store::ensure_account(tx, "other", m); });
  auto settings = fixture.settings().account(fixture.account());
  settings.id = other;
  fixture.settings().accounts.emplace(other, settings);
  fixture.caller().account = other;
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kNotFound);
  EXPECT_EQ(why(fixture.claim()), Code::kNotFound);
  EXPECT_EQ(why(fixture.cancel()), Code::kNotFound);
  EXPECT_EQ(why(fixture.start()), Code::kNotFound);
}

}  // namespace
}  // namespace countersign::testing
