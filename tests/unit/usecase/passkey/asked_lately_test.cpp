#include "usecase/passkey/asked_lately.h"

#include <functional>

#include "tests/unit/usecase/passkey/key_holder.h"
#include "webauthn/response_json.h"

namespace countersign::testing {
namespace {

/// A node that remembers what it asked.
struct PasskeyAsked : ::testing::Test {
  PasskeyAsked() {
    fixture.remember_asked(lately);
    offer_passkeys(fixture);
    holder.device.counts = true;
    holder.bind();
    fixture.hold();
  }
  /// As the node judges it that asked, with nothing read.
  std::optional<usecase::JudgedAssertion> judged(const json::object& answer) {
    const auto response = webauthn::read_authentication_response(answer);
    auto seen = usecase::remembered_passkey(fixture.context(), fixture.account(), fixture.current(), response->id,
                                            fixture.now());
    if (!seen) return std::nullopt;
    return usecase::judge_assertion(nullptr, std::move(seen), response);
  }
  usecase::AskedLately lately;
  Fixture fixture;
  KeyHolder holder{fixture};
};

TEST_F(PasskeyAsked, TheNodeThatAskedJudgesWithoutReading) {
  const auto answer = holder.device.get(holder.options());
  const auto judgement = judged(answer);
  ASSERT_TRUE(judgement && judgement->verdict);
  EXPECT_EQ(holder.store(*judgement, answer)->status, TransactionStatus::kVerified);
  EXPECT_EQ(lately.size(), 0U) << "nothing is kept of what is over";
}

TEST_F(PasskeyAsked, APageRemembersByItsLinkAndNoOtherAccountDoes) {
  const auto answer = holder.device.get(holder.options());
  const auto response = webauthn::read_authentication_response(answer);
  const auto remembered = [&](const std::optional<AccountId>& account) {
    return usecase::remembered_passkey(fixture.context(), account, fixture.current(), response->id, fixture.now());
  };
  SeededRandom random(1);
  Moment moment{fixture.now(), random};
  EXPECT_FALSE(remembered(AccountId::make(moment)));
  auto seen = remembered(std::nullopt);
  ASSERT_TRUE(seen);
  const auto judgement = usecase::judge_assertion(nullptr, std::move(seen), response);
  EXPECT_EQ(holder.store(judgement, answer)->status, TransactionStatus::kVerified);
}

TEST_F(PasskeyAsked, ItJudgesAsStrictlyAsWhoReads) {
  SoftwareAuthenticator bad = holder.device;
  bad.wrong_signature = true;
  const auto forged = bad.get(holder.options());
  EXPECT_EQ(judged(forged)->verdict.error(), webauthn::Refusal::kSignatureWrong);
  EXPECT_EQ(why(holder.store(*judged(forged), forged)), Code::kWrongResponse);
  auto elsewhere = holder.device;
  elsewhere.origin = "https://evil.example";
  EXPECT_EQ(judged(elsewhere.get(holder.options()))->verdict.error(), webauthn::Refusal::kWrongOrigin);
}

// [WA-A1, WA-A10, STD-8] Whatever happens between the judgement and the unit that stores it is found there, although
// the judgement was by what was known when it was asked.
TEST_F(PasskeyAsked, WhatHasChangedSinceIsComparedAgain) {
  struct Change {
    const char* what;
    std::function<void(const json::object& answer)> happens;
    Code refusal;
    const char* reason;
  };
  const std::vector<Change> changes{
      {"it was answered", [&](const auto& answer) { static_cast<void>(holder.answer(answer)); },
       Code::kTransactionNotHeld, ""},
      {"it was spent by a wrong answer",
       [&](const auto& answer) {
         auto wrong = answer;
         wrong.at("response").as_object()["signature"] = "AA";
         ASSERT_EQ(why(holder.answer(wrong)), Code::kWrongResponse);
       },
       Code::kWrongResponse, "wrong_challenge"},
      {"its time is over", [&](const auto&) { fixture.wait(usecase::kCeremonyTime); }, Code::kWrongResponse,
       "wrong_challenge"},
      {"a copy of the key counted on",
       [&](const auto&) {
         const auto before = fixture.current();
         auto copy = holder.device;
         copy.sign_count += 10;
         fixture.hold();
         ASSERT_EQ(why(holder.answer(copy.get(holder.options()))), kYes);
         fixture.use(before);
       },
       Code::kWrongResponse, "counter_went_back"},
      {"the passkey was removed", [&](const auto&) { ASSERT_EQ(why(fixture.remove(holder.factor)), kYes); },
       Code::kWrongResponse, "credential_unknown"},
  };
  for (const auto& [what, happens, refusal, reason] : changes) {
    SCOPED_TRACE(what);
    fixture.hold();
    const auto answer = holder.device.get(holder.options());
    const auto judgement = judged(answer);
    ASSERT_TRUE(judgement && judgement->verdict);
    happens(answer);
    EXPECT_EQ(why(holder.store(*judgement, answer)), refusal);
    if (*reason != '\0') {
      EXPECT_EQ(reason_of(fixture), reason);
    }
  }
}

// Somebody may have asked on another node, or in another tab: a challenge that is not remembered is looked for.
TEST_F(PasskeyAsked, AChallengeOfAnotherNodeIsNotRefusedButRead) {
  static_cast<void>(holder.options());
  usecase::AskedLately elsewhere;
  fixture.remember_asked(elsewhere);
  const auto answer = holder.device.get(holder.options());
  fixture.remember_asked(lately);
  EXPECT_TRUE(judged(answer)->salt.empty());
  EXPECT_EQ(why(holder.answer(answer)), kYes);
}

TEST_F(PasskeyAsked, ChallengesAskedBesideEachOtherAreAllRemembered) {
  const std::string first = holder.options();
  static_cast<void>(holder.options());
  const auto answer = holder.device.get(first);
  const auto judgement = judged(answer);
  ASSERT_TRUE(judgement && judgement->verdict);
  EXPECT_EQ(why(holder.store(*judgement, answer)), kYes);
}

TEST(AskedLately, KeepsTheNewestWhileTheyLast) {
  using usecase::AskedPasskeys;
  usecase::AskedLately lately(2);
  FakeClock clock;
  SeededRandom random(1);
  Moment moment{clock.now(), random};
  std::vector<std::shared_ptr<AskedPasskeys>> asked;
  for (int i = 0; i < 3; ++i) {
    asked.push_back(std::make_shared<AskedPasskeys>());
    asked.back()->transaction = TransactionId::make(moment);
  }
  const auto until = clock.now() + minutes(5);
  for (int i = 0; i < 2; ++i) lately.put(asked[0], until, clock.now());
  EXPECT_EQ(lately.size(), 1U) << "one for each transaction";
  lately.put(asked[1], until + minutes(1), clock.now());
  lately.put(asked[2], until + minutes(1), clock.now());
  EXPECT_EQ(lately.size(), 2U);
  EXPECT_EQ(lately.find(asked[0]->transaction, clock.now()), nullptr);
  EXPECT_EQ(lately.find(asked[2]->transaction, clock.now()), asked[2]);
  EXPECT_EQ(lately.find(asked[2]->transaction, until + minutes(1)), nullptr) << "its time is over";
  lately.put(asked[0], until + minutes(10), until + minutes(1));
  EXPECT_EQ(lately.size(), 1U) << "what is over is let go";
  lately.forget(asked[0]->transaction);
  EXPECT_EQ(lately.size(), 0U);
}

// A person may have a hundred passkeys with keys of thousands of bits, and whoever asks for challenges decides whose.
TEST(AskedLately, KeepsNoMoreThanSoManyBytes) {
  usecase::Lately<std::string> lately(1000, 100);
  FakeClock clock;
  const auto until = clock.now() + minutes(5);
  const auto put = [&](std::string_view name, std::size_t bytes) {
    lately.put(name, std::make_shared<const std::string>(name), bytes, until, clock.now());
  };
  put("a", 40);
  put("b", 40);
  put("c", 20);
  EXPECT_EQ(lately.size(), 3U);
  put("d", 41);
  EXPECT_EQ(lately.find("a", clock.now()), nullptr) << "the oldest go first";
  EXPECT_EQ(lately.find("b", clock.now()), nullptr);
  EXPECT_EQ(lately.size(), 2U);
  put("c", 30);  // In its place.
  EXPECT_EQ(lately.size(), 2U);
  put("e", 101);
  EXPECT_EQ(lately.find("e", clock.now()), nullptr) << "larger than all may be";
  EXPECT_EQ(lately.size(), 2U);
  put("f", 29);
  EXPECT_EQ(lately.size(), 3U);
  lately.forget("d");
  put("g", 41);
  EXPECT_EQ(lately.size(), 3U) << "what is forgotten makes room";

  usecase::AskedPasskeys few;
  usecase::AskedPasskeys many;
  for (int i = 0; i < 100; ++i) {
    store::PasskeyRecord record;
    record.public_key = std::string(1500, 'k');
    many.passkeys.push_back({{}, std::string(2000, 's'), std::move(record)});
  }
  EXPECT_GT(usecase::bytes_of(many), usecase::bytes_of(few) + 100 * 3500U);
}

}  // namespace
}  // namespace countersign::testing
