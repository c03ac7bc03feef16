#include "usecase/hold.h"

#include <cstdio>

#include "script.h"

namespace countersign::testing {
namespace {

using FieldAndReason = std::pair<std::string, std::string>;

/// What is wrong with a policy that a hold at the service writes out; empty texts where nothing is.
FieldAndReason fault_of_written(const domain::Policy& policy, std::string_view service = "default") {
  House house;
  house.request().policy = policy;
  house.request().service = service;
  const auto held = house.try_hold();
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

TEST(Hold, RefusesAPolicyThatNamesWhatDoesNotExistYet) {
  using enum domain::Method;
  for (const auto method : {kWebauthn, kPush, kRecoveryCode}) {
    const auto reason = "names " + std::string(domain::to_text(method)) + ", which does not exist yet";
    EXPECT_EQ(fault_of_written(written({kSms, method})), FieldAndReason("policy.any_of", reason));
    auto adds = written({kSms});
    adds.enrol = {kTotp, method};
    EXPECT_EQ(fault_of_written(adds), FieldAndReason("policy.enrol", reason));
  }
  EXPECT_EQ(fault_of_written(written({kSms, kCall, kWhatsapp, kTotp})), FieldAndReason());
}

TEST(Hold, RefusesAPolicyThatItsServiceCanNeverMeet) {
  using enum domain::Method;
  // "upstream" has text messages alone.
  const FieldAndReason never{"policy.any_of",
                             "can never be met: the service has no provider for enough of its channels"};
  EXPECT_EQ(fault_of_written(written({kCall}), "upstream"), never);
  EXPECT_EQ(fault_of_written(written({kCall, kTotp}, 2), "upstream"), never);
  EXPECT_EQ(fault_of_written(written({kCall})), FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kCall, kSms}), "upstream"), FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kCall, kTotp}), "upstream"), FieldAndReason());
}

/// A hold that sends by that channel.
Answer<usecase::Held> hold_and_send(House& house, Channel channel = Channel::kSms) {
  house.request().send = channel;
  auto held = house.try_hold();
  house.request().send.reset();
  return held;
}

TEST(HoldThatSends, ItsCodeIsGoodForIt) {
  House house;
  const auto held = hold_and_send(house);
  ASSERT_EQ(why(held), kYes);
  ASSERT_TRUE(held->started);
  EXPECT_EQ(held->started->masked, "+55 •••••••4321");
  EXPECT_EQ(held->started->verification.state.transaction, held->id);
  EXPECT_EQ(house.events(), (std::vector<std::string>{"transaction.held", "verification.started"}));
  ASSERT_EQ(house.sent().size(), 1U);
  EXPECT_TRUE(house.message(held->started->message));
  const auto text = house.written(house.sent().front());
  EXPECT_EQ(text.to, kPhone);
  EXPECT_NE(text.body.find("12,480.00 to Casa do Samba"), std::string::npos) << text.body;
  EXPECT_EQ(why(house.check(house.code())), kYes);
  EXPECT_EQ(house.status(), TransactionStatus::kVerified);
}

TEST(HoldThatSends, OnlyWhatWasAskedFor) {
  House house;
  const auto held = house.try_hold();
  ASSERT_EQ(why(held), kYes);
  EXPECT_FALSE(held->started);
  EXPECT_EQ(house.count("messages"), 0);
}

TEST(HoldThatSends, IsASendingLikeAnyOther) {
  House house;
  house.limits().sends_per_contact = {2, hours(1)};
  ASSERT_EQ(why(hold_and_send(house)), kYes);
  EXPECT_EQ(why(house.start()), Code::kResendTooSoon) << "the wait runs from the hold";
  house.wait(minutes(1));
  EXPECT_EQ(house.start().value().sends, 2) << "a start afterwards sends the same verification again";
  const auto before = house.count("transactions");
  const auto refused = hold_and_send(house);
  EXPECT_EQ(why(refused), Code::kRateLimited) << "what the hold sent was counted";
  EXPECT_GT(refused.error().retry_after.value_or(Duration{}), minutes(50));
  EXPECT_EQ(house.count("transactions"), before);
  house.wait(hours(1));
  EXPECT_EQ(why(hold_and_send(house)), kYes);
}

TEST(HoldThatSends, CountsTheNetworkAddressOfThePerson) {
  House house;
  house.limits().sends_per_ip = {1, hours(1)};
  house.limits().strangers_share = 1;
  house.caller().end_user = IpAddress::parse("203.0.113.5");
  ASSERT_EQ(why(hold_and_send(house)), kYes);
  EXPECT_EQ(why(hold_and_send(house)), Code::kRateLimited);
  house.caller().end_user = IpAddress::parse("203.0.113.6");
  EXPECT_EQ(why(hold_and_send(house)), kYes);
}

TEST(HoldThatSends, RefusedAsAStartIsAndNothingIsLeft) {
  using enum domain::Method;
  const auto refusal = [](auto change, Channel channel = Channel::kSms) {
    House house;
    change(house);
    const auto transactions = house.count("transactions");
    const auto standings = house.count("standings");
    const auto events = house.all_events().size();
    const auto refused = hold_and_send(house, channel);
    EXPECT_EQ(house.count("transactions"), transactions);
    EXPECT_EQ(house.count("standings"), standings);
    EXPECT_EQ(house.all_events().size(), events);
    EXPECT_TRUE(house.due_messages().empty());
    return why(refused);
  };
  EXPECT_EQ(refusal([](House& h) { h.request().policy = written({kCall, kTotp}); }), Code::kMethodNotAllowed);
  EXPECT_EQ(refusal([](House& h) { h.request().service = "upstream"; }, Channel::kCall), Code::kChannelUnavailable);
  EXPECT_EQ(refusal([](House& h) { h.request().contacts.clear(); }), Code::kNoContact);
  EXPECT_EQ(refusal([](House&) {}, Channel::kWhatsapp), Code::kNoContact);
  EXPECT_EQ(refusal(
                [](House& h) {
                  verify(h);  // Somebody known: her new mailbox waits.
                  h.request().policy = written({kSms, kEmail});
                  h.request().contacts = {{Channel::kEmail, "new@example.com"}};
                },
                Channel::kEmail),
            Code::kSourceDoesNotCount);
  EXPECT_EQ(refusal([](House& h) {
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
  House house;
  verify(house);
  house.wait(hours(1));
  house.request().contacts = {{Channel::kSms, std::string(kOtherPhone)}};
  const auto held = hold_and_send(house);
  ASSERT_EQ(why(held), kYes);
  EXPECT_EQ(held->started->masked, "+55 •••••••4321");
  house.request().contacts.clear();
  EXPECT_EQ(hold_and_send(house)->started->masked, "+55 •••••••4321");
}

TEST(HoldThatSends, ByAProviderThatMakesTheCode) {
  House house;
  house.request().service = "upstream";
  const auto held = hold_and_send(house);
  ASSERT_EQ(why(held), kYes);
  const auto& start = std::get<delivery::VerificationStart>(held->started->queued.content);
  EXPECT_EQ(start.to, kPhone);
  EXPECT_EQ(start.payee, "Casa do Samba Ltda");
}

/// A line of as many characters.
std::string line_of(std::size_t length) { return std::string(length, 'x'); }

TEST(Hold, RefusesAShortLineThatDoesNotFitAndSaysHowManyCharactersDo) {
  House house;
  house.settings().accounts.at(house.account()).services.front().origin_host = "verify.example.com";
  auto& display = house.request().display;
  display.amount = domain::Amount{"999999999999.99", "BRL"};
  display.short_line = line_of(60);
  const auto refused = house.try_hold();
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
  EXPECT_EQ(why(house.try_hold()), Code::kShortLineTooLong);
  display.short_line = line_of(most);
  EXPECT_EQ(why(house.try_hold()), kYes);
  // A line that nobody gave for it is no reason to refuse.
  display.short_line.clear();
  display.lines = {{"Conta", line_of(200)}};
  EXPECT_EQ(why(house.try_hold()), kYes);
}

TEST(Hold, AShortLineIsMeasuredWhereTextMessagesAreOurs) {
  House house;
  for (auto& service : house.settings().accounts.at(house.account()).services)
    service.origin_host = "verify.example.com";
  house.request().display.amount = domain::Amount{"999999999999.99", "BRL"};
  house.request().display.short_line = line_of(60);
  EXPECT_EQ(why(house.try_hold()), Code::kShortLineTooLong);
  house.request().service = "upstream";  // The provider words its own.
  EXPECT_EQ(why(house.try_hold()), kYes);
}

TEST(Hold, AShortLineIsMeasuredWhereATextMessageCanGoOut) {
  House house;
  std::string euros = "x";
  for (int i = 0; i < 59; ++i) euros += "\u20AC";
  house.request().display.amount = domain::Amount{"999999999999.99", "BRL"};
  for (const std::string& line : {std::string("Pix ana@banco.com.br"), std::string("."), euros}) {
    house.request().display.short_line = line;
    house.request().policy = written({domain::Method::kCall, domain::Method::kTotp});
    EXPECT_EQ(why(house.try_hold()), kYes) << line;
    house.request().policy = written({domain::Method::kCall, domain::Method::kSms});
    EXPECT_NE(why(house.try_hold()), kYes) << line;
  }
  const auto refused = house.try_hold();
  EXPECT_EQ(why(refused), Code::kShortLineTooLong);
  EXPECT_TRUE(refused.error().detail.ends_with("it has 119; \u20AC ^ { } \\ [ ~ ] | count twice"))
      << refused.error().detail;
}

TEST(Hold, RefusesAShortLineThatTextMessagesWouldNotSayAsThePageDoes) {
  House house;
  const auto detail = [&](std::string_view line) {
    house.request().display.short_line = line;
    const auto held = house.try_hold();
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
  House house;
  house.request().display.short_line = "Ita\u00FA final 3661";
  house.hold();
  const std::string with = house.row().display_hash;
  ASSERT_EQ(why(house.start()), kYes);
  const std::string body = house.written(house.sent().back()).body;
  EXPECT_NE(body.find("Itau final 3661"), std::string::npos) << body;
  house.request().display.short_line = "Ita\u00FA final 3662";
  house.hold();
  EXPECT_NE(house.row().display_hash, with);
}

}  // namespace
}  // namespace countersign::testing
