#include "script.h"
#include "store/repository/accounts.h"

// What was made for one transaction proves nothing for another. [TXN-2, OTP-5]
namespace countersign::testing {
namespace {

TEST(Binding, ACodeOfOneTransactionIsRefusedForAnotherWithTheSameContact) {
  House house;
  const auto first = house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const std::string code = house.code();
  const auto second = house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_NE(house.code(), code);

  EXPECT_EQ(why(house.check(second, code)), Code::kWrongCode);
  EXPECT_EQ(house.status(), TransactionStatus::kHeld);
  EXPECT_EQ(why(house.check(first, code)), kYes);
  EXPECT_EQ(house.status(), TransactionStatus::kHeld);
}

TEST(Binding, ACodeIsNoGoodForAnotherVerificationOfTheSameTransaction) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  house.hold("strict");
  ASSERT_EQ(why(house.start(Channel::kSms)), kYes);
  const std::string by_sms = house.code();
  house.wait(seconds(1));
  ASSERT_EQ(why(house.start(Channel::kEmail)), kYes);
  const VerificationId email = house.verification().state.id;
  const auto by_email = house.in([&](store::Tx& tx, Moment& moment) {
    const usecase::CheckRequest request{house.current(), SecretString(by_sms), {}, email};
    return usecase::check(tx, house.context(), house.caller(), request, moment);
  });
  EXPECT_EQ(why(by_email), Code::kWrongCode);
}

TEST(Binding, EveryTransactionHasItsOwnBindingHash) {
  House house;
  house.hold();
  const auto first = house.row();
  house.hold();
  const auto second = house.row();
  EXPECT_EQ(first.display_hash, second.display_hash);
  EXPECT_EQ(first.payload_hash, second.payload_hash);
  EXPECT_NE(first.binding_hash, second.binding_hash);
}

TEST(Binding, TheMessageSaysWhatTheCodeIsFor) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const auto message = house.written(house.sent().back());
  EXPECT_NE(message.body.find("12,480.00"), std::string::npos) << message.body;
  EXPECT_NE(message.body.find("Casa do Samba Ltda"), std::string::npos) << message.body;
  EXPECT_NE(message.body.find(house.code()), std::string::npos) << message.body;
}

TEST(Binding, AnotherSubjectsContactIsNotFoundHoweverWellItsIdIsKnown) {
  House house;
  const auto others = house.add_contact(Channel::kSms, kOtherPhone, "somebody-else");
  ASSERT_EQ(why(others), kYes);
  house.hold();
  EXPECT_EQ(why(house.start({house.current(), Channel::kSms, others->id.text()})), Code::kNoContact);
  EXPECT_EQ(why(house.start({house.current(), Channel::kSms, std::string(kOtherPhone)})), Code::kNoContact);
}

TEST(Binding, AnotherAccountSeesNothing) {
  House house;
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  const AccountId other = house.in([](store::Tx& tx, Moment& m) { return store::ensure_account(tx, "other", m); });
  auto settings = house.settings().account(house.account());
  settings.id = other;
  house.settings().accounts.emplace(other, settings);
  house.caller().account = other;
  EXPECT_EQ(why(house.check(house.code())), Code::kNotFound);
  EXPECT_EQ(why(house.claim()), Code::kNotFound);
  EXPECT_EQ(why(house.cancel()), Code::kNotFound);
  EXPECT_EQ(why(house.start()), Code::kNotFound);
}

}  // namespace
}  // namespace countersign::testing
