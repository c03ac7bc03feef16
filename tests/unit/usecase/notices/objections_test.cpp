#include "usecase/objections.h"

#include "post.h"

// Whoever was told can object, and that stops the change. [STD-11]

namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

const usecase::SubjectAt kHer{std::string(kIdentity), ""};

BindingId binding_of_source(House& house, const Id& source) {
  const auto history = house.history();
  return domain::standing::binding_of(history, source)->id;
}

Id phone_source(House& house) {
  const auto history = house.history();
  return std::ranges::find(history.bindings, domain::Kind::kPhone, &domain::standing::Binding::kind)->source;
}

Answer<usecase::SourceView> object(House& house, const BindingId& id) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::object_to_source(tx, house.context(), house.caller(), kHer, id, moment);
  });
}

Answer<usecase::SourceView> decide(House& house, const BindingId& id, bool keep) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::decide_about_source(tx, house.context(), house.caller(), kHer, id, keep, moment);
  });
}

Answer<usecase::StartedObjection> ask_code(House& house, const BindingId& contact, std::optional<BindingId> about) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::start_objection(tx, house.context(), house.caller(), kHer, {contact, about}, moment);
  });
}

Answer<Done> confirm_with(House& house, const ObjectionId& id, std::string_view code) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_objection(tx, house.context(), house.caller(), kHer, id, SecretString(std::string(code)),
                                      moment);
  });
}

/// A known person, and an app that the application gave her a moment ago, of which her phone was told.
Id told_app(House& house) {
  known_person(house);
  EXPECT_EQ(why(house.enrol()), kYes);
  EXPECT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(1));
  EXPECT_EQ(post_all(house).size(), 1U);
  return house.factor().id;
}

std::vector<std::string> webhook_types(House& house) {
  std::vector<std::string> types;
  for (const auto& job : house.due_deliveries()) types.push_back(job.row.event_type);
  return types;
}

TEST(Objections, OfTheApplicationStopOnceAndItDecides) {
  House house;
  const Id app = told_app(house);
  ASSERT_EQ(why(house.add_endpoint()), kYes);
  const auto binding = binding_of_source(house, app);
  house.wait(hours(80));
  ASSERT_EQ(house.counts(app).counted, Counted::kWaited);
  const auto stopped = object(house, binding);
  ASSERT_EQ(why(stopped), kYes);
  EXPECT_EQ(stopped->counts.why_not, WhyNot::kStopped);
  EXPECT_EQ(why(object(house, binding)), Code::kObjectedBefore);

  house.caller().may_vouch = true;
  const auto kept = decide(house, binding, true);
  ASSERT_EQ(why(kept), kYes);
  EXPECT_EQ(why(decide(house, binding, true)), Code::kNotStopped);
  EXPECT_EQ(webhook_types(house), (std::vector<std::string>{"subject.source_objected", "subject.source_decided"}));
  house.wait(seconds(1));
  EXPECT_TRUE(house.counts(app).own());
}

TEST(Objections, DecidedAgainstItEndsIt) {
  House house;
  const Id app = told_app(house);
  const auto binding = binding_of_source(house, app);
  ASSERT_EQ(why(object(house, binding)), kYes);
  ASSERT_EQ(why(decide(house, binding, false)), kYes);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kGone);
  EXPECT_EQ(post_all(house).size(), 1U);  // That is a change, too.
}

TEST(Objections, UndecidedTheyLapseAfter72HoursAndTheWaitBeginsAnew) {
  House house;
  const Id app = told_app(house);
  house.wait(hours(80));
  ASSERT_EQ(why(object(house, binding_of_source(house, app))), kYes);
  house.wait(hours(72));
  house.lapse();
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kNotTold);
  house.wait(seconds(1));
  EXPECT_EQ(post_all(house).size(), 1U);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kWaitsAnew);
  EXPECT_EQ(house.counts(app).counts_from, house.now() + hours(72));
}

TEST(Objections, ByACodeToTheContactThatWasTold) {
  House house;
  const Id app = told_app(house);
  const auto phone = binding_of_source(house, phone_source(house));
  const auto about = binding_of_source(house, app);
  const auto started = ask_code(house, phone, about);
  ASSERT_EQ(why(started), kYes);
  EXPECT_EQ(started->masked, "+55 \u2022\u2022\u2022\u2022\u2022\u2022\u20224321");
  const auto due = post_all(house);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].message.to, kPhone);
  const std::string code(due[0].message.code.expose());
  EXPECT_NE(due[0].message.body.find(code + " is the code to stop a change"), std::string::npos);

  const std::string wrong = code == "123456" ? "654321" : "123456";
  EXPECT_EQ(why(confirm_with(house, started->id, wrong)), Code::kWrongCode);
  EXPECT_NE(house.counts(app).why_not, WhyNot::kStopped);
  ASSERT_EQ(why(confirm_with(house, started->id, code)), kYes);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kStopped);
  EXPECT_EQ(why(confirm_with(house, started->id, code)), Code::kWrongCode);  // Once.
  EXPECT_EQ(why(ask_code(house, phone, about)), Code::kObjectedBefore);
}

TEST(Objections, ARemovedContactThatWasToldCanObject) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(house);
  const auto phone = binding_of_source(house, phone_source(house));
  ASSERT_EQ(why(delete_contact(house, house.verification().state.contact, domain::standing::GoneWhy::kRemoved)), kYes);
  post_all(house);
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(1));
  EXPECT_EQ(post_all(house).size(), 2U);
  const auto started = ask_code(house, phone, binding_of_source(house, house.factor().id));
  ASSERT_EQ(why(started), kYes);
  const auto due = post_all(house);
  ASSERT_EQ(why(confirm_with(house, started->id, due.at(0).message.code.expose())), kYes);
  EXPECT_EQ(house.counts(house.factor().id).why_not, WhyNot::kStopped);
}

TEST(Objections, NotByWhoeverWasNotTold) {
  House house;
  known_person(house);
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(1));
  const auto phone = binding_of_source(house, phone_source(house));
  EXPECT_EQ(why(ask_code(house, phone, binding_of_source(house, house.factor().id))), Code::kNotTold);
  EXPECT_EQ(due_notices(house).size(), 1U);  // The notice alone, and no code.
}

TEST(Objections, FiveGuessesTenMinutesFiveCodesAnHour) {
  House house;
  const Id app = told_app(house);
  const auto phone = binding_of_source(house, phone_source(house));
  const auto about = binding_of_source(house, app);
  auto started = ask_code(house, phone, about);
  ASSERT_EQ(why(started), kYes);
  const std::string code(post_all(house).at(0).message.code.expose());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(why(confirm_with(house, started->id, "not a code")), Code::kWrongCode);
  ASSERT_EQ(why(confirm_with(house, started->id, code)), Code::kAttemptsExhausted);
  for (int i = 0; i < 4; ++i) {
    started = ask_code(house, phone, about);
    EXPECT_EQ(why(started), kYes);
  }
  EXPECT_EQ(why(ask_code(house, phone, about)), Code::kRateLimited);
  const std::string last(post_all(house).back().message.code.expose());
  house.wait(minutes(10));
  EXPECT_EQ(why(confirm_with(house, started->id, last)), Code::kWrongCode);
}

TEST(Objections, GuessesCountAtTheLineWithAllOthers) {
  House house;
  const Id app = told_app(house);
  const auto phone = binding_of_source(house, phone_source(house));
  const auto about = binding_of_source(house, app);
  auto started = ask_code(house, phone, about);
  ASSERT_EQ(why(started), kYes);
  std::string code(post_all(house).at(0).message.code.expose());
  house.hold();
  ASSERT_EQ(why(house.start()), kYes);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(why(confirm_with(house, started->id, "not a code")), Code::kWrongCode);
  EXPECT_EQ(why(house.check(house.wrong_code())), Code::kWrongCode);  // The fifth.
  EXPECT_EQ(why(confirm_with(house, started->id, code)), Code::kLocked);
  EXPECT_EQ(why(house.check(house.code())), Code::kLocked);
  house.wait(seconds(30));
  ASSERT_EQ(why(confirm_with(house, started->id, code)), kYes);
}

TEST(Objections, AHundredWrongGuessesSlowThemAsAllCodes) {
  House house;
  const Id app = told_app(house);
  const auto phone = binding_of_source(house, phone_source(house));
  const auto about = binding_of_source(house, app);
  std::size_t length = 0;
  int guesses = 0;
  // A day of an attacker who asks as often as he may.
  for (const WallTime end = house.now() + hours(48); house.now() < end; house.wait(minutes(5))) {
    const auto started = ask_code(house, phone, about);
    if (!started) continue;
    length = post_all(house).at(0).message.code.expose().size();
    while (why(confirm_with(house, started->id, "not a code")) == Code::kWrongCode) ++guesses;
  }
  EXPECT_EQ(length, 8U);
  EXPECT_GE(guesses, 100);
  EXPECT_LE(guesses, 100 + 2 * 48);
  house.wait(hours(2));
  const auto started = ask_code(house, phone, about);  // And she is never shut out.
  ASSERT_EQ(why(started), kYes);
  const std::string code(post_all(house).at(0).message.code.expose());
  ASSERT_EQ(why(confirm_with(house, started->id, code)), kYes);
}

TEST(Objections, ItWasNotMeStopsWhatWasAddedMeanwhile) {
  House house;
  known_person(house);
  house.hold();
  house.wait(seconds(10));
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(10));
  ASSERT_EQ(why(house.deny()), kYes);
  EXPECT_EQ(house.counts(house.factor().id).why_not, WhyNot::kStopped);
  EXPECT_TRUE(house.counts(phone_source(house)).own());
}

TEST(Objections, ItWasNotMeTakesNothingFromWhatFoundsOrWasThereBefore) {
  House house;
  house.hold();
  house.wait(seconds(10));
  ASSERT_EQ(why(house.add_contact(Channel::kEmail, kEmail)), kYes);
  ASSERT_EQ(why(house.deny()), kYes);
  EXPECT_EQ(house.counts(phone_source(house)).counted, Counted::kFounding);
  EXPECT_EQ(house.counts(Channel::kEmail, kEmail).counted, Counted::kFounding);
}

/// Whoever was told and has not objected yet can, however the change was stopped before.
void expect_she_can_object(House& house, const Id& app) {
  house.wait(hours(72));
  house.lapse();
  post_all(house);
  const auto about = binding_of_source(house, app);
  const auto started = ask_code(house, binding_of_source(house, phone_source(house)), about);
  ASSERT_EQ(why(started), kYes);
  const auto due = post_all(house);
  ASSERT_EQ(why(confirm_with(house, started->id, due.at(0).message.code.expose())), kYes);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kStopped);
}

// A thief who has the link of a transaction says "it wasn't me" himself, before she can.
TEST(Objections, OfWhoeverHasTheLinkDoNotUseUpHers) {
  House house;
  known_person(house);
  house.hold();
  house.wait(seconds(10));
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(10));
  post_all(house);
  ASSERT_EQ(why(house.deny()), kYes);
  expect_she_can_object(house, house.factor().id);
}

TEST(Objections, OfTheApplicationDoNotUseUpHers) {
  House house;
  const Id app = told_app(house);
  ASSERT_EQ(why(object(house, binding_of_source(house, app))), kYes);
  expect_she_can_object(house, app);
  EXPECT_EQ(why(object(house, binding_of_source(house, app))), Code::kObjectedBefore);
}

TEST(Objections, OfOneContactDoNotUseUpThoseOfAnother) {
  House house;
  house.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(house);
  ASSERT_EQ(why(house.enrol()), kYes);
  ASSERT_EQ(why(house.confirm()), kYes);
  house.wait(seconds(1));
  const Id app = house.factor().id;
  EXPECT_EQ(post_all(house).size(), 2U);
  const auto history = house.history();
  const auto mailbox = std::ranges::find(history.bindings, domain::Kind::kEmail, &domain::standing::Binding::kind)->id;
  const auto started = ask_code(house, mailbox, binding_of_source(house, app));
  ASSERT_EQ(why(started), kYes);
  ASSERT_EQ(why(confirm_with(house, started->id, post_all(house).at(0).message.code.expose())), kYes);
  expect_she_can_object(house, app);
  EXPECT_EQ(why(ask_code(house, mailbox, binding_of_source(house, app))), Code::kObjectedBefore);
}

TEST(Objections, AreLiftedByAKeyThatMayVouchAlone) {
  House house;
  const Id app = told_app(house);
  ASSERT_EQ(why(object(house, binding_of_source(house, app))), kYes);
  house.caller().may_vouch = false;
  EXPECT_EQ(why(decide(house, binding_of_source(house, app), true)), Code::kMayNotVouch);
  EXPECT_EQ(house.counts(app).why_not, WhyNot::kStopped);
  EXPECT_EQ(why(decide(house, binding_of_source(house, app), false)), kYes);
}

}  // namespace
}  // namespace countersign::testing
