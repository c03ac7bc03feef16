#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/encoding.h"
#include "tests/unit/usecase/push/device_holder.h"
#include "usecase/push/signed_text.h"

namespace countersign::testing {
namespace {

std::vector<std::string> all_types(Fixture& fixture) {
  std::vector<std::string> types;
  for (const auto& event : fixture.all_events()) types.push_back(event.type);
  return types;
}

std::string last_reason(Fixture& fixture) {
  const auto events = fixture.all_events();
  return json_text_or_empty(parse_json(events.back().data)->as_object(), "reason");
}

struct PushTest : ::testing::Test {
  PushTest() {
    offer_push(fixture, sent);
    holder.bind();
    fixture.wait(seconds(1));
    fixture.hold();
  }
  void from(std::string_view address) { fixture.caller().end_user = IpAddress::parse(address); }

  Fixture fixture;
  SentPushes sent;
  DeviceHolder holder{fixture};
};

TEST_F(PushTest, TheNumberOfTheAskingPageTypedOnTheDeviceProves) {
  const auto prompt = holder.prompt();
  ASSERT_EQ(why(prompt), kYes);
  EXPECT_EQ(prompt->number.expose().size(), 6U);
  EXPECT_EQ(prompt->devices, 1);
  EXPECT_EQ(holder.look(prompt->id)->status, domain::PromptStatus::kOpen);
  const auto approved = holder.type(prompt->id, prompt->number.expose());
  ASSERT_EQ(why(approved), kYes);
  EXPECT_EQ(approved->status, TransactionStatus::kVerified);
  const auto proof = fixture.row().state.proofs.at(0);
  EXPECT_EQ(proof.method, domain::Method::kPush);
  EXPECT_EQ(proof.source, holder.factor.id);
  EXPECT_EQ(holder.look(prompt->id)->status, domain::PromptStatus::kApproved);
  const auto events = fixture.events();
  for (const char* wanted : {"push.prompted", "check.approved", "transaction.verified"})
    EXPECT_NE(std::ranges::find(events, wanted), events.end()) << wanted;
}

// [PUSH-7, PUSH-8]
TEST_F(PushTest, WhatIsSentHasNoNumberAndNothingOfWhatIsApproved) {
  const auto prompt = holder.prompt();
  ASSERT_EQ(sent.all.size(), 1U);
  const auto& push = sent.all[0];
  EXPECT_EQ(push.factor, holder.factor);
  EXPECT_EQ(push.to.endpoint, holder.endpoint);
  EXPECT_EQ(push.until, prompt->expires_at);
  for (const auto& secret : {prompt->number.expose(), std::string("12480"), std::string("Samba"),
                             std::string("repasse"), std::string(kPhone)})
    EXPECT_EQ(push.text.find(secret), std::string::npos) << push.text;
  const auto text = parse_json(push.text)->as_object();
  EXPECT_EQ(text.at("web_push").as_int64(), 8030);
  const auto& shown = text.at("notification").as_object();
  EXPECT_EQ(json_text_or_empty(shown, "navigate"),
            "https://app.example.com/approve#transaction=" + fixture.current().text() + "&prompt=" + prompt->id);
  EXPECT_NE(json_text_or_empty(shown, "title"), "");
  EXPECT_LE(push.topic.size(), 32U);
  EXPECT_EQ(push.topic.find(fixture.current().text()), std::string::npos);
}

TEST_F(PushTest, TheNextPromptReplacesTheOneThatWaits) {
  const auto first = holder.prompt();
  const auto second = holder.prompt();
  ASSERT_EQ(why(second), kYes);
  EXPECT_EQ(sent.all[0].topic, sent.all[1].topic) << "the push service shows one of them";
  EXPECT_EQ(holder.look(first->id)->status, domain::PromptStatus::kReplaced);
  auto late = holder.typed(*holder.look(second->id), first->number.expose());
  late.prompt = first->id;
  EXPECT_EQ(why(holder.send(late)), Code::kWrongResponse);
  EXPECT_EQ(why(holder.type(second->id, second->number.expose())), kYes);
}

// [PUSH-8, THR-2]
TEST_F(PushTest, ThreeWrongNumbersEndThePromptAndCountAsFailures) {
  const auto prompt = holder.prompt();
  const std::string wrong = other_number(prompt->number.expose());
  for (int left = 2; left >= 0; --left) {
    const auto refused = holder.type(prompt->id, wrong);
    ASSERT_EQ(why(refused), Code::kWrongCode);
    EXPECT_EQ(refused.error().attempts_left, left);
    EXPECT_EQ(last_reason(fixture), "wrong_number");
  }
  EXPECT_EQ(holder.look(prompt->id)->status, domain::PromptStatus::kSpent);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);

  // Two more lock the device, whatever the prompt.
  const auto next = holder.prompt();
  const std::string also_wrong = other_number(next->number.expose());
  EXPECT_EQ(why(holder.type(next->id, also_wrong)), Code::kWrongCode);
  EXPECT_EQ(why(holder.type(next->id, also_wrong)), Code::kWrongCode);
  EXPECT_EQ(why(holder.type(next->id, next->number.expose())), Code::kLocked);
  fixture.wait(seconds(30));
  EXPECT_EQ(why(holder.type(next->id, next->number.expose())), kYes);
}

TEST_F(PushTest, NumbersAreSpreadAndAsRandomAsTheirPrompts) {
  std::map<std::string, int> seen;
  std::string salt(32, '\0');
  for (int i = 0; i < 2000; ++i) {
    salt[0] = static_cast<char>(i);
    salt[1] = static_cast<char>(i >> 8);
    const auto number = usecase::number_of(fixture.context().vault, fixture.current(), salt);
    ASSERT_EQ(number.expose().size(), 6U);
    ASSERT_EQ(number.expose().find_first_not_of("0123456789"), std::string::npos);
    ++seen[number.expose().substr(0, 1)];
  }
  EXPECT_EQ(seen.size(), 10U) << "leading zeros, too";
  for (const auto& [digit, times] : seen) EXPECT_NEAR(times, 200, 75) << digit;
}

TEST_F(PushTest, AnAnswerIsForItsTransactionAlone) {
  const auto prompt = holder.prompt();
  const auto view = *holder.look(prompt->id);
  const TransactionId mine = fixture.current();
  fixture.hold();
  EXPECT_EQ(why(holder.send(holder.typed(view, prompt->number.expose()))), Code::kWrongResponse);
  // Nor for another prompt of the same one, with that prompt's challenge.
  fixture.use(mine);
  const auto second = holder.prompt();
  auto crossed = holder.typed(view, second->number.expose());
  crossed.prompt = second->id;
  EXPECT_EQ(why(holder.send(crossed)), Code::kWrongResponse);
  EXPECT_EQ(last_reason(fixture), "wrong_challenge");
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
}

TEST_F(PushTest, WhoeverKnowsTheNumberNeedsTheKey) {
  const auto prompt = holder.prompt();
  const auto view = *holder.look(prompt->id);
  auto answer = holder.typed(view, prompt->number.expose());

  auto spoiled = answer;
  spoiled.signature.back() = static_cast<char>(spoiled.signature.back() ^ 1);
  EXPECT_EQ(why(holder.send(spoiled)), Code::kWrongResponse);
  EXPECT_EQ(last_reason(fixture), "bad_signature");

  // A number that the device did not sign: whoever carries the answer cannot change it.
  auto replaced = answer;
  replaced.number = SecretString(other_number(prompt->number.expose()));
  EXPECT_EQ(why(holder.send(replaced)), Code::kWrongResponse);

  // A denial is not an approval, nor the other way round.
  auto denial = answer;
  denial.number.reset();
  EXPECT_EQ(why(holder.send(denial)), Code::kWrongResponse);

  DeviceHolder thief(fixture, 8);
  EXPECT_EQ(why(thief.send(thief.typed(view, prompt->number.expose()))), Code::kWrongResponse);
  EXPECT_EQ(last_reason(fixture), "unknown_device");

  // Somebody else's device, of the same account.
  DeviceHolder other(fixture, 9);
  other.identity = "somebody-else";
  other.endpoint += "/other";
  other.bind();
  EXPECT_EQ(why(other.send(other.typed(view, prompt->number.expose()))), Code::kWrongResponse);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
  EXPECT_EQ(why(holder.send(answer)), kYes) << "nobody could end the prompt";
}

TEST_F(PushTest, ThePageOfItsOwnBrowserIsNotConfirmed) {
  holder.asking = holder.factor;
  EXPECT_EQ(why(holder.prompt()), Code::kFactorUnusable);
  EXPECT_TRUE(sent.all.empty());

  DeviceHolder tablet(fixture, 10);
  tablet.endpoint += "/tablet";
  tablet.bind();
  fixture.wait(seconds(1));
  fixture.hold();
  const auto prompt = holder.prompt();
  ASSERT_EQ(why(prompt), kYes);
  ASSERT_EQ(sent.all.size(), 1U);
  EXPECT_EQ(sent.all[0].factor, tablet.factor);
  EXPECT_EQ(why(holder.type(prompt->id, prompt->number.expose())), Code::kWrongResponse);
  EXPECT_EQ(last_reason(fixture), "not_asked");
  EXPECT_EQ(why(tablet.type(prompt->id, prompt->number.expose())), kYes);
}

TEST_F(PushTest, ADenialEndsTheTransactionAndSilencesTheDeviceForThatAsker) {
  from("203.0.113.7");
  const auto prompt = holder.prompt();
  const auto denied = holder.refuse(prompt->id);
  ASSERT_EQ(why(denied), kYes);
  EXPECT_EQ(denied->status, TransactionStatus::kDenied);
  EXPECT_EQ(fixture.status(), TransactionStatus::kDenied);
  const auto events = fixture.events();
  EXPECT_NE(std::ranges::find(events, "push.denied"), events.end());

  fixture.hold();
  const auto silent = holder.prompt();
  ASSERT_EQ(why(silent), Code::kRateLimited);
  EXPECT_GT(silent.error().retry_after, minutes(55));
  // The person herself, elsewhere, is not shut out.
  from("198.51.100.9");
  EXPECT_EQ(why(holder.prompt()), kYes);
}

// [THR-8]
TEST_F(PushTest, AfterThreeWithoutAnAnswerAnotherProofComesFirst) {
  fixture.policy("any").min_kinds = 2;
  fixture.hold("any");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(holder.prompt()), kYes) << i;
  EXPECT_EQ(why(holder.prompt()), Code::kRateLimited);
  fixture.wait(hours(1));
  fixture.hold("any");
  EXPECT_EQ(why(holder.prompt()), Code::kRateLimited) << "a new transaction changes nothing";
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  const auto prompt = holder.prompt();
  ASSERT_EQ(why(prompt), kYes);
  ASSERT_EQ(why(holder.type(prompt->id, prompt->number.expose())), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
  fixture.hold("any");
  EXPECT_EQ(why(holder.prompt()), kYes) << "it was answered";
}

// [THR-8]
TEST_F(PushTest, AnyOtherProofOfThePersonMakesItAskableAgain) {
  from("203.0.113.7");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(holder.prompt()), kYes) << i;
  fixture.hold("any");
  ASSERT_EQ(why(holder.prompt()), Code::kRateLimited);
  // Where one kind is enough, the other proof ends the transaction: the next one is asked.
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_NE(why(fixture.check("000000")), kYes);
  ASSERT_EQ(why(holder.prompt()), Code::kRateLimited);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.status(), TransactionStatus::kVerified);
  fixture.hold("any");
  EXPECT_EQ(why(holder.prompt()), kYes);
}

TEST_F(PushTest, AProofOfAnotherPersonDoesNot) {
  for (int i = 0; i < 3; ++i) ASSERT_EQ(why(holder.prompt()), kYes) << i;
  const auto hers = fixture.current();
  fixture.request().identity = "somebody-else";
  fixture.hold("any");
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  fixture.use(hers);
  EXPECT_EQ(why(holder.prompt()), Code::kRateLimited);
}

TEST_F(PushTest, ManyNetworksAreNotManyAskers) {
  for (int i = 0; i < 6; ++i) {
    from("203.0.113." + std::to_string(i + 1));
    const auto prompt = holder.prompt();
    ASSERT_EQ(why(prompt), kYes) << i;
    ASSERT_EQ(why(holder.refuse(prompt->id)), kYes);
    fixture.hold("any");
  }
  from("203.0.113.9");
  EXPECT_EQ(why(holder.prompt()), Code::kRateLimited);
}

TEST_F(PushTest, APromptExpires) {
  const auto prompt = holder.prompt();
  const auto answer = holder.typed(*holder.look(prompt->id), prompt->number.expose());
  fixture.wait(prompt->expires_at - fixture.now());
  EXPECT_EQ(holder.look(prompt->id)->status, domain::PromptStatus::kExpired);
  EXPECT_EQ(holder.look(prompt->id)->challenge, "");
  EXPECT_EQ(why(holder.send(answer)), Code::kWrongResponse);
}

TEST_F(PushTest, ANewDeviceDoesNotCountYet) {
  fixture.wait(hours(24 * 10));
  DeviceHolder added(fixture, 11);
  added.endpoint += "/new";
  added.bind();
  fixture.tell_all();
  fixture.wait(seconds(1));
  fixture.hold();
  const auto prompt = holder.prompt();
  ASSERT_EQ(why(prompt), kYes);
  EXPECT_EQ(prompt->devices, 1) << "the old one alone";
  EXPECT_EQ(sent.all.back().factor, holder.factor);
  EXPECT_EQ(why(added.type(prompt->id, prompt->number.expose())), Code::kWrongResponse);
  fixture.wait(hours(72));
  fixture.hold();
  EXPECT_EQ(holder.prompt()->devices, 2);
}

TEST_F(PushTest, ARemovedDeviceIsNeitherAskedNorHeard) {
  const auto prompt = holder.prompt();
  const auto answer = holder.typed(*holder.look(prompt->id), prompt->number.expose());
  ASSERT_EQ(why(fixture.remove(holder.factor)), kYes);
  EXPECT_EQ(why(holder.send(answer)), Code::kWrongResponse);
  EXPECT_EQ(why(holder.prompt()), Code::kFactorUnusable);
}

TEST_F(PushTest, WithoutThePolicyOrTheConfigurationThereIsNone) {
  fixture.policy("any").any_of = {domain::Method::kSms};
  fixture.hold("any");
  EXPECT_EQ(why(holder.prompt()), Code::kMethodNotAllowed);
  fixture.policy("any").any_of.add(domain::Method::kPush);
  fixture.hold("any");
  fixture.settings().push.reset();
  EXPECT_EQ(why(holder.prompt()), Code::kChannelUnavailable);
  EXPECT_EQ(why(holder.enrol()), Code::kChannelUnavailable);
}

struct PushEnrolTest : ::testing::Test {
  PushEnrolTest() { offer_push(fixture, sent); }
  Fixture fixture;
  SentPushes sent;
  DeviceHolder holder{fixture};
};

TEST_F(PushEnrolTest, ADeviceIsBoundByItsFirstAnswer) {
  const auto made = holder.enrol();
  ASSERT_EQ(why(made), kYes);
  EXPECT_EQ(made->server_key, to_base64url(fixture.settings().push->keys->point()));
  const auto view = holder.confirm(holder.answer_to(made->challenge));
  ASSERT_EQ(why(view), kYes);
  EXPECT_EQ(view->status, domain::FactorStatus::kActive);
  EXPECT_EQ(view->subscribed, true);
  EXPECT_EQ(why(holder.confirm(holder.answer_to(made->challenge))), Code::kFactorUnusable) << "once";
}

// A page subscribes with the key that it was offered, whatever the server's is by the time of its answer.
TEST_F(PushEnrolTest, AKeyThatChangesMeanwhileIsNotTakenForTheOneThatWasOffered) {
  const auto offered = fixture.settings().push->keys->point();
  const auto made = holder.enrol();
  SeededRandom random(5);
  const crypto::VapidKey next(crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random),
                              "mailto:ops@countersign.dev");
  const auto before = fixture.settings().push->keys->find(offered).value();
  ASSERT_TRUE(fixture.settings().push->keys->take({next, before}));
  ASSERT_EQ(why(holder.confirm(holder.answer_to(made->challenge))), kYes);
  fixture.hold();
  ASSERT_EQ(why(holder.prompt()), kYes);
  EXPECT_EQ(sent.all.back().to.vapid_key, offered);
  // Who enrols from now on, and who renews, has the new one.
  DeviceHolder other(fixture, 9);
  other.identity = "somebody-else";
  const auto later = other.enrol();
  EXPECT_EQ(later->server_key, to_base64url(next.point()));
}

TEST_F(PushEnrolTest, AWrongAnswerSpendsTheChallenge) {
  const auto check = [&](auto spoil, const char* reason) {
    const auto made = holder.enrol();
    auto answer = holder.answer_to(made->challenge);
    spoil(answer);
    EXPECT_EQ(why(holder.confirm(answer)), Code::kWrongResponse) << reason;
    EXPECT_EQ(last_reason(fixture), reason);
    EXPECT_EQ(why(holder.confirm(holder.answer_to(made->challenge))), Code::kFactorUnusable) << reason;
  };
  check([](auto& a) { a.signature.back() = static_cast<char>(a.signature.back() ^ 1); }, "bad_signature");
  check([](auto& a) { a.signature.clear(); }, "bad_signature");
  check([&](auto& a) { a = holder.answer_to(std::string(32, 'x')); }, "wrong_challenge");
  // Messages to another address than the device signed for.
  check([](auto& a) { a.endpoint = "https://push.example.net/p/thief"; }, "bad_signature");
  check([](auto& a) { a.auth = std::string(16, 'x'); }, "bad_signature");
}

TEST_F(PushEnrolTest, OneKeyIsOneDevice) {
  holder.bind();
  DeviceHolder again(fixture);  // The same key.
  again.identity = "somebody-else";
  const auto made = again.enrol();
  EXPECT_EQ(why(again.confirm(again.answer_to(made->challenge))), Code::kWrongResponse);
  EXPECT_EQ(last_reason(fixture), "already_registered");
}

// [PUSH-6]
TEST_F(PushEnrolTest, WhereMessagesCannotGoIsAnInvalidFieldAndSpendsNothing) {
  const auto made = holder.enrol();
  for (const char* bad :
       {"http://push.example.net/p", "https://127.0.0.1/p", "https://10.1.2.3/p", "https://localhost/p"}) {
    holder.endpoint = bad;
    const auto refused = holder.confirm(holder.answer_to(made->challenge));
    ASSERT_EQ(why(refused), Code::kInvalidField) << bad;
    EXPECT_EQ(refused.error().field, "subscription.endpoint");
  }
  holder.endpoint = "https://push.example.net/p";
  EXPECT_EQ(why(holder.confirm(holder.answer_to(made->challenge))), kYes);
}

TEST_F(PushEnrolTest, AnEnrolmentIsAnsweredInTime) {
  const auto made = holder.enrol();
  fixture.wait(usecase::kPushEnrolTime);
  EXPECT_EQ(why(holder.confirm(holder.answer_to(made->challenge))), Code::kFactorUnusable);
}

struct PushSubscriptionTest : PushTest {
  usecase::PushAnswer renewed(std::int64_t at, std::string endpoint = "https://push.example.net/p/new") {
    holder.endpoint = std::move(endpoint);
    auto answer = holder.answer_to("");
    answer.signature = holder.key.sign(
        usecase::subscription_text(holder.factor, at, {answer.endpoint, answer.point, answer.auth, std::string()}));
    return answer;
  }
  std::int64_t now() { return to_unix_seconds(fixture.now()); }
};

TEST_F(PushSubscriptionTest, ADeviceRenewsItsSubscriptionWithItsKey) {
  ASSERT_EQ(why(holder.renew(renewed(now()), now())), kYes);
  ASSERT_EQ(why(holder.prompt()), kYes);
  EXPECT_EQ(sent.all.back().to.endpoint, "https://push.example.net/p/new");
}

TEST_F(PushSubscriptionTest, ADeviceDoesNotFillTheDatabaseWithSubscriptions) {
  const auto kept = [&] { return std::ranges::count(all_types(fixture), "factor.subscribed"); };
  ASSERT_EQ(why(holder.renew(renewed(now()), now())), kYes);
  ASSERT_EQ(why(holder.renew(renewed(now()), now())), kYes);
  EXPECT_EQ(kept(), 1) << "the same again is no change";
  std::int64_t taken = 1;
  for (int i = 0; i < 100; ++i) {
    const auto said = holder.renew(renewed(now(), fmt::format("https://push.example.net/p/{}", i)), now());
    taken += said ? 1 : 0;
    if (!said) {
      ASSERT_EQ(why(said), Code::kRateLimited);
    }
  }
  EXPECT_EQ(taken, usecase::kRenewalsInAnHour);
  EXPECT_EQ(kept(), taken);
  ASSERT_EQ(why(holder.prompt()), kYes) << "and is asked where it was last";
  EXPECT_EQ(sent.all.back().to.endpoint, "https://push.example.net/p/18");
  fixture.wait(hours(1));
  EXPECT_EQ(why(holder.renew(renewed(now(), "https://push.example.net/p/later"), now())), kYes);
}

TEST_F(PushSubscriptionTest, NobodyElseDoesAndNoOldAnswer) {
  EXPECT_EQ(why(holder.renew(renewed(now() - 301), now() - 301)), Code::kWrongResponse);
  EXPECT_EQ(why(holder.renew(renewed(now() + 301), now() + 301)), Code::kWrongResponse);
  EXPECT_EQ(why(holder.renew(renewed(now()), now() + 1)), Code::kWrongResponse) << "another time than it signed";
  auto stolen = renewed(now());
  stolen.endpoint = "https://push.example.net/p/thief";
  EXPECT_EQ(why(holder.renew(stolen, now())), Code::kWrongResponse);
  auto other = renewed(now());
  DeviceHolder thief(fixture, 12);
  other.public_key = thief.public_key();
  EXPECT_EQ(why(holder.renew(other, now())), Code::kWrongResponse);
}

TEST_F(PushSubscriptionTest, OneThatIsOverIsNotSentTo) {
  const SubjectId subject = fixture.row().state.subject;
  const auto end = [&](std::string_view endpoint) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      const usecase::Work work{tx, fixture.context(), fixture.caller(), moment};
      usecase::end_subscription(work, subject, holder.factor, endpoint);
      return Done{};
    });
  };
  end("https://push.example.net/p/of-before");
  EXPECT_EQ(why(holder.prompt()), kYes) << "it has another by now";
  end("https://push.example.net/p/secret");
  EXPECT_EQ(why(holder.prompt()), Code::kFactorUnusable);
  ASSERT_EQ(why(holder.renew(renewed(now()), now())), kYes);
  EXPECT_EQ(why(holder.prompt()), kYes);
}

}  // namespace
}  // namespace countersign::testing
