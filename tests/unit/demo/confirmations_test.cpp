#include "demo/confirmations.h"

#include "unit/demo/desk_fixture.h"

namespace countersign::demo {
namespace {

using ConfirmationsTest = DeskTest;

const Fields kIban{{"kind", "iban"}, {"iban", "PT50000201231234567890154"}};

TEST_F(ConfirmationsTest, AClaimIsTakenOverOnce) {
  const auto held = a_held_one();
  EXPECT_FALSE(find_payout(*database_, organizer_.id));
  EXPECT_TRUE(record_claim(*database_, held, a_claim(), moment_));
  EXPECT_FALSE(record_claim(*database_, held, a_claim("token-2"), moment_));
  EXPECT_EQ(database_->all("SELECT 1 FROM payout_accounts").size(), 1U);
  EXPECT_EQ(find_confirmation(*database_, held.id)->fencing_token, "token-1");
  EXPECT_EQ(organizer_now().payouts, "on");
  EXPECT_EQ(database_->one("SELECT state FROM events WHERE organizer = :organizer", {{"organizer", organizer_.id}})
                ->text("state"),
            "on_sale");
  record_release(*database_, held.id);
  EXPECT_EQ(state_of(held), "released");
}

TEST_F(ConfirmationsTest, WhatHasEndedIsNotTakenOver) {
  const auto held = a_held_one();
  record_end(*database_, held, "expired", moment_);
  EXPECT_FALSE(record_claim(*database_, held, a_claim(), moment_));
  EXPECT_FALSE(find_payout(*database_, organizer_.id));
  EXPECT_EQ(organizer_now().payouts, "none");
}

TEST_F(ConfirmationsTest, WhatIsTakenOverDoesNotEnd) {
  const auto held = a_held_one();
  ASSERT_TRUE(record_claim(*database_, held, a_claim(), moment_));
  record_end(*database_, held, "denied", moment_);
  EXPECT_EQ(state_of(held), "claimed");
  EXPECT_EQ(organizer_now().payouts, "on");
}

TEST_F(ConfirmationsTest, AnExpiredOneKeepsWhatWasTypedForAnotherReview) {
  save_step(*database_, organizer_, visitor_, Step::kPayout, kIban, moment_);
  const auto held = a_held_one();
  record_end(*database_, held, "expired", moment_);
  const auto draft = load_draft(*database_, organizer_, visitor_);
  EXPECT_EQ(draft.payout, kIban);
  EXPECT_NE(draft.review, held.id);
}

TEST_F(ConfirmationsTest, ADeniedOneTakesTheDraftAndPausesPayouts) {
  ASSERT_TRUE(record_claim(*database_, a_held_one("TX1"), a_claim(), moment_));
  save_step(*database_, organizer_, visitor_, Step::kPayout, kIban, moment_);
  record_end(*database_, a_held_one("TX2"), "denied", moment_);
  EXPECT_EQ(organizer_now().payouts, "paused");
  EXPECT_FALSE(load_draft(*database_, organizer_, visitor_).payout);
}

TEST_F(ConfirmationsTest, AnEditWithdrawsWhatIsUnderWay) {
  const auto held = a_held_one();
  save_step(*database_, organizer_, visitor_, Step::kPayout, kIban, moment_);
  EXPECT_EQ(state_of(held), "withdrawn");
  EXPECT_FALSE(record_claim(*database_, held, a_claim(), moment_));
  const auto review = load_draft(*database_, organizer_, visitor_).review;
  EXPECT_NE(review, held.id);
  save_step(*database_, organizer_, visitor_, Step::kPayout, kIban, moment_);
  EXPECT_EQ(load_draft(*database_, organizer_, visitor_).review, review) << "the same again is no edit";
}

TEST_F(ConfirmationsTest, BeginningTwiceIsOneConfirmation) {
  const auto review = a_review();
  begin_confirmation(*database_, review, moment_);
  begin_confirmation(*database_, review, moment_);
  EXPECT_EQ(database_->all("SELECT 1 FROM confirmations").size(), 1U);
  EXPECT_TRUE(due_confirmations(*database_, clock_.now()).empty()) << "Countersign has not answered";
}

TEST_F(ConfirmationsTest, AWebhookDuringALookIsNotLost) {
  const auto held = a_held_one();
  const auto began_at = clock_.now();
  const auto later = began_at + std::chrono::seconds(15);
  clock_.advance(std::chrono::milliseconds(5));
  look_soon(*database_, "TX1", clock_.now());
  looked(*database_, held.id, began_at, later);
  EXPECT_EQ(due_confirmations(*database_, clock_.now()).size(), 1U);
  looked(*database_, held.id, clock_.now(), later);
  EXPECT_TRUE(due_confirmations(*database_, clock_.now()).empty());
  EXPECT_EQ(due_confirmations(*database_, later).size(), 1U);
}

TEST_F(ConfirmationsTest, ADatabaseIsFoundAgain) {
  const auto held = a_held_one();
  ASSERT_TRUE(record_claim(*database_, held, a_claim(), moment_));
  database_.reset();
  database_ = *Database::open(file());
  EXPECT_EQ(due_confirmations(*database_, clock_.now()).front().fencing_token, "token-1") << "still to acknowledge";
  EXPECT_EQ(std::get<IbanPayout>(find_payout(*database_, organizer_.id)->payout).iban, "PT50000201231234567890154");
}

}  // namespace
}  // namespace countersign::demo
