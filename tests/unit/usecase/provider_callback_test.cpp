#include "usecase/outbox/provider_callback.h"

#include "crypto/twilio_signature.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

constexpr std::string_view kCallbackToken = "a token of the provider";
constexpr std::string_view kCallbackUrl = "https://verify.example.com/callbacks/twilio";

class Callback : public ::testing::Test {
 protected:
  Callback() {
    fixture_.hold();
    EXPECT_EQ(why(fixture_.start()), kYes);
    fixture_.finish(fixture_.sent().back(), delivery::Accepted{"SM1"});
    callback_ = {fixture_.account(), fixture_.sent().back().id, std::string(kCallbackUrl), "", {}};
    say("delivered");
  }

  void say(std::string_view status) {
    callback_.form = {{"MessageSid", "SM1"}, {"MessageStatus", std::string(status)}};
    sign(kCallbackToken);
  }
  void sign(std::string_view token) {
    callback_.signature = crypto::twilio_signature(token, callback_.url, callback_.form);
  }
  bool take() {
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::take_callback(tx, fixture_.context(), tokens_, callback_, moment);
    });
  }
  std::string status() { return fixture_.message(callback_.message)->status; }

  Fixture fixture_;
  usecase::CallbackTokens tokens_ = [] {
    usecase::CallbackTokens tokens;
    tokens.emplace("double", SecretString(std::string(kCallbackToken)));
    tokens.emplace("another", SecretString(std::string("a token of another")));
    return tokens;
  }();
  usecase::TwilioCallback callback_;
};

TEST_F(Callback, IsBelievedWithTheSignatureOfWhoTookTheMessage) {
  EXPECT_TRUE(take());
  EXPECT_EQ(status(), "delivered");
  EXPECT_TRUE(take());  // It comes twice.
  EXPECT_EQ(status(), "delivered");
}

TEST_F(Callback, OfAFailureIsWrittenDown) {
  say("undelivered");
  EXPECT_TRUE(take());
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(fixture_.events().back(), "message.failed");
}

TEST_F(Callback, UnderwayIsNoNews) {
  say("sending");
  EXPECT_TRUE(take());
  EXPECT_EQ(status(), "sent");
}

TEST_F(Callback, OfSomebodyElseIsNotBelieved) {
  sign("a token of another");  // Of a provider that has not had this message.
  EXPECT_FALSE(take());
  sign(kCallbackToken);
  callback_.form.emplace_back("ErrorCode", "30003");
  EXPECT_FALSE(take());
  say("delivered");
  callback_.url += "/elsewhere";
  EXPECT_FALSE(take());
  EXPECT_EQ(status(), "sent");
}

TEST_F(Callback, OfAProviderWithoutATokenIsNotBelieved) {
  tokens_.erase("double");
  EXPECT_FALSE(take());
  EXPECT_EQ(status(), "sent");
}

TEST_F(Callback, OfAMessageThatNobodySentIsNotBelieved) {
  callback_.message = MessageId{};
  EXPECT_FALSE(take());
}

TEST_F(Callback, ThatReportsNothingIsNotBelieved) {
  callback_.form = {{"MessageSid", "SM1"}};
  sign(kCallbackToken);
  EXPECT_FALSE(take());
}

}  // namespace

}  // namespace countersign::testing
