#include <map>
#include <ranges>

#include "post.h"
#include "usecase/subject/decide_on_page.h"
#include "usecase/subject/objections.h"

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
    known_person(fixture);
    ASSERT_EQ(why(fixture.enrol()), kYes);
    ASSERT_EQ(why(fixture.confirm()), kYes);
    fixture.wait(seconds(1));
    post_all(fixture);
    app = fixture.factor().id;
    stop();
  }
  void stop() {
    const BindingId id = binding();
    ASSERT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
                return usecase::object_to_source({tx, fixture.context(), fixture.caller(), moment}, kThePerson, id);
              })),
              kYes);
  }
  /// Her first phone, of two, has added an app, with her first mailbox if she has any; and that was stopped. Answers
  /// the phone.
  Id stop_what_a_phone_added() {
    fixture.request().contacts.push_back({Channel::kSms, std::string(kOtherPhone)});
    known_person(fixture);
    const auto bindings = fixture.history().bindings;
    const Id adder = bindings.front().source;
    std::vector<domain::Proof> proofs{{domain::Method::kSms, adder, fixture.now()}};
    const auto mailbox = std::ranges::find(bindings, domain::Kind::kEmail, &domain::standing::Binding::kind);
    if (mailbox != bindings.end()) proofs.push_back({domain::Method::kEmail, mailbox->source, fixture.now()});
    EXPECT_EQ(why(fixture.enrol()), kYes);
    EXPECT_EQ(why(fixture.in([&](store::Tx& tx, Moment& moment) {
                const usecase::ConfirmTerms terms{usecase::BindFactor::kAdded, proofs};
                return usecase::confirm_factor({tx, fixture.context(), fixture.caller(), moment}, kIdentity,
                                               fixture.factor(), SecretString(fixture.totp_code()), terms);
              })),
              kYes);
    fixture.wait(seconds(1));
    app = fixture.factor().id;
    stop();
    return adder;
  }
  BindingId binding() {
    const auto history = fixture.history();
    return domain::standing::binding_of(history, app)->id;
  }
  Answer<usecase::AskedToDecide> ask(bool keep) {
    const BindingId id = binding();
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::ask_person_to_decide({tx, fixture.context(), fixture.caller(), moment}, kThePerson, id, keep);
    });
  }

  Fixture fixture;
  Id app{};
};

TEST_F(Deciding, HerPhoneKeepsWhatItHadNoPartIn) {
  stop_app();
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  const auto asked = ask(true);
  ASSERT_EQ(why(asked), kYes);
  fixture.use(asked->id);
  EXPECT_EQ(why(fixture.check_totp(fixture.totp_code())), Code::kMethodNotAllowed);  // Not about itself.
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_NE(fixture.written(fixture.sent().back()).body.find("Allow a change: new authenticator app"),
            std::string::npos);
  EXPECT_EQ(why(fixture.check(fixture.wrong_code())), Code::kWrongCode);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kStopped);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.row().state.status, TransactionStatus::kReleased);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kWaits);
  EXPECT_EQ(count_events(fixture, "source.decided"), 1);
  EXPECT_EQ(why(fixture.claim()), Code::kNotFound);  // It releases nothing.
  std::vector<std::string> webhooks;
  for (const auto& job : fixture.due_deliveries()) webhooks.push_back(job.row.event_type);
  EXPECT_EQ(webhooks, std::vector<std::string>{"subject.source_decided"});
  EXPECT_EQ(why(ask(true)), Code::kNotStopped);
}

TEST_F(Deciding, HerPhoneUndoesIt) {
  stop_app();
  fixture.use(ask(false)->id);
  ASSERT_EQ(why(fixture.start()), kYes);
  EXPECT_NE(fixture.written(fixture.sent().back()).body.find("Undo a change: new authenticator app"),
            std::string::npos);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kGone);
}

TEST_F(Deciding, NotByWhatHadAPartInIt) {
  stop_app();
  // The phone itself is what the change is about now: nothing else counts.
  const auto history = fixture.history();
  app = std::ranges::find(history.bindings, domain::Kind::kPhone, &domain::standing::Binding::kind)->source;
  stop();
  EXPECT_EQ(why(ask(true)), Code::kSourceDoesNotCount);
}

TEST_F(Deciding, NotByAMailboxWithWhatAddedItForCompany) {
  for (const char* mailbox : {"first@example.com", "second@example.com"})
    fixture.request().contacts.push_back({Channel::kEmail, mailbox});
  const Id adder = stop_what_a_phone_added();
  const auto asked = ask(true);
  ASSERT_EQ(why(asked), kYes);
  fixture.use(asked->id);
  const auto subject = fixture.row().state.subject;
  const auto contacts =
      fixture.in([&](store::Tx& tx, Moment&) { return store::contacts_of(tx, fixture.account(), subject); });
  const auto bindings = fixture.history().bindings;
  const auto is_mailbox = [](const auto& binding) { return binding.kind == domain::Kind::kEmail; };
  const Id other_mailbox = std::ranges::find_if(bindings | std::views::reverse, is_mailbox)->source;
  const auto by_mail =
      std::ranges::find_if(contacts, [&](const auto& row) { return row.address_id.id == other_mailbox; });
  ASSERT_EQ(why(fixture.start({fixture.current(), Channel::kEmail, by_mail->id.text()})), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.row().state.status, TransactionStatus::kHeld);  // It may decide, and not alone.
  const auto by = [&](bool adder_too) {
    const auto contact = std::ranges::find_if(contacts, [&](const auto& row) {
      return row.channel == Channel::kSms && (row.address_id.id == adder) == adder_too;
    });
    EXPECT_EQ(why(fixture.start({fixture.current(), Channel::kSms, contact->id.text()})), kYes);
    return why(fixture.check(fixture.code()));
  };
  EXPECT_EQ(by(true), Code::kSourceDoesNotCount);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kStopped);
  EXPECT_EQ(by(false), kYes);
  EXPECT_TRUE(fixture.counts(app).any());  // Kept: as a repeat, until its wait is over.
}

TEST_F(Deciding, NotByWhatAddedIt) {
  const Id adder = stop_what_a_phone_added();
  // Both numbers are asked by text, and one of them added the app: by whichever of them the code comes, it decides
  // nothing.
  const auto subject = fixture.row().state.subject;
  const auto contacts =
      fixture.in([&](store::Tx& tx, Moment&) { return store::contacts_of(tx, fixture.account(), subject); });
  for (const bool by_adder : {true, false}) {
    const auto asked = ask(true);
    ASSERT_EQ(why(asked), kYes);
    const auto contact =
        std::ranges::find_if(contacts, [&](const auto& row) { return (row.address_id.id == adder) == by_adder; });
    ASSERT_EQ(why(fixture.start({asked->id, Channel::kSms, contact->id.text()})), kYes);
    fixture.use(asked->id);
    EXPECT_EQ(why(fixture.check(fixture.code())), by_adder ? std::optional(Code::kSourceDoesNotCount) : kYes);
    EXPECT_EQ(fixture.row().state.status, by_adder ? TransactionStatus::kHeld : TransactionStatus::kReleased);
    EXPECT_EQ(fixture.counts(app).why_not == WhyNot::kStopped, by_adder);
  }
}

TEST_F(Deciding, AProofForSomethingElseDecidesNothing) {
  stop_app();
  fixture.request().contacts = {{Channel::kSms, std::string(kPhone)}};
  verify(fixture);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kStopped);
}

TEST_F(Deciding, WhatLapsedMeanwhileIsNotDecided) {
  stop_app();
  fixture.wait(hours(72) - minutes(5));
  fixture.use(ask(true)->id);
  ASSERT_EQ(why(fixture.start()), kYes);
  fixture.wait(minutes(5));
  fixture.lapse();
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.row().state.status, TransactionStatus::kCanceled);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kNotTold);
  EXPECT_EQ(count_events(fixture, "source.decided"), 0);
}

TEST_F(Deciding, WhatIsLostBeforeTheCodeDecidesNothing) {
  stop_app();
  fixture.use(ask(true)->id);
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(delete_contact(fixture, fixture.verification().state.contact, domain::standing::GoneWhy::kLost)), kYes);
  EXPECT_NE(why(fixture.check(fixture.code())), kYes);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kStopped);
}

TEST_F(Deciding, TenTimesAnHour) {
  stop_app();
  for (int i = 0; i < 10; ++i) ASSERT_EQ(why(ask(true)), kYes);
  EXPECT_EQ(why(ask(false)), Code::kRateLimited);
}

}  // namespace
}  // namespace countersign::testing
