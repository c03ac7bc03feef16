#include <algorithm>

#include "base/encoding.h"
#include "tests/unit/usecase/push/device_holder.h"
#include "usecase/push/device.h"
#include "usecase/push/on_page.h"
#include "usecase/push/signed_text.h"
#include "usecase/subject/change_on_page.h"
#include "usecase/subject/methods_page.h"
#include "usecase/subject/person_page.h"

namespace countersign::testing {
namespace {

/// A service whose devices are enrolled and asked on the hosted pages.
struct PushOnPage : ::testing::Test {
  PushOnPage() {
    offer_push(fixture, sent);
    auto& service = fixture.settings().accounts.at(fixture.account()).services.front();
    service.push_page = "https://verify.example.com/approve/";
    service.push_on_pages = true;
    holder.bind();
    fixture.wait(seconds(1));
    fixture.hold();
  }

  usecase::Work work(store::Tx& tx, Moment& moment) { return {tx, fixture.context(), fixture.caller(), moment}; }
  Answer<usecase::PushPrompt> ask(std::string_view own = "none") {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::prompt_from_page(work(tx, moment),
                                       *store::find_transaction(tx, fixture.account(), fixture.current()), own);
    });
  }
  usecase::PersonView view() {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::view_for_person(tx, fixture.context(),
                                      *store::find_transaction(tx, fixture.account(), fixture.current()), moment.now);
    });
  }
  bool opens(const TransactionId& id, std::string_view prompt) {
    return fixture.in([&](store::Tx& tx, Moment&) {
      return usecase::open_prompt_page(tx, fixture.context(), id, prompt).has_value();
    });
  }

  Fixture fixture;
  SentPushes sent;
  DeviceHolder holder{fixture};
};

TEST_F(PushOnPage, ADeviceThatCountsIsAWayAndItsPromptIsSeenWithItsNumber) {
  const auto before = view();
  const auto* way = usecase::find_way(before, usecase::kPushWay);
  ASSERT_NE(way, nullptr);
  EXPECT_TRUE(way->counts && way->completes);
  EXPECT_EQ(way->devices, 1U);
  EXPECT_FALSE(before.prompt);
  const auto prompt = ask();
  ASSERT_EQ(why(prompt), kYes);
  const auto seen = view().prompt;
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->id, prompt->id);
  EXPECT_EQ(seen->status, domain::PromptStatus::kOpen);
  EXPECT_EQ(seen->number->expose(), prompt->number.expose());
  ASSERT_EQ(why(holder.type(prompt->id, prompt->number.expose())), kYes);
  const auto after = view().prompt;
  EXPECT_EQ(after->status, domain::PromptStatus::kApproved);
  EXPECT_FALSE(after->number) << "a number that was used is shown to nobody";
}

TEST_F(PushOnPage, WhatIsSentOpensTheHostedPageOfThatPromptAlone) {
  const auto prompt = ask();
  const auto text = parse_json(sent.all.at(0).text)->as_object();
  const std::string name = fixture.current().text() + "." + prompt->id;
  EXPECT_EQ(json_text_or_empty(text.at("notification").as_object(), "navigate"),
            "https://verify.example.com/approve/" + name);
  EXPECT_TRUE(opens(fixture.current(), prompt->id));
  EXPECT_FALSE(opens(fixture.current(), to_base64url(std::string(16, 'x'))));
  EXPECT_FALSE(opens(fixture.current(), ""));
  const auto first = fixture.current();
  fixture.hold();
  EXPECT_FALSE(opens(fixture.current(), prompt->id)) << "of another transaction";
  EXPECT_TRUE(opens(first, prompt->id));
}

// It would confirm itself.
TEST_F(PushOnPage, ABrowserThatIsTheDeviceIsNotAskedWhateverElseItNames) {
  const std::string own = holder.factor.text();
  EXPECT_EQ(why(ask(own)), Code::kFactorUnusable);
  EXPECT_EQ(why(ask("YF00000000000000000000000000000000 " + own)), Code::kFactorUnusable);
  EXPECT_TRUE(sent.all.empty());
  EXPECT_EQ(why(ask("YF00000000000000000000000000000000")), kYes) << "what is not hers changes nothing";
}

// One for each service of hers, in one storage: whatever is counted for the others, it would confirm itself.
TEST_F(PushOnPage, ABrowserThatIsSeveralDevicesOfHersIsAskedAsNone) {
  DeviceHolder second(fixture, 10);
  second.endpoint += "/second";
  second.bind();
  fixture.wait(seconds(1));
  fixture.hold();
  const std::string both = holder.factor.text() + " " + second.factor.text();
  EXPECT_EQ(why(ask(both)), Code::kFactorUnusable);
  EXPECT_TRUE(sent.all.empty());
  const auto one = ask(second.factor.text());
  ASSERT_EQ(why(one), kYes);
  EXPECT_EQ(one->devices, 1);
}

TEST_F(PushOnPage, AnExpiredPromptHasNoNumberAndNothingToSign) {
  const auto prompt = ask();
  fixture.wait(domain::kPromptTime);
  EXPECT_EQ(view().prompt->status, domain::PromptStatus::kExpired);
  EXPECT_FALSE(view().prompt->number);
  const auto seen = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::prompt_for_device(
        fixture.context(), *store::find_transaction(tx, fixture.account(), fixture.current()), prompt->id, moment.now);
  });
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->status, domain::PromptStatus::kExpired);
  EXPECT_TRUE(seen->challenge.empty());
}

TEST_F(PushOnPage, ThePageSaysWhetherTheNetworkIsTheOneThatAsked) {
  fixture.caller().end_user = IpAddress::parse("198.51.100.7");
  const auto prompt = ask();
  const auto seen = *fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::prompt_for_device(
        fixture.context(), *store::find_transaction(tx, fixture.account(), fixture.current()), prompt->id, moment.now);
  });
  EXPECT_EQ(seen.devices, std::vector{holder.factor});
  EXPECT_TRUE(usecase::is_asker(fixture.context(), seen, *IpAddress::parse("198.51.100.7")));
  EXPECT_FALSE(usecase::is_asker(fixture.context(), seen, *IpAddress::parse("198.51.100.8")));
}

TEST_F(PushOnPage, ARenewalIsKnownByItsKeyAndSignatureAlone) {
  auto answer = holder.answer_to(std::string(32, 'c'));
  const std::int64_t at = 1'700'000'000;
  const store::PushSubscription to{answer.endpoint, answer.point, answer.auth, ""};
  answer.signature = holder.key.sign(usecase::subscription_text(holder.factor, at, to));
  EXPECT_TRUE(usecase::is_own_renewal(answer, holder.factor, at));
  EXPECT_FALSE(usecase::is_own_renewal(answer, holder.factor, at + 1));
  answer.endpoint += "x";
  EXPECT_FALSE(usecase::is_own_renewal(answer, holder.factor, at));
  const auto found = fixture.in(
      [&](store::Tx& tx, Moment&) { return usecase::find_device(tx, fixture.context(), holder.public_key()); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->factor, holder.factor);
  EXPECT_EQ(found->identity, holder.identity);
  EXPECT_FALSE(fixture.in([&](store::Tx& tx, Moment&) {
    return usecase::find_device(tx, fixture.context(), std::string(65, 'x')).has_value();
  }));
}

// [STD-4] Where a service asks for two kinds, a device is the second one on the page, too.
TEST_F(PushOnPage, WhoseSecondKindIsADeviceChangesHerMethodsOnThePage) {
  auto& service = fixture.settings().accounts.at(fixture.account()).services.front();
  service.standing.max_min_kinds = 2;
  ASSERT_EQ(why(fixture.start()), kYes);  // A line that is proved.
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  fixture.wait(hours(25));
  fixture.caller().actor = "api:SK1";
  const auto opened = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::open_methods_page(work(tx, moment), {std::string(kIdentity)}, {"", "en"});
  });
  ASSERT_EQ(why(opened), kYes);
  const auto methods = [&] {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::methods_for_person(tx, fixture.context(),
                                         *store::find_transaction(tx, fixture.account(), opened->id), moment.now);
    });
  };
  const auto seen = methods();
  EXPECT_TRUE(seen.may_change);
  const auto device = std::ranges::find(seen.methods, domain::Kind::kDevice, &usecase::MethodView::kind);
  ASSERT_NE(device, seen.methods.end());
  EXPECT_EQ(device->subscribed, true);
  const auto begun = fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::begin_change(work(tx, moment), *store::find_transaction(tx, fixture.account(), opened->id),
                                 {device->binding, usecase::MethodChange::kRename, "Tablet"}, {opened->url, "en"});
  });
  ASSERT_EQ(why(begun), kYes);
  fixture.use(begun->id);
  EXPECT_TRUE(fixture.row().state.policy.any_of.contains(domain::Method::kPush));
  EXPECT_EQ(fixture.row().state.policy.min_kinds, 2);
  // Without a page that asks, it cannot be asked for: then too little is left.
  service.push_page.clear();
  service.push_on_pages = false;
  EXPECT_FALSE(methods().may_change);
}

}  // namespace
}  // namespace countersign::testing
