#include "usecase/transaction/claim.h"

#include "base/encoding.h"
#include "crypto/digest.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

TEST(Claim, TheFirstGetsThePayloadAndTheSameAnswerAgain) {
  Fixture fixture;
  verify(fixture);
  const auto first = fixture.claim("worker-1");
  ASSERT_EQ(why(first), kYes);
  EXPECT_EQ(first->payload.expose(), kPayload);
  fixture.wait(hours(100));  // Long after the claim window: the winner may still be at work.
  const auto again = fixture.claim("worker-1");
  ASSERT_EQ(why(again), kYes);
  EXPECT_EQ(again->payload.expose(), kPayload);
  EXPECT_EQ(again->receipt_claims, first->receipt_claims);
  EXPECT_EQ(again->fencing_token, first->fencing_token);
}

TEST(Claim, ThereIsNeverASecondWinner) {
  Fixture fixture;
  verify(fixture);
  const auto winner = fixture.claim("worker-1");
  ASSERT_EQ(why(winner), kYes);
  EXPECT_EQ(why(fixture.claim("worker-2")), Code::kAlreadyClaimed);
  EXPECT_EQ(why(fixture.claim("")), Code::kAlreadyClaimed);
  fixture.wait(hours(100));
  EXPECT_EQ(why(fixture.claim("worker-2")), Code::kAlreadyClaimed);
}

TEST(Claim, LapsesAtTheVeryInstant) {
  for (const auto& [wait, outcome] :
       std::vector<std::pair<Duration, std::optional<Code>>>{{minutes(5) - kTick, kYes},
                                                             {minutes(5), Code::kTransactionExpired},
                                                             {minutes(5) + kTick, Code::kTransactionExpired}}) {
    Fixture fixture;
    verify(fixture);
    fixture.wait(wait);
    EXPECT_EQ(why(fixture.claim()), outcome) << wait.count();
  }
}

TEST(Claim, NothingBeforeItIsVerified) {
  Fixture fixture;
  fixture.hold();
  EXPECT_EQ(why(fixture.claim()), Code::kNotVerified);
  EXPECT_EQ(why(fixture.ack("token")), Code::kNotVerified);
  EXPECT_TRUE(fixture.has_payload());
}

TEST(Ack, DestroysThePayload) {
  Fixture fixture;
  verify(fixture);
  const auto token = fixture.claim()->fencing_token;
  ASSERT_EQ(fixture.count("payloads"), 1);
  EXPECT_EQ(why(fixture.ack(token)), kYes);
  EXPECT_EQ(fixture.count("payloads"), 0);
  EXPECT_EQ(fixture.status(), TransactionStatus::kReleased);
  EXPECT_EQ(fixture.row().state.ended_at, fixture.now());
  EXPECT_EQ(why(fixture.claim()), Code::kTransactionNotHeld);
  EXPECT_EQ(why(fixture.claim("worker-2")), Code::kTransactionNotHeld);
}

TEST(Ack, RepeatingItIsHarmless) {
  Fixture fixture;
  verify(fixture);
  const auto token = fixture.claim()->fencing_token;
  ASSERT_EQ(why(fixture.ack(token)), kYes);
  const auto events = fixture.all_events().size();
  fixture.wait(seconds(1));
  EXPECT_EQ(why(fixture.ack(token)), kYes);
  EXPECT_EQ(fixture.all_events().size(), events);
  EXPECT_NE(fixture.row().state.ended_at, fixture.now());
}

TEST(Ack, OnlyWithTheWinnersToken) {
  Fixture fixture;
  verify(fixture);
  const auto foreign = fixture.claim()->fencing_token;
  verify(fixture);
  const auto token = fixture.claim()->fencing_token;
  EXPECT_NE(token, foreign);
  for (const std::string& wrong : {std::string(), foreign, token + "A", token.substr(1)}) {
    EXPECT_EQ(why(fixture.ack(wrong)), Code::kWrongFencingToken);
  }
  EXPECT_TRUE(fixture.has_payload());
  EXPECT_EQ(why(fixture.ack(token)), kYes);
}

TEST(Ack, NeedsAClaim) {
  Fixture fixture;
  verify(fixture);
  EXPECT_EQ(why(fixture.ack("")), Code::kNotVerified);
  EXPECT_TRUE(fixture.has_payload());
}

TEST(Receipt, StatesWhatWasProvenAndForWhat) {
  Fixture fixture;
  active_factor(fixture);
  fixture.hold("strict");
  ASSERT_EQ(why(fixture.start()), kYes);
  ASSERT_EQ(why(fixture.check(fixture.code())), kYes);
  ASSERT_EQ(why(fixture.check_totp(fixture.totp_code())), kYes);
  const auto claims = parse_json(fixture.claim()->receipt_claims);
  ASSERT_TRUE(claims);
  const auto& object = claims->get_object();
  EXPECT_EQ(json_text(object, "payload_sha256"), to_hex(crypto::sha256(kPayload)));
  EXPECT_EQ(json_text(object, "sub"), kIdentity);
  EXPECT_EQ(json_text(object, "transaction"), fixture.current().text());
  EXPECT_EQ(canonical_json(object.at("amr")), R"(["mfa","otp","sms"])");
  EXPECT_EQ(object.at("proofs").as_array().size(), 2U);
}

}  // namespace
}  // namespace countersign::testing
