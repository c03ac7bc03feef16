#include <map>

#include "post.h"
#include "usecase/decide_here.h"
#include "usecase/objections.h"

// After an objection a source that counts and had no part in the change decides. [STD-11]
namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

const usecase::SubjectAt kThePerson{std::string(kIdentity), ""};

class Deciding : public ::testing::Test {
 protected:
  /// A known person with a phone, to whom the application gave an app that her phone was told of, and that was stopped.
  void stop_app() {
    known_person(house);
    ASSERT_EQ(why(house.enrol()), kYes);
    ASSERT_EQ(why(house.confirm()), kYes);
    house.wait(seconds(1));
    post_all(house);
    app = house.factor().id;
    stop();
  }
  void stop() {
    const BindingId id = binding();
    ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
                return usecase::object_to_source(tx, house.context(), house.caller(), kThePerson, id, moment);
              })),
              kYes);
  }
  BindingId binding() {
    const auto history = house.history();
    return domain::standing::binding_of(history, app)->id;
  }
  Answer<usecase::AskedToDecide> ask(bool keep) {
    const BindingId id = binding();
    return house.in([&](store::Tx& tx, Moment& moment) {
      return usecase::ask_person_to_decide(tx, house.context(), house.caller(), kThePerson, id, keep, moment);
    });
  }

  House house;
  Id app{};
};

TEST_F(Deciding, HerPhoneKeepsWhatItHadNoPartIn) {
  stop_app();
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  const auto asked = ask(true);
  ASSERT_EQ(why(asked), kYes);
  house.use(asked->id);
  EXPECT_EQ(why(house.check_totp(house.totp_code())), Code::kMethodNotAllowed);  // Not about itself.
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_NE(house.written(house.sent().back()).body.find("Allow a change: new authenticator app"), std::string::npos);
  EXPECT_EQ(why(house.check(house.wrong_code())), Code::kWrongCode);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kStopped);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  EXPECT_EQ(house.row().state.status, TransactionStatus::kReleased);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kWaits);
  EXPECT_EQ(count_events(house, "source.decided"), 1);
  EXPECT_EQ(why(house.claim()), Code::kNotFound);  // It releases nothing.
  std::vector<std::string> webhooks;
  for (const auto& job : house.due_deliveries()) webhooks.push_back(job.row.event_type);
  EXPECT_EQ(webhooks, std::vector<std::string>{"subject.source_decided"});
  EXPECT_EQ(why(ask(true)), Code::kNotStopped);
}

TEST_F(Deciding, HerPhoneUndoesIt) {
  stop_app();
  house.use(ask(false)->id);
  ASSERT_EQ(why(house.start()), kYes);
  EXPECT_NE(house.written(house.sent().back()).body.find("Undo a change: new authenticator app"), std::string::npos);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kGone);
}

TEST_F(Deciding, NotByWhatHadAPartInIt) {
  stop_app();
  // The phone itself is what the change is about now: nothing else counts.
  const auto history = house.history();
  app = std::ranges::find(history.bindings, domain::Kind::kPhone, &domain::standing::Binding::kind)->source;
  stop();
  EXPECT_EQ(why(ask(true)), Code::kSourceDoesNotCount);
}

TEST_F(Deciding, NotByWhatAddedIt) {
  house.request().contacts.push_back({Channel::kSms, std::string(kOtherPhone)});
  known_person(house);
  const auto history = house.history();
  const Id adder = history.bindings.front().source;
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.in([&](store::Tx& tx, Moment& moment) {
              const usecase::ConfirmTerms terms{usecase::BindFactor::kAdded,
                                                {{domain::Method::kSms, adder, moment.now}}};
              return usecase::confirm_factor(tx, house.context(), house.caller(), kIdentity, house.factor(),
                                             SecretString(house.totp_code()), moment, terms);
            })),
            kYes);
  house.wait(seconds(1));
  app = house.factor().id;
  stop();
  // Both numbers are asked by text, and one of them added the app: by whichever road its code comes, it decides
  // nothing.
  const auto subject = house.row().state.subject;
  const auto contacts =
      house.in([&](store::Tx& tx, Moment&) { return store::contacts_of(tx, house.account(), subject); });
  for (const bool by_adder : {true, false}) {
    const auto asked = ask(true);
    ASSERT_EQ(why(asked), kYes);
    const auto contact =
        std::ranges::find_if(contacts, [&](const auto& row) { return (row.address_id.id == adder) == by_adder; });
    ASSERT_EQ(why(house.start({asked->id, Channel::kSms, contact->id.text()})), kYes);
    house.use(asked->id);
    ASSERT_EQ(why(house.check(house.code())), kYes);
    EXPECT_EQ(house.row().state.status, by_adder ? TransactionStatus::kCanceled : TransactionStatus::kReleased);
    EXPECT_EQ(house.counts(app).why_not == WhyNot::kStopped, by_adder);
  }
}

TEST_F(Deciding, AProofForSomethingElseDecidesNothing) {
  stop_app();
  house.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  verify(house);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kStopped);
}

TEST_F(Deciding, WhatLapsedMeanwhileIsNotDecided) {
  stop_app();
  house.wait(hours(72) - minutes(5));
  house.use(ask(true)->id);
  ASSERT_EQ(why(house.start()), kYes);
  house.wait(minutes(5));
  house.lapse();
  ASSERT_EQ(why(house.check(house.code())), kYes);
  EXPECT_EQ(house.row().state.status, TransactionStatus::kCanceled);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kNotTold);
  EXPECT_EQ(count_events(house, "source.decided"), 0);
}

TEST_F(Deciding, WhatIsLostBeforeTheCodeDecidesNothing) {
  stop_app();
  house.use(ask(true)->id);
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(delete_contact(house, house.verification().state.contact, domain::standing::GoneWhy::kLost)), kYes);
  EXPECT_NE(why(house.check(house.code())), kYes);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kStopped);
}

TEST_F(Deciding, TenTimesAnHour) {
  stop_app();
  for (int i = 0; i < 10; ++i) ASSERT_EQ(why(ask(true)), kYes);
  EXPECT_EQ(why(ask(false)), Code::kRateLimited);
}

}  // namespace
}  // namespace countersign::testing
