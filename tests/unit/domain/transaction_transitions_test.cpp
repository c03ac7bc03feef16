#include <gtest/gtest.h>

#include <map>

#include "domain/transaction.h"
#include "some.h"
#include "transition_words.h"

namespace countersign::domain {
namespace {

using TransactionResult = Result<Transaction, TransactionError>;

const WallTime kSoon = kNoon + minutes(2);
const WallTime kLate = kNoon + hours(2);  ///< After the end of the hold, and of the time to claim.

constexpr ReviewTerms kOneWord{false, minutes(30), minutes(5)};

/// One of every state, held at noon for an hour, verified a minute later for five minutes.
Transaction transaction_in(const std::string& state, Purpose purpose) {
  Transaction tx = held();
  tx.purpose = purpose;
  if (state == "held" || state == "held_late") return tx;
  if (state == "denied") return *denied(tx, kSoon);
  if (state == "canceled") return *canceled(tx, kSoon);
  if (state == "voided") return *voided(tx, kSoon);
  if (state == "expired") return *expired(tx, kLate);
  if (state == "in_review" || state == "in_review_late") return *sent_to_review(tx, kNoon + hours(1), kSoon);
  if (state == "refused" || state == "refused_late") return *refused(tx, kNoon + hours(1), kSoon);
  if (state == "refused_for_good") return *review_refused(*sent_to_review(tx, kNoon + hours(1), kSoon), kSoon);
  tx = *with_own_proof(tx, proof_of(Method::kSms), kNoon + minutes(1), minutes(5));
  if (state == "verified" || state == "verified_late") return tx;
  if (state == "completed") return *completed_without_release(tx, kSoon);
  tx = *claimed(tx, kSoon);
  if (state == "claimed" || state == "claimed_late") return tx;
  if (state == "given_up") return *given_up(tx, kSoon);
  CS_CHECK(state == "released");
  return *acknowledged(tx, kSoon);
}

TransactionResult step_of(const std::string& transition, const Transaction& tx, WallTime now) {
  using TransitionOf = TransactionResult (*)(Transaction, WallTime);
  static const std::map<std::string, TransitionOf> kSteps{
      {"prove",
       [](Transaction t, WallTime at) { return with_own_proof(t, proof_of(Method::kSms, 9), at, minutes(5)); }},
      {"claim", claimed},
      {"acknowledge", acknowledged},
      {"give_up", given_up},
      {"complete", completed_without_release},
      {"not_carried_out", not_carried_out},
      {"cancel", canceled},
      {"void", voided},
      {"deny", denied},
      {"expire", expired},
      {"review", [](Transaction t, WallTime at) { return sent_to_review(std::move(t), at + hours(1), at); }},
      {"refuse", [](Transaction t, WallTime at) { return refused(std::move(t), at + hours(1), at); }},
      {"allow", [](Transaction t, WallTime at) { return review_allowed(std::move(t), "a", kOneWord, at); }},
      {"disallow", review_refused},
      {"lapse", review_lapsed}};
  return kSteps.at(transition)(tx, now);
}

std::string transaction_outcome(const std::string& state, const std::string& transition, Purpose purpose) {
  const WallTime now = state.ends_with("_late") ? kLate : kSoon;
  return outcome_word(step_of(transition, transaction_in(state, purpose), now));
}

// `_late`: the hold, or the time to claim, is over, and nobody has written it down. `!` comes before why not.
TEST(TransactionTransitions, EveryStateByEveryTransition) {
  const WordTable table(R"(
                prove      claim          acknowledge    give_up       complete        not_carried_out  cancel     void       deny       expire
held            verified   !not_verified  !not_verified  !not_claimed  !other_purpose  !other_purpose   canceled   voided     denied     !still_open
held_late       !expired   !expired       !expired       !expired      !other_purpose  !other_purpose   !expired   !expired   !expired   expired
verified        !not_held  claimed        !not_claimed   !not_claimed  !other_purpose  !other_purpose   canceled   voided     !not_held  !still_open
verified_late   !expired   !expired       !expired       !expired      !other_purpose  !other_purpose   !expired   !expired   !expired   expired
claimed         !not_held  !claimed       released       given_up      !other_purpose  !other_purpose   !claimed   !claimed   !not_held  !claimed
claimed_late    !not_held  !claimed       released       given_up      !other_purpose  !other_purpose   !claimed   !claimed   !not_held  !claimed
released        !released  !released      !released      !released     !other_purpose  !other_purpose   !released  !released  !released  !released
given_up        !released  !released      !released      !released     !other_purpose  !other_purpose   !released  !released  !released  !released
denied          !denied    !denied        !denied        !denied       !other_purpose  !other_purpose   !denied    !denied    !denied    !denied
expired         !expired   !expired       !expired       !expired      !other_purpose  !other_purpose   !expired   !expired   !expired   !expired
canceled        !canceled  !canceled      !canceled      !canceled     !other_purpose  !other_purpose   !canceled  !canceled  !canceled  !canceled
voided          !voided    !voided        !voided        !voided       !other_purpose  !other_purpose   !voided    !voided    !voided    !voided
)");
  expect_table(table, [](const std::string& state, const std::string& transition) {
    return transaction_outcome(state, transition, Purpose::kRelease);
  });
}

TEST(TransactionTransitions, WhatTheFraudRulesStop) {
  const WordTable table(R"(
                  prove       claim       acknowledge  give_up     cancel     void       deny        expire     review      refuse      allow     disallow          lapse
in_review         !in_review  !in_review  !in_review   !in_review  canceled   voided     !in_review  !in_review !in_review  !in_review  held      refused_for_good  !still_open
in_review_late    !refused    !refused    !refused     !refused    !refused   !refused   !refused    !refused   !refused    !refused    !no_review !no_review       refused_for_good
refused           !refused    !refused    !refused     !refused    !refused   !refused   !refused    !refused   !refused    !refused    held      refused_for_good  !still_open
refused_late      !refused    !refused    !refused     !refused    !refused   !refused   !refused    !refused   !refused    !refused    !no_review !no_review       refused_for_good
refused_for_good  !refused    !refused    !refused     !refused    !refused   !refused   !refused    !refused   !refused    !refused    !no_review !no_review       !no_review
)");
  expect_table(table, [](const std::string& state, const std::string& transition) {
    return transaction_outcome(state, transition, Purpose::kRelease);
  });
  const WordTable others(R"(
                review        refuse        allow       disallow    lapse
held            in_review     refused       !no_review  !no_review  !no_review
held_late       !expired      !expired      !no_review  !no_review  !no_review
verified        in_review     refused       !no_review  !no_review  !no_review
verified_late   !expired      !expired      !no_review  !no_review  !no_review
claimed         !claimed      !claimed      !no_review  !no_review  !no_review
released        !released     !released     !no_review  !no_review  !no_review
given_up        !released     !released     !no_review  !no_review  !no_review
denied          !denied       !denied       !no_review  !no_review  !no_review
expired         !expired      !expired      !no_review  !no_review  !no_review
canceled        !canceled     !canceled     !no_review  !no_review  !no_review
voided          !voided       !voided       !no_review  !no_review  !no_review
)");
  expect_table(others, [](const std::string& state, const std::string& transition) {
    return transaction_outcome(state, transition, Purpose::kRelease);
  });
  for (const Purpose purpose : {Purpose::kStandaloneCode, Purpose::kAddSource, Purpose::kShowMethods}) {
    EXPECT_EQ(transaction_outcome("held", "review", purpose), "!other_purpose");
    EXPECT_EQ(transaction_outcome("held", "refuse", purpose), "!other_purpose");
  }
}

TEST(TransactionTransitions, AnAllowedOneGoesOnWhereItWasStopped) {
  const auto from_hold = review_allowed(transaction_in("in_review", Purpose::kRelease), "a", kOneWord, kSoon);
  EXPECT_EQ(from_hold->status, TransactionStatus::kHeld);
  EXPECT_EQ(from_hold->expires_at, kSoon + minutes(30));
  EXPECT_FALSE(from_hold->review);
  EXPECT_EQ(from_hold->created_at, held().created_at) << "sources are judged as of the hold";
  const auto stopped = *sent_to_review(transaction_in("verified", Purpose::kRelease), kLate, kSoon);
  EXPECT_EQ(outcome_word(claimed(stopped, kSoon)), "!in_review");
  const auto again = review_allowed(stopped, "a", kOneWord, kSoon);
  EXPECT_EQ(state_word(*again), "verified");
  EXPECT_EQ(again->claimable_until, kSoon + minutes(5));
  const auto undone = review_allowed(transaction_in("refused", Purpose::kRelease), "a", kOneWord, kSoon);
  EXPECT_FALSE(undone->ended_at || undone->end_reason || undone->review);
}

TEST(TransactionTransitions, TwoPersonsAllowAndOneRefuses) {
  constexpr ReviewTerms kTwo{true, minutes(30), minutes(5)};
  const auto first = review_allowed(transaction_in("in_review", Purpose::kRelease), "a", kTwo, kSoon);
  EXPECT_EQ(state_word(*first), "in_review");
  EXPECT_EQ(outcome_word(review_allowed(*first, "a", kTwo, kSoon)), "!same_person");
  EXPECT_EQ(outcome_word(review_allowed(*first, "b", kTwo, kSoon)), "held");
  EXPECT_EQ(outcome_word(review_refused(*first, kSoon)), "refused_for_good");
}

TEST(TransactionTransitions, WithNothingToReleaseEveryStateByEveryTransition) {
  const WordTable table(R"(
                prove      claim           acknowledge    give_up       complete       not_carried_out  cancel     void       deny       expire
held            verified   !other_purpose  !not_verified  !not_claimed  !not_verified  !not_verified    canceled   voided     denied     !still_open
held_late       !expired   !other_purpose  !expired       !expired      !expired       !expired         !expired   !expired   !expired   expired
verified        !not_held  !other_purpose  !not_claimed   !not_claimed  released       canceled         canceled   voided     !not_held  !still_open
verified_late   !expired   !other_purpose  !expired       !expired      !expired       !expired         !expired   !expired   !expired   expired
completed       !released  !other_purpose  !released      !released     !released      !released        !released  !released  !released  !released
denied          !denied    !other_purpose  !denied        !denied       !denied        !denied          !denied    !denied    !denied    !denied
expired         !expired   !other_purpose  !expired       !expired      !expired       !expired         !expired   !expired   !expired   !expired
canceled        !canceled  !other_purpose  !canceled      !canceled     !canceled      !canceled        !canceled  !canceled  !canceled  !canceled
voided          !voided    !other_purpose  !voided        !voided       !voided        !voided          !voided    !voided    !voided    !voided
)");
  for (const Purpose purpose :
       {Purpose::kStandaloneCode, Purpose::kAddSource, Purpose::kDecideChange, Purpose::kChangeSource}) {
    expect_table(table, [&](const std::string& state, const std::string& transition) {
      return transaction_outcome(state, transition, purpose);
    });
  }
}

TEST(TransactionTransitions, NothingIsProvedOrDeniedInALinkToTheMethods) {
  const Transaction link = transaction_in("held", Purpose::kShowMethods);
  EXPECT_EQ(why_not_open(link, kSoon), TransactionError::kOtherPurpose);
  EXPECT_EQ(outcome_word(denied(link, kSoon)), "!other_purpose");
  EXPECT_EQ(outcome_word(canceled(link, kSoon)), "canceled");
  EXPECT_EQ(outcome_word(expired(link, kLate)), "expired");
}

TEST(TransactionTransitions, WriteDownWhen) {
  const Transaction verified = transaction_in("verified", Purpose::kRelease);
  const auto winner = claimed(verified, kSoon);
  EXPECT_EQ(winner->claimed_at, kSoon);
  EXPECT_FALSE(winner->ended_at);
  EXPECT_EQ(winner->claimable_until, verified.claimable_until);
  EXPECT_EQ(acknowledged(*winner, kLate)->ended_at, kLate);
  EXPECT_FALSE(acknowledged(*winner, kLate)->end_reason);
  EXPECT_EQ(expired(held(), kLate)->ended_at, kLate);
  EXPECT_EQ(expired(verified, kLate)->ended_at, kLate);
  const Transaction approved = transaction_in("verified", Purpose::kDecideChange);
  for (const auto& ended : {completed_without_release(approved, kSoon), not_carried_out(approved, kSoon)}) {
    EXPECT_EQ(ended->ended_at, kSoon);
    EXPECT_EQ(ended->verified_at, approved.verified_at);
    EXPECT_FALSE(ended->claimable_until) << "nobody claims it";
    EXPECT_FALSE(ended->end_reason);
  }
}

TEST(TransactionTransitions, ExpiryIsWrittenDownFromItsVeryInstant) {
  const Transaction waiting = held();
  EXPECT_EQ(outcome_word(expired(waiting, waiting.expires_at - kTick)), "!still_open");
  EXPECT_EQ(outcome_word(expired(waiting, waiting.expires_at)), "expired");
  const Transaction approved = transaction_in("verified", Purpose::kRelease);
  EXPECT_EQ(outcome_word(expired(approved, *approved.claimable_until - kTick)), "!still_open");
  EXPECT_EQ(outcome_word(expired(approved, *approved.claimable_until)), "expired");
  EXPECT_EQ(outcome_word(claimed(approved, *approved.claimable_until - kTick)), "claimed");
  EXPECT_EQ(outcome_word(claimed(approved, *approved.claimable_until)), "!expired");
}

TEST(WithCountsNoted, OnlyWhereItWasNotWrittenDown) {
  standing::History history;
  standing::Binding phone;
  phone.source = id_of(1);
  phone.bound_at = kNoon - hours(1);
  phone.founding = true;
  history.bindings.push_back(phone);
  Transaction tx = held();
  tx.proofs = {proof_of(Method::kSms, 1), proof_of(Method::kTotp, 2)};
  tx.proofs.back().how = {standing::Counted::kVouched, kNoon, std::nullopt};
  const auto noted = with_counts_noted(tx, history, kSoon);
  EXPECT_EQ(noted.proofs.front().how, (standing::HowCounted{standing::Counted::kFounding, kNoon - hours(1), {}}));
  EXPECT_EQ(noted.proofs.back(), tx.proofs.back());
  EXPECT_EQ(noted.status, tx.status);
}

}  // namespace
}  // namespace countersign::domain
