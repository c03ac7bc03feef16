#include "usecase/idempotency.h"

#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

using usecase::IdempotencyKey;
using usecase::Recorded;

/// One request with a key; `made` counts how often it was really carried out.
struct Desk {
  Fixture fixture;
  int made = 0;
  std::string before = "answer ";  ///< What the answer is made of, around its number.
  std::string after;

  Answer<Recorded> call(const std::optional<IdempotencyKey>& key, std::optional<Code> refusal = {}) {
    return fixture.in([&](store::Tx& tx, Moment& moment) {
      return usecase::idempotent({tx, fixture.context(), fixture.caller(), moment}, key, [&]() -> Answer<Recorded> {
        ++made;
        if (refusal) return usecase::refuse(*refusal);
        return Recorded{201, before + std::to_string(made) + after};
      });
    });
  }
};

const IdempotencyKey kKey{"key-1", "hold /v1/transactions", R"({"a":1})"};

TEST(Idempotent, ARepetitionGetsTheFirstAnswer) {
  Desk desk;
  ASSERT_EQ(why(desk.call(kKey)), kYes);
  desk.fixture.wait(hours(1));
  const auto again = desk.call(kKey);
  ASSERT_EQ(why(again), kYes);
  EXPECT_EQ(again->http_status, 201);
  EXPECT_EQ(again->body, "answer 1");
  EXPECT_EQ(desk.made, 1);
}

TEST(Idempotent, WithoutAKeyEveryRequestIsCarriedOut) {
  Desk desk;
  ASSERT_EQ(why(desk.call({})), kYes);
  ASSERT_EQ(why(desk.call({})), kYes);
  EXPECT_EQ(desk.made, 2);
  EXPECT_EQ(desk.fixture.count("idempotency"), 0);
}

TEST(Idempotent, AnotherBodyUnderTheSameKeyIsRefused) {
  Desk desk;
  ASSERT_EQ(why(desk.call(kKey)), kYes);
  EXPECT_EQ(why(desk.call(IdempotencyKey{kKey.key, kKey.route, R"({"a":2})"})), Code::kIdempotencyMismatch);
  EXPECT_EQ(desk.made, 1);
}

TEST(Idempotent, AnotherRouteOrAccountIsAnotherKey) {
  Desk desk;
  ASSERT_EQ(why(desk.call(kKey)), kYes);
  EXPECT_EQ(desk.call(IdempotencyKey{kKey.key, "cancel /v1", kKey.body})->body, "answer 2");
  // What joins route and key cannot be shifted from one to the other in a way that a route allows.
  EXPECT_EQ(desk.call(IdempotencyKey{"other", kKey.route, kKey.body})->body, "answer 3");
  desk.fixture.caller().account = AccountId{Id::floor_of(desk.fixture.now())};
  EXPECT_EQ(desk.call(kKey)->body, "answer 4");
}

// Answers hold links and secrets, and what was asked for once is not carried out twice.
TEST(Idempotent, AnotherApiKeyNeitherSeesTheAnswerNorCausesASecond) {
  Desk desk;
  desk.fixture.caller().actor = "api:SK1";
  ASSERT_EQ(why(desk.call(kKey)), kYes);
  desk.fixture.caller().actor = "api:SK2";
  EXPECT_EQ(why(desk.call(kKey)), Code::kIdempotencyMismatch);
  EXPECT_EQ(desk.made, 1);
  desk.fixture.caller().actor = "api:SK1";
  EXPECT_EQ(desk.call(kKey)->body, "answer 1");
}

/// An answer that the version before kept: its digest of the request was of the body alone.
void keep_older_answer(Desk& desk, const std::string& body) {
  desk.fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto& digester = desk.fixture.context().vault.digester();
    store::save_answer(tx, desk.fixture.context().vault, desk.fixture.account(),
                       digester.token_digest("idempotency", kKey.route + '\n' + kKey.key),
                       {digester.token_digest("idempotent request", kKey.body), 201, body}, moment);
    return Done{};
  });
}

TEST(Idempotent, ARequestOfTheVersionBeforeIsNotCarriedOutAgain) {
  Desk desk;
  keep_older_answer(desk, R"({"id":"TX1","verify_url":"https://x"})");
  EXPECT_EQ(desk.call(kKey)->body, R"({"id":"TX1","verify_url":"https://x"})");
  EXPECT_EQ(why(desk.call(IdempotencyKey{kKey.key, kKey.route, R"({"a":2})"})), Code::kIdempotencyMismatch);
  EXPECT_EQ(desk.made, 0);
}

// Who asked is not known any more, so a key that was shown then is not shown again.
TEST(Idempotent, ASecretOfTheVersionBeforeIsNotRepeated) {
  Desk desk;
  keep_older_answer(desk, R"({"id":"YF1","secret":"JBSWY3DP"})");
  EXPECT_EQ(why(desk.call(kKey)), Code::kIdempotencyMismatch);
  EXPECT_EQ(desk.made, 0);
}

// No body that another key may send is taken for one of the version before.
TEST(Idempotent, TheCallerIsNoPartOfTheBody) {
  Desk desk;
  desk.before = R"({"number":)";
  desk.after = "}";
  desk.fixture.caller().actor = "api:SK1";
  ASSERT_EQ(why(desk.call(kKey)), kYes);
  desk.fixture.caller().actor = "api:SK2";
  EXPECT_EQ(why(desk.call(IdempotencyKey{kKey.key, kKey.route, "api:SK1\n" + kKey.body})), Code::kIdempotencyMismatch);
}

TEST(Idempotent, ARefusalIsNotKept) {
  Desk desk;
  EXPECT_EQ(why(desk.call(kKey, Code::kInvalidField)), Code::kInvalidField);
  // Corrected, under the same key.
  EXPECT_EQ(desk.call(IdempotencyKey{kKey.key, kKey.route, R"({"a":2})"})->body, "answer 2");
}

TEST(Idempotent, IsKeptForADay) {
  Desk desk;
  ASSERT_EQ(why(desk.call(kKey)), kYes);
  desk.fixture.wait(hours(24));
  EXPECT_EQ(desk.call(kKey)->body, "answer 1");
  desk.fixture.wait(kTick);
  EXPECT_EQ(desk.call(kKey)->body, "answer 2");
  EXPECT_EQ(desk.call(kKey)->body, "answer 2");  // The expired row was replaced.
  EXPECT_EQ(desk.fixture.count("idempotency"), 1);
}

}  // namespace
}  // namespace countersign::testing
