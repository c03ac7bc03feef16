#include "usecase/outbox/voice_callback.h"

#include "base/encoding.h"
#include "crypto/twilio_signature.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

constexpr std::string_view kVoiceToken = "the token of the account";

/// A call that was made, and its key presses as Twilio would report them.
class VoiceCallback : public ::testing::Test {
 protected:
  VoiceCallback() {
    fixture_.settings().public_url = "https://verify.example.com";
    fixture_.request().contacts = {{Channel::kCall, std::string(kPhone)}};
    fixture_.hold();
    dial();
  }

  /// As the courier does before it hands the message over.
  void dial() {
    EXPECT_EQ(why(fixture_.start(Channel::kCall)), kYes);
    queued_ = fixture_.sent().back();
    EXPECT_FALSE(usecase::write_call(fixture_.context(), queued_, fixture_.random()));
    const auto& words = std::get<delivery::OutgoingMessage>(queued_.content).call;
    ask_ = words.ask;
    url_ = words.next_url;
    fixture_.finish(fixture_.sent().back(), delivery::Accepted{"CA1"});
  }

  std::optional<usecase::CallAnswer> press(std::string_view digits = "1", std::string_view token = kVoiceToken) {
    return press_at(url_, digits, token);
  }
  std::optional<usecase::CallAnswer> press_at(const std::string& url, std::string_view digits = "1",
                                              std::string_view token = kVoiceToken,
                                              std::optional<std::string> called = std::nullopt) {
    usecase::KeyPressed pressed{{fixture_.account(), queued_.id, called.value_or(url), "", {}}, ""};
    pressed.callback.form = {{"CallSid", "CA1"}, {"CallStatus", "in-progress"}};
    if (!digits.empty()) pressed.callback.form.emplace_back("Digits", std::string(digits));
    pressed.callback.signature = crypto::twilio_signature(token, url, pressed.callback.form);
    pressed.sealed = pressed.callback.url.substr(pressed.callback.url.find("call=") + 5);
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::answer_call(tx, fixture_.context(), tokens_, pressed, moment);
    });
  }
  bool report(std::string_view status) {
    usecase::TwilioCallback callback{fixture_.account(), queued_.id, "https://verify.example.com/status", "", {}};
    callback.form = {{"CallSid", "CA1"}, {"CallStatus", std::string(status)}};
    callback.signature = crypto::twilio_signature(kVoiceToken, callback.url, callback.form);
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::take_callback(tx, fixture_.context(), tokens_, callback, moment);
    });
  }
  std::string status() { return fixture_.message(queued_.id)->status; }
  /// Signed, but with nothing to hear but that it is over.
  static bool is_over(const std::optional<usecase::CallAnswer>& answer) {
    return answer && answer->code.expose().empty() && !answer->instead.empty() && answer->words.before.empty();
  }

  Fixture fixture_;
  usecase::QueuedMessage queued_;
  std::string ask_;
  std::string url_;
  usecase::CallbackTokens tokens_ = [] {
    usecase::CallbackTokens tokens;
    tokens.emplace("double", SecretString(std::string(kVoiceToken)));
    return tokens;
  }();
};

TEST_F(VoiceCallback, TheKeyBringsWhatIsApprovedAndTheCodeThatIsRight) {
  const auto answer = press();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code.expose(), fixture_.code());
  EXPECT_EQ(answer->provider, "double");
  EXPECT_NE(answer->words.before.find(fixture_.request().display.title), std::string::npos);
  EXPECT_EQ(status(), "delivered");
  EXPECT_EQ(why(fixture_.check(answer->code.expose())), kYes);
}

TEST_F(VoiceCallback, NothingReadableIsInTheUrlOrBeforeTheKey) {
  const std::string code = fixture_.code();
  EXPECT_EQ(url_.rfind("https://verify.example.com/callbacks/twilio/voice/" + fixture_.account().text() + "/" +
                           queued_.id.text() + "?call=",
                       0),
            0U);
  EXPECT_EQ(url_.find(code), std::string::npos);
  EXPECT_EQ(ask_.find(code), std::string::npos);
  EXPECT_EQ(ask_.find(fixture_.request().display.title), std::string::npos);
  const auto opened = from_base64url(url_.substr(url_.find("call=") + 5));
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->find(code), std::string::npos);
}

TEST_F(VoiceCallback, TheCodeIsGivenOutOnce) {
  ASSERT_TRUE(press());
  EXPECT_TRUE(is_over(press()));  // The very same request once more.
  EXPECT_TRUE(is_over(press("2")));
  EXPECT_EQ(status(), "delivered");
}

TEST_F(VoiceCallback, AForgedOneHearsNothingAndWritesNothing) {
  EXPECT_FALSE(press("1", "a guess"));
  EXPECT_FALSE(press_at(url_, "1", kVoiceToken, url_ + "x"));  // Signed for another URL.
  tokens_.emplace("another", SecretString(std::string("another token")));
  EXPECT_FALSE(press("1", "another token"));
  EXPECT_EQ(status(), "sent");
  EXPECT_TRUE(press());
}

TEST_F(VoiceCallback, ASealedCodeIsForItsMessageAlone) {
  const auto first = queued_;
  const std::string first_url = url_;
  fixture_.wait(minutes(2));
  dial();
  const std::string other = url_.substr(0, url_.find("call=") + 5) + first_url.substr(first_url.find("call=") + 5);
  EXPECT_FALSE(press_at(other));
  for (const char* wrong : {"", "x", "AAAA", "%3C"})
    EXPECT_FALSE(press_at(url_.substr(0, url_.find("call=") + 5) + wrong)) << wrong;
  std::string flipped = url_;
  flipped[flipped.size() - 10] = flipped[flipped.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(press_at(flipped));
  EXPECT_EQ(status(), "sent");
}

TEST_F(VoiceCallback, AfterItsTimeTheCodeIsNotSaid) {
  fixture_.wait(minutes(10));
  EXPECT_TRUE(is_over(press()));
  EXPECT_EQ(status(), "sent");
}

TEST_F(VoiceCallback, NorForATransactionThatIsOver) {
  ASSERT_EQ(why(fixture_.deny()), kYes);
  EXPECT_TRUE(is_over(press()));
  EXPECT_EQ(status(), "sent");
}

TEST_F(VoiceCallback, NorAfterItWasProved) {
  ASSERT_EQ(why(fixture_.check(fixture_.code())), kYes);
  EXPECT_TRUE(is_over(press()));
}

TEST_F(VoiceCallback, NorWithoutAKey) {
  EXPECT_TRUE(is_over(press("")));
  EXPECT_EQ(status(), "sent");
}

TEST_F(VoiceCallback, ACallThatEndsWithoutAKeyWasNotDelivered) {
  EXPECT_TRUE(report("ringing"));
  EXPECT_EQ(status(), "sent");
  EXPECT_TRUE(report("completed"));
  EXPECT_EQ(status(), "failed");
  EXPECT_EQ(fixture_.events().back(), "message.failed");
  EXPECT_TRUE(is_over(press()));  // Late: the page says already that it was not delivered.
}

TEST_F(VoiceCallback, ACallThatEndsAfterTheKeyWasDelivered) {
  ASSERT_TRUE(press());
  EXPECT_TRUE(report("completed"));
  EXPECT_TRUE(report("busy"));
  EXPECT_EQ(status(), "delivered");
}

TEST_F(VoiceCallback, BusyAndNoAnswerAreFailures) {
  EXPECT_TRUE(report("no-answer"));
  EXPECT_EQ(status(), "failed");
}

TEST_F(VoiceCallback, OnlyCallsHaveOne) {
  fixture_.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  fixture_.caller();
  Fixture other;
  other.hold();
  ASSERT_EQ(why(other.start()), kYes);
  auto sms = other.sent().back();
  EXPECT_FALSE(usecase::write_call(other.context(), sms, other.random()));
  EXPECT_TRUE(std::get<delivery::OutgoingMessage>(sms.content).call.next_url.empty());
}

TEST_F(VoiceCallback, ATextThatExistsIsSaidAroundItsCode) {
  auto& message = std::get<delivery::OutgoingMessage>(queued_.content);
  message.code = SecretString("1234");
  message.body = "Your Acme code is: 1234. Don't share it.";
  queued_.text_source.reset();
  ASSERT_FALSE(usecase::write_call(fixture_.context(), queued_, fixture_.random()));
  const auto answer = press_at(message.call.next_url);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code.expose(), "1234");
  EXPECT_EQ(answer->words.before, "Your Acme code is:");
  EXPECT_NE(answer->words.after.find("Don't share it."), std::string::npos);
}

}  // namespace
}  // namespace countersign::testing
