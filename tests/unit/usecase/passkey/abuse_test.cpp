// What somebody does who may enrol, ask or answer in a person's name, so that her key proves too much, or nothing.
#include <algorithm>
#include <memory>
#include <set>

#include "store/repository/ceremonies.h"
#include "store/repository/factors.h"
#include "store/repository/subjects.h"
#include "tests/unit/usecase/passkey/key_holder.h"

namespace countersign::testing {
namespace {

struct PasskeyAbuse : ::testing::Test {
  PasskeyAbuse() {
    offer_passkeys(fixture);
    holder.bind();
    fixture.hold();
  }
  usecase::PasskeySettings& passkeys() {
    return *fixture.settings().accounts.at(fixture.account()).services.front().passkeys;
  }
  std::int64_t times(std::string_view type) {
    return std::ranges::count(fixture.all_events(), type, &store::EventRow::type);
  }
  /// As they are stored: the removed ones too.
  std::size_t rows() {
    return fixture.in([&](store::Tx& tx, Moment&) {
      const auto subject = store::find_subject(tx, fixture.context().vault, fixture.account(), kIdentity);
      return store::factors_of(tx, fixture.account(), *subject).size();
    });
  }
  Fixture fixture;
  KeyHolder holder{fixture};
};

// More than are read of one person. Each took no proof, and nobody was told.
TEST_F(PasskeyAbuse, EnrolmentsThatWereRemovedDoNotHideTheKey) {
  KeyHolder flood(fixture);
  for (int i = 0; i < 201; ++i) {
    ASSERT_EQ(why(flood.enrol()), kYes);
    ASSERT_EQ(why(fixture.remove(flood.factor)), kYes);
  }
  EXPECT_EQ(rows(), 1U) << "nothing is left of what never proved anything";
  EXPECT_EQ(json_of(flood.enrol()->options).at("excludeCredentials").as_array().size(), 1U);
  ASSERT_EQ(why(holder.ask()), kYes);
  EXPECT_EQ(why(holder.prove()), kYes);
}

TEST_F(PasskeyAbuse, NorDoEnrolmentsThatNobodyConfirmed) {
  KeyHolder flood(fixture);
  for (int round = 0; round < 3; ++round) {
    while (flood.enrol()) continue;
    fixture.wait(usecase::kCeremonyTime);
  }
  ASSERT_EQ(why(flood.enrol()), kYes);
  EXPECT_EQ(rows(), 2U);
  fixture.hold();
  ASSERT_EQ(why(holder.ask()), kYes);
  EXPECT_EQ(why(holder.prove()), kYes);
}

// Those of apps are kept, for the Verify-compatible API lists them.
TEST_F(PasskeyAbuse, NorDoThoseOfApps) {
  for (int round = 0; round < 3; ++round) {
    while (fixture.enrol()) continue;
    fixture.wait(minutes(30));
  }
  ASSERT_EQ(rows(), 200U);
  fixture.hold();
  ASSERT_EQ(why(holder.ask()), kYes);
  EXPECT_EQ(why(holder.prove()), kYes);
}

// [WA-A1] Whatever else is wrong with it.
TEST_F(PasskeyAbuse, AnAnswerSpendsNoOtherChallengeThanTheOneItNames) {
  const std::string older = holder.options();
  const std::string newer = holder.options();
  SoftwareAuthenticator bad = holder.device;
  bad.user_handle = std::string(32, 'x');
  ASSERT_EQ(why(holder.answer(bad.get(newer))), Code::kWrongResponse);
  auto named_none = holder.device.get(newer);
  named_none.at("response").as_object()["clientDataJSON"] = "e30";
  ASSERT_EQ(why(holder.answer(named_none)), Code::kWrongResponse);
  EXPECT_EQ(why(holder.answer(holder.device.get(newer))), Code::kWrongResponse) << "spent";
  EXPECT_EQ(why(holder.answer(holder.device.get(older))), kYes);
}

// The service says from where each asks.
TEST_F(PasskeyAbuse, WhoAsksFromElsewhereDoesNotEndHerChallenge) {
  const auto from = [&](const std::string& address) {
    fixture.caller().end_user = IpAddress::parse(address);
    return holder.options();
  };
  const std::string hers = from("192.0.2.7");
  for (int i = 0; i < 10; ++i) static_cast<void>(from("203.0.113.9"));
  for (int i = 0; i < 20; ++i) static_cast<void>(from("198.51.100." + std::to_string(i % 4)));
  static_cast<void>(from("192.0.2.7"));
  EXPECT_EQ(why(holder.answer(holder.device.get(hers))), kYes);
}

// [THR-5] However many networks somebody has: what she was given before is hers alone until she answers it, and the row
// does not grow. Whom there is no room for shares one challenge, and that can be answered too.
TEST_F(PasskeyAbuse, WhoAsksFromEverywhereEndsNothing) {
  const auto challenge_of = [](const std::string& options) {
    return std::string(json_of(options).at("challenge").as_string());
  };
  const auto from = [&](int network) {
    fixture.caller().end_user =
        IpAddress::parse("198.51." + std::to_string(network / 250) + "." + std::to_string(network % 250));
    return holder.options();
  };
  for (int i = 0; i < 9; ++i) static_cast<void>(from(i));
  fixture.caller().end_user = IpAddress::parse("192.0.2.7");
  const std::string hers = holder.options();
  std::set<std::string> others;
  for (int i = 0; i < 600; ++i) others.insert(challenge_of(from(i)));
  EXPECT_FALSE(others.contains(challenge_of(hers)));
  EXPECT_EQ(store::open_ceremonies(fixture.context().vault, fixture.row()).open.size(), 17U);
  EXPECT_EQ(times("passkey.challenged"), 17);

  // Whatever is answered wrongly to the others spends those.
  SoftwareAuthenticator bad = holder.device;
  bad.wrong_signature = true;
  for (int i = 600; i < 620; ++i) ASSERT_EQ(why(holder.answer(bad.get(from(i)))), Code::kWrongResponse);
  EXPECT_EQ(why(holder.answer(holder.device.get(hers))), kYes);
}

TEST_F(PasskeyAbuse, WhoComesWhenThereIsNoRoomIsGivenOneAllTheSame) {
  for (int i = 0; i < 30; ++i) {
    fixture.caller().end_user = IpAddress::parse("198.51.100." + std::to_string(i));
    static_cast<void>(holder.options());
  }
  fixture.caller().end_user = IpAddress::parse("192.0.2.7");
  EXPECT_EQ(why(holder.prove()), kYes);
}

// Those that are nearly over are kept beside as many new ones, and no more.
TEST_F(PasskeyAbuse, ChallengesAreBoundedAlsoOverTime) {
  std::size_t most = 0;
  for (int i = 0; i < 400; ++i) {
    fixture.caller().end_user = IpAddress::parse("198.51.100." + std::to_string(i % 250));
    static_cast<void>(holder.options());
    most = std::max(most, store::open_ceremonies(fixture.context().vault, fixture.row()).open.size());
    fixture.wait(seconds(2));
  }
  EXPECT_LE(most, 34U);
  EXPECT_LE(times("passkey.challenged"), 32 + 4) << "from then on one in four minutes";
}

// [THR-5] Who asks without an end is given what is open already: nothing is written, her challenge is not ended, and
// she is not refused one either.
TEST_F(PasskeyAbuse, WhoAsksWithoutEndNeitherFillsTheDatabaseNorShutsHerOut) {
  std::string last;
  for (int i = 0; i < 100; ++i) last = holder.options();
  EXPECT_EQ(times("passkey.challenged"), 5) << "four, and the one that all others share";
  const std::string hers = holder.options();
  EXPECT_EQ(json_of(hers).at("challenge"), json_of(last).at("challenge"));
  for (int i = 0; i < 100; ++i) static_cast<void>(holder.options());
  EXPECT_EQ(why(holder.answer(holder.device.get(hers))), kYes);
}

// What is given again can still be answered in time; when nothing is left that can, there is a new one.
TEST_F(PasskeyAbuse, WhatIsGivenAgainIsOpenLongEnough) {
  for (int i = 0; i < 32; ++i) static_cast<void>(holder.options());
  const std::string old = holder.options();
  fixture.wait(minutes(4) + kTick);
  const std::string fresh = holder.options();
  EXPECT_NE(json_of(fresh).at("challenge"), json_of(old).at("challenge"));
  EXPECT_EQ(json_of(fresh).at("timeout").as_int64(), 300'000);
  EXPECT_EQ(why(holder.answer(holder.device.get(fresh))), kYes);
}

// [THR-5] Wrong answers are counted for the transaction too, whether or not the application says from where they come.
// Beyond the limit they do nothing at all, so that they cannot end her challenge; and a right one is never refused.
TEST_F(PasskeyAbuse, WrongAnswersAreBoundedAndARightOneIsNotRefusedForThem) {
  const auto wrong = [&](int i) {
    if (i % 2 == 0) fixture.caller().end_user = IpAddress::parse("203.0.113." + std::to_string(i));
    SoftwareAuthenticator bad = holder.device;
    bad.wrong_signature = true;
    const auto refused = why(holder.answer(bad.get(holder.options())));
    fixture.caller().end_user.reset();
    return refused;
  };
  for (int i = 0; i < 50; ++i) ASSERT_EQ(wrong(i), Code::kWrongResponse) << i;
  const std::string hers = holder.options();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(wrong(i), Code::kRateLimited) << i;
  EXPECT_EQ(times("check.failed"), 50);
  EXPECT_EQ(why(holder.answer(holder.device.get(hers))), kYes) << "they did not end it";
}

// Passkeys are of one kind, so a fifth adds nothing; whoever shows one is told so, and what helps.
TEST_F(PasskeyAbuse, AFifthPasskeyIsToldThatFourAreEnough) {
  fixture.policy("strict").any_of.add(domain::Method::kSms);
  std::vector<std::unique_ptr<KeyHolder>> more;
  for (int i = 0; i < 4; ++i) {
    more.push_back(std::make_unique<KeyHolder>(fixture));
    more.back()->bind();
  }
  fixture.hold("strict");
  // Asked before, answered after.
  const std::string fifth = holder.options();
  for (const auto& one : more) ASSERT_EQ(why(one->prove()), kYes);
  EXPECT_EQ(why(more.front()->ask()), Code::kTooManyProofs);
  const auto answer = holder.device.get(fifth);
  const auto told = holder.answer(answer);
  ASSERT_EQ(why(told), Code::kTooManyProofs);
  EXPECT_EQ(told.error().detail, "four passkeys have proved this transaction already; prove it by another kind");
  EXPECT_EQ(why(holder.answer(answer)), Code::kWrongResponse) << "its challenge is spent all the same [WA-R1]";
  EXPECT_EQ(store::open_ceremonies(fixture.context().vault, fixture.row()).proofs.size(), 4U);
}

// [BND-7] A key that could be copied once may be elsewhere still: where it is not asked, it may still answer the
// challenge of another key, and is judged by this.
TEST_F(PasskeyAbuse, ASyncedKeyThatSaysItIsBoundIsNotBound) {
  passkeys().strict_counter = false;
  KeyHolder synced(fixture);
  synced.identity = "organizer-43";
  synced.device.backup_eligible = true;
  synced.bind();
  fixture.request().identity = synced.identity;
  fixture.hold();
  synced.device.backup_eligible = false;
  ASSERT_EQ(why(synced.prove()), kYes);
  EXPECT_FALSE(fixture.row().state.proofs.at(0).passkey.device_bound);
}

// [THR-5] Nor an event, which stays.
TEST_F(PasskeyAbuse, BeyondTheLimitOfItsAddressACopiedKeyWritesNothing) {
  holder.device.sign_count = 9;
  ASSERT_EQ(why(holder.prove()), kYes);
  fixture.hold();
  fixture.limits().checks_per_ip = {1, minutes(10)};
  fixture.caller().end_user = IpAddress::parse("192.0.2.7");
  for (int i = 0; i < 3; ++i) static_cast<void>(holder.prove());
  EXPECT_EQ(times("factor.counter_fallen"), 1);
}

}  // namespace
}  // namespace countersign::testing
