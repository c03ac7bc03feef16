#include "usecase/subject/objections.h"

#include "domain/obstacle.h"
#include "post.h"
#include "store/repository/contacts.h"

// Whoever was told can object, and that stops the change. [STD-11]

namespace countersign::testing {
namespace {

using domain::standing::Counted;
using domain::standing::WhyNot;

const usecase::SubjectAt kHer{std::string(kIdentity), ""};

BindingId binding_of_source(Fixture& fixture, const Id& source) {
  const auto history = fixture.history();
  return domain::standing::binding_of(history, source)->id;
}

Id phone_source(Fixture& fixture) {
  const auto history = fixture.history();
  return std::ranges::find(history.bindings, domain::Kind::kPhone, &domain::standing::Binding::kind)->source;
}

Answer<usecase::SourceView> object(Fixture& fixture, const BindingId& id) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::object_to_source({tx, fixture.context(), fixture.caller(), moment}, kHer, id);
  });
}

Answer<usecase::SourceView> decide(Fixture& fixture, const BindingId& id, bool keep) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::decide_about_source({tx, fixture.context(), fixture.caller(), moment}, kHer, id, keep);
  });
}

Answer<usecase::StartedObjection> ask_code(Fixture& fixture, const BindingId& contact, std::optional<BindingId> about) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::start_objection({tx, fixture.context(), fixture.caller(), moment}, kHer, {contact, about});
  });
}

Answer<Done> confirm_with(Fixture& fixture, const ObjectionId& id, std::string_view code) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return usecase::confirm_objection({tx, fixture.context(), fixture.caller(), moment}, kHer, id,
                                      SecretString(std::string(code)));
  });
}

/// A known person, and an app that the application gave her a moment ago, of which her phone was told.
Id told_app(Fixture& fixture) {
  known_person(fixture);
  EXPECT_EQ(why(fixture.enrol()), kYes);
  EXPECT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(1));
  EXPECT_EQ(post_all(fixture).size(), 1U);
  return fixture.factor().id;
}

/// A known person, and an app that was added while a transaction is held.
void app_added_meanwhile(Fixture& fixture) {
  known_person(fixture);
  fixture.hold();
  fixture.wait(seconds(10));
  EXPECT_EQ(why(fixture.enrol()), kYes);
  EXPECT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(10));
}

std::vector<std::string> webhook_types(Fixture& fixture) {
  std::vector<std::string> types;
  for (const auto& job : fixture.due_deliveries()) types.push_back(job.row.event_type);
  return types;
}

TEST(Objections, ByACodeThatAVoiceSaysWhereOnlyCallsReachTheContact) {
  Fixture fixture;
  const Id app = told_app(fixture);
  auto& providers = fixture.settings().accounts.at(fixture.account()).services.front().providers;
  for (const auto channel : {Channel::kSms, Channel::kWhatsapp}) providers.erase(channel);
  const auto phone = binding_of_source(fixture, phone_source(fixture));
  const auto started = ask_code(fixture, phone, binding_of_source(fixture, app));
  ASSERT_EQ(why(started), kYes);
  EXPECT_EQ(started->channel, Channel::kCall);
  const auto due = post_all(fixture);
  ASSERT_EQ(due.size(), 1U);
  const auto& call = due[0].message.call;
  EXPECT_EQ(call.next_url, "") << "said at once";
  EXPECT_EQ((call.before + call.after).find(due[0].message.code.expose()), std::string::npos) << "digit by digit";
  EXPECT_NE(call.after.find("is the code to stop a change"), std::string::npos);
  EXPECT_NE(call.again, "");
}

// [ADR 48] A code is asked for, so it does not go where its holder wants no messages.
TEST(Objections, ACodeDoesNotGoWhereNothingIsWanted) {
  Fixture fixture;
  const Id app = told_app(fixture);
  const Id source = phone_source(fixture);
  const auto phone = binding_of_source(fixture, source);
  const auto refuse_by = [&](std::vector<Channel> channels) {
    fixture.in([&](store::Tx& tx, Moment& moment) {
      domain::Obstacles obstacles;
      for (const auto channel : channels)
        obstacles = domain::with_obstacle(obstacles, {channel, domain::ObstacleKind::kOptedOut, moment.now}, moment.now)
                        .value_or(obstacles);
      store::save_obstacles(tx, fixture.account(), AddressId{source}, obstacles);
      return Done{};
    });
  };
  auto& providers = fixture.settings().accounts.at(fixture.account()).services.front().providers;
  std::vector<Channel> all;
  for (const auto channel : {Channel::kSms, Channel::kWhatsapp, Channel::kCall})
    if (providers.contains(channel)) all.push_back(channel);
  ASSERT_GT(all.size(), 1U);
  refuse_by(all);
  EXPECT_EQ(why(ask_code(fixture, phone, binding_of_source(fixture, app))), Code::kOptedOut);
  EXPECT_TRUE(post_all(fixture).empty());
  // By another channel, if there is one.
  const Channel wanted = all.back();
  all.pop_back();
  refuse_by(all);
  const auto started = ask_code(fixture, phone, binding_of_source(fixture, app));
  ASSERT_EQ(why(started), kYes);
  EXPECT_EQ(started->channel, wanted);
}

TEST(Objections, OfTheApplicationStopOnceAndItDecides) {
  Fixture fixture;
  const Id app = told_app(fixture);
  ASSERT_EQ(why(fixture.add_endpoint()), kYes);
  const auto binding = binding_of_source(fixture, app);
  fixture.wait(hours(80));
  ASSERT_EQ(fixture.counts(app).counted, Counted::kWaited);
  const auto stopped = object(fixture, binding);
  ASSERT_EQ(why(stopped), kYes);
  EXPECT_EQ(stopped->counts.why_not, WhyNot::kStopped);
  EXPECT_EQ(why(object(fixture, binding)), Code::kObjectedBefore);

  fixture.wait(std::chrono::milliseconds(1));  // Within one, ids have no order.
  fixture.caller().may_vouch = true;
  const auto kept = decide(fixture, binding, true);
  ASSERT_EQ(why(kept), kYes);
  EXPECT_EQ(why(decide(fixture, binding, true)), Code::kNotStopped);
  EXPECT_EQ(webhook_types(fixture), (std::vector<std::string>{"subject.source_objected", "subject.source_decided"}));
  fixture.wait(seconds(1));
  EXPECT_TRUE(fixture.counts(app).own());
}

TEST(Objections, DecidedAgainstItEndsIt) {
  Fixture fixture;
  const Id app = told_app(fixture);
  const auto binding = binding_of_source(fixture, app);
  ASSERT_EQ(why(object(fixture, binding)), kYes);
  ASSERT_EQ(why(decide(fixture, binding, false)), kYes);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kGone);
  EXPECT_EQ(post_all(fixture).size(), 1U);  // That is a change, too.
}

TEST(Objections, UndecidedTheyLapseAfter72HoursAndTheWaitBeginsAnew) {
  Fixture fixture;
  const Id app = told_app(fixture);
  fixture.wait(hours(80));
  ASSERT_EQ(why(object(fixture, binding_of_source(fixture, app))), kYes);
  fixture.wait(hours(72));
  fixture.lapse();
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kNotTold);
  fixture.wait(seconds(1));
  EXPECT_EQ(post_all(fixture).size(), 1U);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kWaitsAnew);
  EXPECT_EQ(fixture.counts(app).counts_from, fixture.now() + hours(72));
}

TEST(Objections, ByACodeToTheContactThatWasTold) {
  Fixture fixture;
  const Id app = told_app(fixture);
  const auto phone = binding_of_source(fixture, phone_source(fixture));
  const auto about = binding_of_source(fixture, app);
  const auto started = ask_code(fixture, phone, about);
  ASSERT_EQ(why(started), kYes);
  EXPECT_EQ(started->masked, "+55 \u2022\u2022\u2022\u2022\u2022\u2022\u20224321");
  const auto due = post_all(fixture);
  ASSERT_EQ(due.size(), 1U);
  EXPECT_EQ(due[0].message.to, kPhone);
  const std::string code(due[0].message.code.expose());
  EXPECT_NE(due[0].message.body.find(code + " is the code to stop a change"), std::string::npos);

  const std::string wrong = code == "123456" ? "654321" : "123456";
  EXPECT_EQ(why(confirm_with(fixture, started->id, wrong)), Code::kWrongCode);
  EXPECT_NE(fixture.counts(app).why_not, WhyNot::kStopped);
  ASSERT_EQ(why(confirm_with(fixture, started->id, code)), kYes);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kStopped);
  EXPECT_EQ(why(confirm_with(fixture, started->id, code)), Code::kWrongCode);  // Once.
  EXPECT_EQ(why(ask_code(fixture, phone, about)), Code::kObjectedBefore);
}

TEST(Objections, ARemovedContactThatWasToldCanObject) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(fixture);
  const auto phone = binding_of_source(fixture, phone_source(fixture));
  ASSERT_EQ(why(delete_contact(fixture, fixture.verification().state.contact, domain::standing::GoneWhy::kRemoved)),
            kYes);
  post_all(fixture);
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(1));
  EXPECT_EQ(post_all(fixture).size(), 2U);
  const auto started = ask_code(fixture, phone, binding_of_source(fixture, fixture.factor().id));
  ASSERT_EQ(why(started), kYes);
  const auto due = post_all(fixture);
  ASSERT_EQ(why(confirm_with(fixture, started->id, due.at(0).message.code.expose())), kYes);
  EXPECT_EQ(fixture.counts(fixture.factor().id).why_not, WhyNot::kStopped);
}

TEST(Objections, NotByWhoeverWasNotTold) {
  Fixture fixture;
  known_person(fixture);
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(1));
  const auto phone = binding_of_source(fixture, phone_source(fixture));
  EXPECT_EQ(why(ask_code(fixture, phone, binding_of_source(fixture, fixture.factor().id))), Code::kNotTold);
  EXPECT_EQ(due_notices(fixture).size(), 1U);  // The notice alone, and no code.
}

TEST(Objections, FiveGuessesTenMinutesFiveCodesAnHour) {
  Fixture fixture;
  const Id app = told_app(fixture);
  const auto phone = binding_of_source(fixture, phone_source(fixture));
  const auto about = binding_of_source(fixture, app);
  auto started = ask_code(fixture, phone, about);
  ASSERT_EQ(why(started), kYes);
  const std::string code(post_all(fixture).at(0).message.code.expose());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(why(confirm_with(fixture, started->id, "not a code")), Code::kWrongCode);
  ASSERT_EQ(why(confirm_with(fixture, started->id, code)), Code::kAttemptsExhausted);
  for (int i = 0; i < 4; ++i) {
    started = ask_code(fixture, phone, about);
    EXPECT_EQ(why(started), kYes);
  }
  EXPECT_EQ(why(ask_code(fixture, phone, about)), Code::kRateLimited);
  const std::string last(post_all(fixture).back().message.code.expose());
  fixture.wait(minutes(10));
  EXPECT_EQ(why(confirm_with(fixture, started->id, last)), Code::kWrongCode);
}

TEST(Objections, GuessesCountAtTheLineWithAllOthers) {
  Fixture fixture;
  const Id app = told_app(fixture);
  const auto phone = binding_of_source(fixture, phone_source(fixture));
  const auto about = binding_of_source(fixture, app);
  auto started = ask_code(fixture, phone, about);
  ASSERT_EQ(why(started), kYes);
  std::string code(post_all(fixture).at(0).message.code.expose());
  fixture.hold();
  ASSERT_EQ(why(fixture.start()), kYes);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(why(confirm_with(fixture, started->id, "not a code")), Code::kWrongCode);
  EXPECT_EQ(why(fixture.check(fixture.wrong_code())), Code::kWrongCode);  // The fifth.
  EXPECT_EQ(why(confirm_with(fixture, started->id, code)), Code::kLocked);
  EXPECT_EQ(why(fixture.check(fixture.code())), Code::kLocked);
  fixture.wait(seconds(30));
  ASSERT_EQ(why(confirm_with(fixture, started->id, code)), kYes);
}

TEST(Objections, AHundredWrongGuessesSlowThemAsAllCodes) {
  Fixture fixture;
  const Id app = told_app(fixture);
  const auto phone = binding_of_source(fixture, phone_source(fixture));
  const auto about = binding_of_source(fixture, app);
  std::size_t length = 0;
  int guesses = 0;
  // A day of an attacker who asks as often as he may.
  for (const WallTime end = fixture.now() + hours(48); fixture.now() < end; fixture.wait(minutes(5))) {
    const auto started = ask_code(fixture, phone, about);
    if (!started) continue;
    length = post_all(fixture).at(0).message.code.expose().size();
    while (why(confirm_with(fixture, started->id, "not a code")) == Code::kWrongCode) ++guesses;
  }
  EXPECT_EQ(length, 8U);
  EXPECT_GE(guesses, 100);
  EXPECT_LE(guesses, 100 + 2 * 48);
  fixture.wait(hours(2));
  const auto started = ask_code(fixture, phone, about);  // And she is never shut out.
  ASSERT_EQ(why(started), kYes);
  const std::string code(post_all(fixture).at(0).message.code.expose());
  ASSERT_EQ(why(confirm_with(fixture, started->id, code)), kYes);
}

TEST(Objections, ItWasNotMeStopsWhatWasAddedMeanwhile) {
  Fixture fixture;
  app_added_meanwhile(fixture);
  ASSERT_EQ(why(fixture.deny()), kYes);
  EXPECT_EQ(fixture.counts(fixture.factor().id).why_not, WhyNot::kStopped);
  EXPECT_TRUE(fixture.counts(phone_source(fixture)).own());
}

TEST(Objections, ItWasNotMeTakesNothingFromWhatFoundsOrWasThereBefore) {
  Fixture fixture;
  fixture.hold();
  fixture.wait(seconds(10));
  ASSERT_EQ(why(fixture.add_contact(Channel::kEmail, kEmail)), kYes);
  ASSERT_EQ(why(fixture.deny()), kYes);
  EXPECT_EQ(fixture.counts(phone_source(fixture)).counted, Counted::kFounding);
  EXPECT_EQ(fixture.counts(Channel::kEmail, kEmail).counted, Counted::kFounding);
}

/// Whoever was told and has not objected yet can, however the change was stopped before.
void expect_she_can_object(Fixture& fixture, const Id& app) {
  fixture.wait(hours(72));
  fixture.lapse();
  post_all(fixture);
  const auto about = binding_of_source(fixture, app);
  const auto started = ask_code(fixture, binding_of_source(fixture, phone_source(fixture)), about);
  ASSERT_EQ(why(started), kYes);
  const auto due = post_all(fixture);
  ASSERT_EQ(why(confirm_with(fixture, started->id, due.at(0).message.code.expose())), kYes);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kStopped);
}

// A thief who has the link of a transaction says "it wasn't me" himself, before she can.
TEST(Objections, OfWhoeverHasTheLinkDoNotUseUpHers) {
  Fixture fixture;
  app_added_meanwhile(fixture);
  post_all(fixture);
  ASSERT_EQ(why(fixture.deny()), kYes);
  expect_she_can_object(fixture, fixture.factor().id);
}

TEST(Objections, OfTheApplicationDoNotUseUpHers) {
  Fixture fixture;
  const Id app = told_app(fixture);
  ASSERT_EQ(why(object(fixture, binding_of_source(fixture, app))), kYes);
  expect_she_can_object(fixture, app);
  EXPECT_EQ(why(object(fixture, binding_of_source(fixture, app))), Code::kObjectedBefore);
}

TEST(Objections, OfOneContactDoNotUseUpThoseOfAnother) {
  Fixture fixture;
  fixture.request().contacts.push_back({Channel::kEmail, std::string(kEmail)});
  known_person(fixture);
  ASSERT_EQ(why(fixture.enrol()), kYes);
  ASSERT_EQ(why(fixture.confirm()), kYes);
  fixture.wait(seconds(1));
  const Id app = fixture.factor().id;
  EXPECT_EQ(post_all(fixture).size(), 2U);
  const auto history = fixture.history();
  const auto mailbox = std::ranges::find(history.bindings, domain::Kind::kEmail, &domain::standing::Binding::kind)->id;
  const auto started = ask_code(fixture, mailbox, binding_of_source(fixture, app));
  ASSERT_EQ(why(started), kYes);
  ASSERT_EQ(why(confirm_with(fixture, started->id, post_all(fixture).at(0).message.code.expose())), kYes);
  expect_she_can_object(fixture, app);
  EXPECT_EQ(why(ask_code(fixture, mailbox, binding_of_source(fixture, app))), Code::kObjectedBefore);
}

TEST(Objections, AreLiftedByAKeyThatMayVouchAlone) {
  Fixture fixture;
  const Id app = told_app(fixture);
  ASSERT_EQ(why(object(fixture, binding_of_source(fixture, app))), kYes);
  fixture.caller().may_vouch = false;
  EXPECT_EQ(why(decide(fixture, binding_of_source(fixture, app), true)), Code::kMayNotVouch);
  EXPECT_EQ(fixture.counts(app).why_not, WhyNot::kStopped);
  EXPECT_EQ(why(decide(fixture, binding_of_source(fixture, app), false)), kYes);
}

}  // namespace
}  // namespace countersign::testing
