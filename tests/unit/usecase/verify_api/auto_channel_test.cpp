#include "usecase/outbox/carrier.h"
#include "usecase/outbox/work_messages.h"
#include "usecase/verify_api/attempts.h"
#include "verify_script.h"

// `auto` of the Verify-compatible API: a number is a line, of which the product chooses the channel. [ADR 46]
namespace countersign::testing {
namespace {

using Channels = std::vector<Channel>;

class VerifyAuto : public ::testing::Test, protected Verify {
 protected:
  usecase::ServiceSettings& configured() { return fixture.settings().accounts.at(fixture.account()).services.front(); }
  StartCode automatic() {
    auto start = request();
    start.channel = contact::Wanted::automatic();
    return start;
  }
  /// As start(), and answers the message too.
  std::pair<CodeView, usecase::QueuedMessage> started() {
    auto outcome = fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::verify_api::start_code({tx, fixture.context(), fixture.caller(), moment}, automatic());
    });
    EXPECT_TRUE(outcome);
    code = std::get<delivery::OutgoingMessage>(outcome->queued->content).code.expose();
    return {outcome->view, *outcome->queued};
  }
  CodeView shown() { return *show(CodeTarget{service, std::nullopt, to}); }
  Channels attempts() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      Channels channels;
      for (const auto& one :
           usecase::verify_api::list_attempts({tx, fixture.context(), fixture.caller(), moment}, {}, 10))
        channels.push_back(one.channel);
      return channels;
    });
  }
};

TEST_F(VerifyAuto, TheServicesOrderChoosesAndTheAnswerSaysWhich) {
  EXPECT_EQ(start(automatic())->channel, Channel::kSms);
  fixture.wait(minutes(11));
  configured().automatic = {Channel::kWhatsapp, Channel::kSms};
  EXPECT_EQ(start(automatic())->channel, Channel::kWhatsapp);
  fixture.wait(minutes(11));
  configured().providers.erase(Channel::kWhatsapp);
  EXPECT_EQ(start(automatic())->channel, Channel::kSms);
}

// [ADR 48] Her number wants no text messages any more: the code goes where it arrives, and never on to where it does
// not.
TEST_F(VerifyAuto, AChannelThatIsKnownNotToReachTheNumberIsPassedOver) {
  configured().automatic = {Channel::kSms, Channel::kWhatsapp};
  ASSERT_EQ(start(automatic())->channel, Channel::kSms);
  fixture.wait(minutes(11));
  fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto known = store::find_known_address(tx, fixture.context().vault, fixture.account(), Channel::kSms, to);
    store::save_obstacles(tx, fixture.account(), known.value().id,
                          {{Channel::kSms, domain::ObstacleKind::kOptedOut, moment.now}});
    return Done{};
  });
  const auto [view, message] = started();
  EXPECT_EQ(view.channel, Channel::kWhatsapp);
  EXPECT_EQ(usecase::next_carrier(fixture.context(), message, {}), std::nullopt);
}

TEST_F(VerifyAuto, AMessageThatGoesOnIsOneAttemptByTheChannelThatTookIt) {
  configured().automatic = {Channel::kWhatsapp, Channel::kSms};
  auto [view, message] = started();
  ASSERT_EQ(view.channel, Channel::kWhatsapp);
  usecase::go_on_with(fixture.context(), message, {Channel::kSms, "double"}, false);
  ASSERT_TRUE(
      fixture.in([&](store::Tx& tx, Moment& moment) { return usecase::move(tx, fixture.context(), message, moment); }));
  EXPECT_EQ(shown().channel, Channel::kSms);
  const auto sent = domain::messages_in(shown().sendings);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent.front().message, message.id);
  EXPECT_EQ(sent.front().channel, Channel::kSms);
  EXPECT_EQ(attempts(), Channels{Channel::kSms});
  EXPECT_EQ(shown().expires_at, view.expires_at);
  const auto& content = std::get<delivery::OutgoingMessage>(message.content);
  EXPECT_NE(content.body.find(code), std::string::npos) << content.body;
  EXPECT_EQ(check(code)->status, Status::kApproved);
}

TEST_F(VerifyAuto, TheTextOfEachChannelIsItsOwn) {
  configured().automatic = {Channel::kWhatsapp, Channel::kSms};
  auto request = automatic();
  request.app_hash = "FA+9qCX9VSu";
  auto outcome = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::verify_api::start_code({tx, fixture.context(), fixture.caller(), moment}, request);
  });
  auto content = std::get<delivery::OutgoingMessage>(outcome->queued->content);
  EXPECT_EQ(content.body.find("FA+9qCX9VSu"), std::string::npos) << "for the app that reads text messages";
  usecase::go_by_channel(content, Channel::kSms);
  EXPECT_NE(content.body.find("FA+9qCX9VSu"), std::string::npos);
}

TEST_F(VerifyAuto, AgainItIsTheSameVerificationAndBothCodesWork) {
  configured().automatic = {Channel::kWhatsapp, Channel::kSms};
  const auto first = start(automatic());
  const auto first_code = code;
  fixture.wait(minutes(1));
  const auto by_name = start();
  EXPECT_EQ(by_name->id, first->id);
  EXPECT_EQ(by_name->channel, Channel::kSms);
  EXPECT_EQ(by_name->expires_at, first->expires_at);
  EXPECT_EQ(check(first_code)->status, Status::kApproved);
}

TEST_F(VerifyAuto, APaymentGoesByNothingThatHidesItAndByNoCall) {
  make_service({{"psd2_enabled", true}});
  configured().automatic = {Channel::kCall, Channel::kWhatsapp, Channel::kSms};
  configured().providers[Channel::kWhatsapp].code_alone = {Channel::kWhatsapp};
  auto request = automatic();
  request.amount = "39.99";
  request.payee = "Casa";
  EXPECT_EQ(start(request)->channel, Channel::kSms);
  configured().providers.erase(Channel::kSms);
  fixture.wait(minutes(11));
  EXPECT_EQ(fault_of(start(request)), ErrorCode::kAutoFailed);
}

TEST_F(VerifyAuto, WithoutAPaymentTheCodeAloneWillDo) {
  configured().automatic = {Channel::kWhatsapp, Channel::kSms};
  configured().providers[Channel::kWhatsapp].code_alone = {Channel::kWhatsapp};
  EXPECT_EQ(start(automatic())->channel, Channel::kWhatsapp);
}

TEST_F(VerifyAuto, TheApplicationsOwnCodeIsNotMadeElsewhere) {
  make_service({{"custom_code_enabled", true}});
  configured().automatic = {Channel::kSms, Channel::kWhatsapp};
  configured().providers[Channel::kSms] = {"verifier", true};
  auto request = automatic();
  request.code = SecretString("482913");
  EXPECT_EQ(start(request)->channel, Channel::kWhatsapp);
}

TEST_F(VerifyAuto, WhereNoChannelIsLeftItFails) {
  configured().automatic = {};
  EXPECT_EQ(fault_of(start(automatic())), ErrorCode::kAutoFailed);
  to = "+5511987";
  EXPECT_EQ(fault_of(start(automatic())), ErrorCode::kInvalidParameter);
}

TEST_F(VerifyAuto, LimitsAreThoseOfTheRecipient) {
  configured().automatic = {Channel::kWhatsapp, Channel::kSms, Channel::kCall};
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(start(i % 2 == 0 ? automatic() : request(Channel::kCall))) << i;
    fixture.wait(seconds(100));
  }
  EXPECT_EQ(fault_of(start(automatic())), ErrorCode::kMaxSendAttempts);
}

}  // namespace
}  // namespace countersign::testing
