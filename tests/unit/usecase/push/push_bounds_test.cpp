#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/test_account.h"
#include "store/repository/accounts.h"
#include "store/repository/ceremonies.h"
#include "tests/unit/usecase/push/device_holder.h"
#include "usecase/risk/trust_book.h"
#include "usecase/subject/enrol_on_page.h"
#include "usecase/subject/objections.h"

// How often, how many, and for how long: what nobody wears down, fills or uses twice.
namespace countersign::testing {
namespace {

struct PushBounds : ::testing::Test {
  PushBounds() {
    offer_push(fixture, sent);
    holder.bind();
    fixture.wait(seconds(1));
    fixture.hold();
  }
  void from(std::string_view address) { fixture.caller().end_user = IpAddress::parse(address); }
  store::Ceremonies ceremonies() { return store::open_ceremonies(fixture.context().vault, fixture.row()); }
  /// As if so many devices had approved it.
  void approved_by_others(std::size_t devices) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      auto row = *store::find_transaction(tx, fixture.account(), fixture.current());
      auto all = store::open_ceremonies(fixture.context().vault, row);
      while (all.device_proofs.size() < devices)
        all.device_proofs.push_back({Id::make(moment), std::string(32, 's'), "text", std::string(64, 'x'), "point"});
      store::put_ceremonies(fixture.context().vault, row, all, moment.random);
      store::save_ceremonies(tx, row);
      return Done{};
    });
  }

  Fixture fixture;
  SentPushes sent;
  DeviceHolder holder{fixture};
};

// [THR-2]
TEST_F(PushBounds, AnswersOfStrangersCountForTheirNetwork) {
  fixture.limits().checks_per_ip = {3, minutes(10)};
  const auto prompt = holder.prompt();
  const auto view = *holder.look(prompt->id);
  DeviceHolder thief(fixture, 8);
  const auto guess = thief.typed(view, prompt->number.expose());
  from("203.0.113.7");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(why(thief.send(guess)), Code::kWrongResponse) << i;
  EXPECT_EQ(why(thief.send(guess)), Code::kRateLimited);
  EXPECT_EQ(why(holder.type(prompt->id, prompt->number.expose())), kYes) << "the person beside them is not shut out";
}

TEST_F(PushBounds, AnswersCountForTheirAccount) {
  fixture.limits().checks_per_account = {2, hours(1)};
  const auto prompt = holder.prompt();
  const std::string wrong = other_number(prompt->number.expose());
  for (int i = 0; i < 2; ++i) EXPECT_EQ(why(holder.type(prompt->id, wrong)), Code::kWrongCode) << i;
  EXPECT_EQ(why(holder.type(prompt->id, prompt->number.expose())), Code::kRateLimited);
  fixture.wait(hours(1));
  fixture.hold();
  const auto later = holder.prompt();
  EXPECT_EQ(why(holder.type(later->id, later->number.expose())), kYes);
}

TEST_F(PushBounds, WhatSoManyDevicesApprovedTakesNoMore) {
  approved_by_others(store::kDeviceProofsMax);
  const auto prompt = holder.prompt();
  EXPECT_EQ(why(holder.type(prompt->id, prompt->number.expose())), Code::kRateLimited);
  EXPECT_TRUE(fixture.row().state.proofs.empty());
  EXPECT_EQ(ceremonies().device_proofs.size(), store::kDeviceProofsMax);
}

TEST_F(PushBounds, ADeviceThatApprovesAgainIsKeptOnce) {
  fixture.policy("any").min_kinds = 2;
  fixture.hold("any");
  for (int i = 0; i < 2; ++i) {
    const auto prompt = holder.prompt();
    ASSERT_EQ(why(holder.type(prompt->id, prompt->number.expose())), kYes) << i;
  }
  EXPECT_EQ(ceremonies().device_proofs.size(), 1U);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
}

// The person refused; the other devices need not ask her the same.
TEST_F(PushBounds, ADenialSilencesAllDevicesThatWereAsked) {
  DeviceHolder tablet(fixture, 10);
  tablet.endpoint += "/tablet";
  tablet.bind();
  fixture.wait(seconds(1));
  fixture.hold();
  from("203.0.113.7");
  const auto prompt = holder.prompt();
  ASSERT_EQ(prompt->devices, 2);
  ASSERT_EQ(why(tablet.refuse(prompt->id)), kYes);
  fixture.hold();
  EXPECT_EQ(why(holder.prompt()), Code::kRateLimited);
}

// Whoever objected to a device between its prompt and its answer: nothing of the answer stays but that it was given.
TEST_F(PushBounds, AnAnswerThatProvesNothingLeavesNoEvidenceAndNoSecondTry) {
  const auto prompt = holder.prompt();
  const auto device = fixture.history().bindings.at(0).id;
  ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
              return usecase::object_to_source({tx, fixture.context(), fixture.caller(), moment},
                                               {std::string(kIdentity), ""}, device);
            })),
            kYes);
  const auto answer = holder.typed(*holder.look(prompt->id), prompt->number.expose());
  EXPECT_EQ(why(holder.send(answer)), Code::kSourceDoesNotCount);
  EXPECT_TRUE(ceremonies().device_proofs.empty());
  EXPECT_EQ(holder.look(prompt->id)->status, domain::PromptStatus::kApproved);
  EXPECT_EQ(why(holder.send(answer)), Code::kWrongResponse);
  EXPECT_EQ(fixture.status(), TransactionStatus::kHeld);
}

// [THR-8]
TEST_F(PushBounds, ATransactionAsksTenTimesAndKeepsTheNewest) {
  fixture.policy("any").min_kinds = 2;
  fixture.request().expires_in = hours(20);
  fixture.hold("any");
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);  // So that only the number of prompts is in the way.
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(why(holder.prompt()), kYes) << i;
    fixture.wait(hours(1));
  }
  EXPECT_EQ(ceremonies().prompts.size(), store::kPromptsKept);
  const auto refused = holder.prompt();
  ASSERT_EQ(why(refused), Code::kRateLimited);
  EXPECT_EQ(refused.error().retry_after, fixture.row().state.expires_at - fixture.now()) << "never for this one";
}

TEST_F(PushBounds, APromptEndsWithItsTransaction) {
  fixture.request().expires_in = minutes(1);
  fixture.hold();
  EXPECT_EQ(holder.prompt()->expires_at, fixture.row().state.expires_at);
}

TEST_F(PushBounds, TheNumberIsShownWhileThePromptIsOpen) {
  const auto prompt = holder.prompt();
  const auto shown = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::number_of_prompt({tx, fixture.context(), fixture.caller(), moment}, fixture.current(), prompt->id)
          .has_value();
    });
  };
  EXPECT_TRUE(shown());
  fixture.wait(domain::kPromptTime);
  EXPECT_FALSE(shown());
}

TEST_F(PushBounds, WhereTheApplicationAsksThePagesEnrolNoDevice) {
  usecase::AdditionPage page;
  page.method = domain::Method::kPush;
  const auto added = [&] {
    return why(fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::ask_person_to_add({tx, fixture.context(), fixture.caller(), moment}, {std::string(kIdentity), ""},
                                        page);
    }));
  };
  EXPECT_EQ(added(), Code::kChannelUnavailable);
  fixture.settings().accounts.at(fixture.account()).services.front().push_on_pages = true;
  EXPECT_EQ(added(), kYes);
}

TEST_F(PushBounds, PromptsAndDenialsAreKnownToTheFraudRules) {
  usecase::TrustBook people;
  fixture.remember(people);
  static_cast<void>(holder.prompt());
  ASSERT_EQ(why(holder.refuse(holder.prompt()->id)), kYes);
  risk::Features seen;
  people.profile_of({fixture.account(), fixture.row().state.subject}, std::nullopt)
      .describe_events(fixture.now(), seen);
  EXPECT_EQ(seen.get(risk::Feature::kPromptsHour), 2);
  EXPECT_EQ(seen.get(risk::Feature::kDenialsDay), 1);
}

// [STD-12]
TEST_F(PushBounds, ADeviceOfAnotherServiceIsAsUnknownAsNone) {
  const auto& services = fixture.settings().accounts.at(fixture.account()).services;
  ASSERT_GE(services.size(), 2U);
  fixture.settings().accounts.at(fixture.account()).services[1].push_page = "https://other.example.com/approve";
  fixture.request().service = "upstream";
  fixture.hold();
  const auto with_device = holder.prompt();
  ASSERT_EQ(why(with_device), Code::kFactorUnusable);
  fixture.request().identity = "somebody-else";
  fixture.hold();
  const auto without = holder.prompt();
  ASSERT_EQ(why(without), Code::kFactorUnusable);
  EXPECT_EQ(with_device.error().detail, without.error().detail);
}

TEST_F(PushBounds, AKeyThatIsNoneIsAnInvalidFieldAndSpendsNothing) {
  DeviceHolder other(fixture, 9);
  other.identity = "somebody-else";
  const auto made = other.enrol();
  const auto field = [&](auto spoil) {
    auto answer = other.answer_to(made->challenge);
    spoil(answer);
    const auto refused = other.confirm(answer);
    EXPECT_EQ(why(refused), Code::kInvalidField);
    return refused ? "" : refused.error().field;
  };
  EXPECT_EQ(field([](auto& a) { a.public_key = std::string(65, 'x'); }), "public_key");
  EXPECT_EQ(field([](auto& a) { a.public_key = std::string(65, '\4'); }), "public_key") << "beside the curve";
  EXPECT_EQ(field([](auto& a) { a.point = std::string(65, '\4'); }), "subscription.keys");
  EXPECT_EQ(field([](auto& a) { a.auth.pop_back(); }), "subscription.keys");
  EXPECT_EQ(why(other.confirm(other.answer_to(made->challenge))), kYes);
}

// A browser forgets its key where the answer is that its device is gone.
TEST_F(PushBounds, ADeviceThatWasRemovedIsNotFoundByItsRenewal) {
  ASSERT_EQ(why(fixture.remove(holder.factor)), kYes);
  EXPECT_EQ(why(holder.renew(holder.answer_to(""), to_unix_seconds(fixture.now()))), Code::kNotFound);
}

// Nobody's telephone rings for a test: what would be sent is looked at by its id.
TEST_F(PushBounds, ATestAccountSendsNothing) {
  auto& accounts = fixture.settings().accounts;
  auto twin = accounts.at(fixture.account());
  twin.id = test_twin_of(fixture.account());
  fixture.in([&](store::Tx& tx, Moment& moment) {
    for (auto& service : twin.services) service.id = store::ensure_service(tx, twin.id, service.name, moment);
    return Done{};
  });
  accounts.emplace(twin.id, twin);
  fixture.caller().account = twin.id;
  DeviceHolder tester(fixture, 12);
  tester.bind();
  fixture.wait(seconds(1));
  fixture.hold();
  const auto prompt = tester.prompt();
  ASSERT_EQ(why(prompt), kYes);
  EXPECT_EQ(prompt->devices, 1);
  EXPECT_TRUE(sent.all.empty());
  EXPECT_EQ(why(tester.type(prompt->id, prompt->number.expose())), kYes);
}

}  // namespace
}  // namespace countersign::testing
