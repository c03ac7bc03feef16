#include "usecase/claim.h"

#include "base/encoding.h"
#include "crypto/digest.h"
#include "script.h"

namespace countersign::testing {
namespace {

TEST(Claim, TheFirstGetsThePayloadAndTheSameAnswerAgain) {
  House house;
  verify(house);
  const auto first = house.claim("worker-1");
  ASSERT_EQ(why(first), kYes);
  EXPECT_EQ(first->payload.expose(), kPayload);
  house.wait(hours(100));  // Long after the claim window: the winner may still be at work.
  const auto again = house.claim("worker-1");
  ASSERT_EQ(why(again), kYes);
  EXPECT_EQ(again->payload.expose(), kPayload);
  EXPECT_EQ(again->receipt_claims, first->receipt_claims);
  EXPECT_EQ(again->fencing_token, first->fencing_token);
}

TEST(Claim, ThereIsNeverASecondWinner) {
  House house;
  verify(house);
  const auto winner = house.claim("worker-1");
  ASSERT_EQ(why(winner), kYes);
  EXPECT_EQ(why(house.claim("worker-2")), Code::kAlreadyClaimed);
  EXPECT_EQ(why(house.claim("")), Code::kAlreadyClaimed);
  house.wait(hours(100));
  EXPECT_EQ(why(house.claim("worker-2")), Code::kAlreadyClaimed);
}

TEST(Claim, LapsesAtTheVeryInstant) {
  for (const auto& [wait, outcome] :
       std::vector<std::pair<Duration, std::optional<Code>>>{{minutes(5) - kTick, kYes},
                                                             {minutes(5), Code::kTransactionExpired},
                                                             {minutes(5) + kTick, Code::kTransactionExpired}}) {
    House house;
    verify(house);
    house.wait(wait);
    EXPECT_EQ(why(house.claim()), outcome) << wait.count();
  }
}

TEST(Claim, NothingBeforeItIsVerified) {
  House house;
  house.hold();
  EXPECT_EQ(why(house.claim()), Code::kNotVerified);
  EXPECT_EQ(why(house.ack("token")), Code::kNotVerified);
  EXPECT_TRUE(house.has_payload());
}

TEST(Ack, DestroysThePayload) {
  House house;
  verify(house);
  const auto token = house.claim()->fencing_token;
  ASSERT_EQ(house.count("payloads"), 1);
  EXPECT_EQ(why(house.ack(token)), kYes);
  EXPECT_EQ(house.count("payloads"), 0);
  EXPECT_EQ(house.status(), TransactionStatus::kReleased);
  EXPECT_EQ(house.row().state.ended_at, house.now());
  EXPECT_EQ(why(house.claim()), Code::kTransactionNotHeld);
  EXPECT_EQ(why(house.claim("worker-2")), Code::kTransactionNotHeld);
}

TEST(Ack, RepeatingItIsHarmless) {
  House house;
  verify(house);
  const auto token = house.claim()->fencing_token;
  ASSERT_EQ(why(house.ack(token)), kYes);
  const auto events = house.all_events().size();
  house.wait(seconds(1));
  EXPECT_EQ(why(house.ack(token)), kYes);
  EXPECT_EQ(house.all_events().size(), events);
  EXPECT_NE(house.row().state.ended_at, house.now());
}

TEST(Ack, OnlyWithTheWinnersToken) {
  House house;
  verify(house);
  const auto foreign = house.claim()->fencing_token;
  verify(house);
  const auto token = house.claim()->fencing_token;
  EXPECT_NE(token, foreign);
  for (const std::string& wrong : {std::string(), foreign, token + "A", token.substr(1)}) {
    EXPECT_EQ(why(house.ack(wrong)), Code::kWrongFencingToken);
  }
  EXPECT_TRUE(house.has_payload());
  EXPECT_EQ(why(house.ack(token)), kYes);
}

TEST(Ack, NeedsAClaim) {
  House house;
  verify(house);
  EXPECT_EQ(why(house.ack("")), Code::kNotVerified);
  EXPECT_TRUE(house.has_payload());
}

TEST(Receipt, StatesWhatWasProvenAndForWhat) {
  House house;
  active_factor(house);
  house.hold("strict");
  ASSERT_EQ(why(house.start()), kYes);
  ASSERT_EQ(why(house.check(house.code())), kYes);
  ASSERT_EQ(why(house.check_totp(house.totp_code())), kYes);
  const auto claims = parse_json(house.claim()->receipt_claims);
  ASSERT_TRUE(claims);
  const auto& object = claims->get_object();
  EXPECT_EQ(json_text(object, "payload_sha256"), to_hex(crypto::sha256(kPayload)));
  EXPECT_EQ(json_text(object, "sub"), kIdentity);
  EXPECT_EQ(json_text(object, "transaction"), house.current().text());
  EXPECT_EQ(canonical_json(object.at("amr")), R"(["mfa","otp","sms"])");
  EXPECT_EQ(object.at("proofs").as_array().size(), 2U);
}

}  // namespace
}  // namespace countersign::testing
