#include "usecase/transaction/hold.h"

#include <cstdio>

#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

using FieldAndReason = std::pair<std::string, std::string>;

/// What is wrong with a policy that a hold at the service writes out; empty texts where nothing is.
FieldAndReason fault_of_written(const domain::Policy& policy, std::string_view service = "default") {
  Fixture fixture;
  fixture.request().policy = policy;
  fixture.request().service = service;
  const auto held = fixture.try_hold();
  if (held) return {};
  EXPECT_EQ(held.error().code, Code::kInvalidField);
  return {held.error().field, held.error().detail};
}

domain::Policy written(domain::MethodSet any_of, int kinds = 1) {
  domain::Policy policy;
  policy.any_of = any_of;
  policy.min_kinds = kinds;
  return policy;
}

TEST(Hold, TakesAPolicyWithEveryMethodThatThePageAdds) {
  using enum domain::Method;
  auto device = written({kSms});
  device.enrol = {kTotp, kPush};
  EXPECT_EQ(fault_of_written(device), FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kSms, kCall, kWhatsapp, kTotp, kWebauthn, kPush, kRecoveryCode})),
            FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kSms, kRecoveryCode}, 2)), FieldAndReason());
  auto adds = written({kSms});
  adds.enrol = {kWebauthn};
  EXPECT_EQ(fault_of_written(adds), FieldAndReason());
}

TEST(Hold, RefusesAPolicyThatItsServiceCanNeverMeet) {
  using enum domain::Method;
  // "upstream" has text messages alone.
  const FieldAndReason never{
      "policy.any_of",
      "can never be met: the service has no provider for enough of its channels, and a push from "
      "the mobile SDKs is never enough alone"};
  EXPECT_EQ(fault_of_written(written({kCall}), "upstream"), never);
  EXPECT_EQ(fault_of_written(written({kCall, kTotp}, 2), "upstream"), never);
  EXPECT_EQ(fault_of_written(written({kWebauthn})), never) << "no service of the test has passkeys";
  EXPECT_EQ(fault_of_written(written({kPush})), never) << "one kind beside another";
  EXPECT_EQ(fault_of_written(written({kPush, kRecoveryCode})), never);
  EXPECT_EQ(fault_of_written(written({kPush, kTotp})), FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kCall})), FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kCall, kSms}), "upstream"), FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kCall, kTotp}), "upstream"), FieldAndReason());
}

/// A hold that sends by that channel.
Answer<usecase::Held> hold_and_send(Fixture& fixture, Channel channel = Channel::kSms) {
  fixture.request().send = channel;
  auto held = fixture.try_hold();
  fixture.request().send.reset();
  return held;
}

TEST(HoldThatSends, ItsCodeIsGoodForIt) {
  Fixture fixture;
  const auto held = hold_and_send(fixture);
  ASSERT_EQ(why(held), kYes);
  ASSERT_TRUE(held->started);
  EXPECT_EQ(held->started->masked, "+55 •••••••4321");
  EXPECT_EQ(held->started->verification.state.transaction, held->id);
  EXPECT_EQ(fixture.events(), (std::vector<std::string>{"transaction.held", "verification.started"}));
  ASSERT_EQ(fixture.sent().size(), 1U);
  EXPECT_TRUE(fixture.message(held->started->message));
  const auto text = fixture.written(fixture.sent().front());
  EXPECT_EQ(text.to, kPhone);
  EXPECT_NE(text.body.find("12,480.00 to Casa do Samba"), std::string::npos) << text.body;
  EXPECT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
}

TEST(HoldThatSends, OnlyWhatWasAskedFor) {
  Fixture fixture;
  const auto held = fixture.try_hold();
  ASSERT_EQ(why(held), kYes);
  EXPECT_FALSE(held->started);
  EXPECT_EQ(fixture.count("messages"), 0);
}

TEST(HoldThatSends, IsASendingLikeAnyOther) {
  Fixture fixture;
  fixture.limits().sends_per_contact = {2, hours(1)};
  ASSERT_EQ(why(hold_and_send(fixture)), kYes);
  EXPECT_EQ(why(fixture.start()), Code::kResendTooSoon) << "the wait runs from the hold";
  fixture.wait(minutes(1));
  EXPECT_EQ(fixture.start().value().sends, 2) << "a start afterwards sends the same verification again";
  const auto before = fixture.count("transactions");
  const auto refused = hold_and_send(fixture);
  EXPECT_EQ(why(refused), Code::kRateLimited) << "what the hold sent was counted";
  EXPECT_GT(refused.error().retry_after.value_or(Duration{}), minutes(50));
  EXPECT_EQ(fixture.count("transactions"), before);
  fixture.wait(hours(1));
  EXPECT_EQ(why(hold_and_send(fixture)), kYes);
}

TEST(HoldThatSends, CountsTheNetworkAddressOfThePerson) {
  Fixture fixture;
  fixture.limits().sends_per_ip = {1, hours(1)};
  fixture.limits().strangers_share = 1;
  fixture.caller().end_user = IpAddress::parse("203.0.113.5");
  ASSERT_EQ(why(hold_and_send(fixture)), kYes);
  EXPECT_EQ(why(hold_and_send(fixture)), Code::kRateLimited);
  fixture.caller().end_user = IpAddress::parse("203.0.113.6");
  EXPECT_EQ(why(hold_and_send(fixture)), kYes);
}

TEST(HoldThatSends, RefusedAsAStartIsAndNothingIsLeft) {
  using enum domain::Method;
  const auto refusal = [](auto change, Channel channel = Channel::kSms) {
    Fixture fixture;
    change(fixture);
    const auto transactions = fixture.count("transactions");
    const auto standings = fixture.count("standings");
    const auto events = fixture.all_events().size();
    const auto refused = hold_and_send(fixture, channel);
    EXPECT_EQ(fixture.count("transactions"), transactions);
    EXPECT_EQ(fixture.count("standings"), standings);
    EXPECT_EQ(fixture.all_events().size(), events);
    EXPECT_TRUE(fixture.due_messages().empty());
    return why(refused);
  };
  EXPECT_EQ(refusal([](Fixture& h) { h.request().policy = written({kCall, kTotp}); }), Code::kMethodNotAllowed);
  EXPECT_EQ(refusal([](Fixture& h) { h.request().service = "upstream"; }, Channel::kCall), Code::kChannelUnavailable);
  EXPECT_EQ(refusal([](Fixture& h) { h.request().contacts.clear(); }), Code::kNoContact);
  EXPECT_EQ(refusal([](Fixture&) {}, Channel::kWhatsapp), Code::kNoContact);
  EXPECT_EQ(refusal(
                [](Fixture& h) {
                  verify(h);  // Somebody known: her new mailbox waits.
                  h.request().policy = written({kSms, kEmail});
                  h.request().contacts = {{Channel::kEmail, "new@example.com"}};
                },
                Channel::kEmail),
            Code::kSourceDoesNotCount);
  EXPECT_EQ(refusal([](Fixture& h) {
              h.limits().failures.per_lock = 1;
              h.hold();
              ASSERT_EQ(why(h.start()), kYes);
              ASSERT_EQ(why(h.check(h.wrong_code())), Code::kWrongCode);
              static_cast<void>(h.due_messages());
              h.wait(seconds(1));
            }),
            Code::kLocked);
}

// A newer number waits; the one that counts gets the code, though it did not come with the hold.
TEST(HoldThatSends, ToTheNewestThatCounts) {
  Fixture fixture;
  verify(fixture);
  fixture.wait(hours(1));
  fixture.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  const auto held = hold_and_send(fixture);
  ASSERT_EQ(why(held), kYes);
  EXPECT_EQ(held->started->masked, "+55 •••••••4321");
  fixture.request().contacts.clear();
  EXPECT_EQ(hold_and_send(fixture)->started->masked, "+55 •••••••4321");
}

TEST(HoldThatSends, ByAProviderThatMakesTheCode) {
  Fixture fixture;
  fixture.request().service = "upstream";
  const auto held = hold_and_send(fixture);
  ASSERT_EQ(why(held), kYes);
  const auto& start = std::get<delivery::VerificationStart>(held->started->queued.content);
  EXPECT_EQ(start.to, kPhone);
  EXPECT_EQ(start.payee, "Casa do Samba Ltda");
}

/// A line of as many characters.
std::string line_of(std::size_t length) { return std::string(length, 'x'); }

TEST(Hold, RefusesAShortLineThatDoesNotFitAndSaysHowManyCharactersDo) {
  Fixture fixture;
  fixture.settings().accounts.at(fixture.account()).services.front().origin_host = "verify.example.com";
  auto& display = fixture.request().display;
  display.amount = domain::Amount{"999999999999.99", "BRL"};
  display.short_line = line_of(60);
  const auto refused = fixture.try_hold();
  ASSERT_EQ(why(refused), Code::kShortLineTooLong);
  EXPECT_EQ(refused.error().field, "display.short");
  std::size_t most = 0;
  ASSERT_EQ(std::sscanf(refused.error().detail.c_str(),
                        "does not fit whole into a text message beside the code, the amount and the warning: %zu "
                        "characters fit, and it has 60",
                        &most),
            1)
      << refused.error().detail;
  display.short_line = line_of(most + 1);
  EXPECT_EQ(why(fixture.try_hold()), Code::kShortLineTooLong);
  display.short_line = line_of(most);
  EXPECT_EQ(why(fixture.try_hold()), kYes);
  // A line that nobody gave for it is no reason to refuse.
  display.short_line.clear();
  display.lines = {{"Conta", line_of(200)}};
  EXPECT_EQ(why(fixture.try_hold()), kYes);
}

TEST(Hold, AShortLineIsMeasuredWhereTextMessagesAreOurs) {
  Fixture fixture;
  for (auto& service : fixture.settings().accounts.at(fixture.account()).services)
    service.origin_host = "verify.example.com";
  fixture.request().display.amount = domain::Amount{"999999999999.99", "BRL"};
  fixture.request().display.short_line = line_of(60);
  EXPECT_EQ(why(fixture.try_hold()), Code::kShortLineTooLong);
  fixture.request().service = "upstream";  // The provider words its own.
  EXPECT_EQ(why(fixture.try_hold()), kYes);
}

TEST(Hold, AShortLineIsMeasuredWhereATextMessageCanGoOut) {
  Fixture fixture;
  std::string euros = "x";
  for (int i = 0; i < 59; ++i) euros += "\u20AC";
  fixture.request().display.amount = domain::Amount{"999999999999.99", "BRL"};
  for (const std::string& line : {std::string("Pix ana@banco.com.br"), std::string("."), euros}) {
    fixture.request().display.short_line = line;
    fixture.request().policy = written({domain::Method::kCall, domain::Method::kTotp});
    EXPECT_EQ(why(fixture.try_hold()), kYes) << line;
    fixture.request().policy = written({domain::Method::kCall, domain::Method::kSms});
    EXPECT_NE(why(fixture.try_hold()), kYes) << line;
  }
  const auto refused = fixture.try_hold();
  EXPECT_EQ(why(refused), Code::kShortLineTooLong);
  EXPECT_TRUE(refused.error().detail.ends_with("it has 119; \u20AC ^ { } \\ [ ~ ] | count twice"))
      << refused.error().detail;
}

TEST(Hold, RefusesAShortLineThatTextMessagesWouldNotSayAsThePageDoes) {
  Fixture fixture;
  const auto detail = [&](std::string_view line) {
    fixture.request().display.short_line = line;
    const auto held = fixture.try_hold();
    if (held) return std::string();
    EXPECT_EQ(held.error().code, Code::kInvalidField);
    EXPECT_EQ(held.error().field, "display.short");
    return held.error().detail;
  };
  for (const char* line : {"Pix ana@banco.com.br", "palco\u00B7cc", "https:\u00B6//x", "Pix 10.0.0.1", "Conta #3661"})
    EXPECT_TRUE(detail(line).starts_with("would be a link or a code in a text message")) << line;
  for (const char* line : {"\u0301", "\u00B6", "\u2800", ".", "\U0001F389", " "})
    EXPECT_EQ(detail(line), "must have a letter or digit") << line;
  for (const char* line : {"C6 Bank S.A. 3661", "CNPJ 12.ABC.345/01DE-35"}) EXPECT_EQ(detail(line), "") << line;
}

TEST(Hold, TheShortLineIsInTheMessageAndInTheBinding) {
  Fixture fixture;
  fixture.request().display.short_line = "Ita\u00FA final 3661";
  fixture.hold();
  const std::string with = fixture.row().display_hash;
  ASSERT_EQ(why(fixture.start()), kYes);
  const std::string body = fixture.written(fixture.sent().back()).body;
  EXPECT_NE(body.find("Itau final 3661"), std::string::npos) << body;
  fixture.request().display.short_line = "Ita\u00FA final 3662";
  fixture.hold();
  EXPECT_NE(fixture.row().display_hash, with);
}

}  // namespace
}  // namespace countersign::testing
