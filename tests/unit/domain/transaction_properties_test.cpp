#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "domain/transaction.h"
#include "some.h"

namespace countersign::domain {
namespace {

using enum TransactionStatus;

bool may_follow(TransactionStatus before, TransactionStatus after) {
  if (before == after) return true;
  if (before == kHeld) return true;
  return before == kVerified && (after == kReleased || after == kExpired || after == kCanceled);
}

enum class Step { kProve, kCancel, kDeny, kWait };

TEST(TransactionProperty, StatusMovesOneWayWhateverIsTried) {
  EXPECT_TRUE(rc::check("no sequence of calls brings a status back, and none verifies against the policy", [] {
    Transaction tx = held(*any_policy());
    WallTime now = kNoon;
    const auto steps = *rc::gen::container<std::vector<Step>>(
        rc::gen::element(Step::kProve, Step::kProve, Step::kCancel, Step::kDeny, Step::kWait));
    for (const Step step : steps) {
      const auto before = status_at(tx, now);
      const auto keep = [&](Result<Transaction, TransactionError> next) {
        // A refusal changes nothing; and only what is open or verified lets anything happen.
        if (!next) return;
        RC_ASSERT(before == kHeld || before == kVerified);
        tx = *std::move(next);
      };
      switch (step) {
        case Step::kProve:
          keep(with_own_proof(tx, *any_proof(), now, minutes(5)));
          break;
        case Step::kCancel:
          keep(canceled(tx, now));
          break;
        case Step::kDeny:
          keep(denied(tx, now));
          break;
        case Step::kWait:
          now += *any_wait();
          break;
      }
      const auto after = status_at(tx, now);
      RC_ASSERT(may_follow(before, after));
      if (after == kVerified) RC_ASSERT(judged_own(tx.policy, tx.proofs).met());
      if (tx.verified_at) RC_ASSERT(*tx.verified_at < tx.expires_at);
      RC_ASSERT((why_not_open(tx, now) == std::nullopt) == (after == kHeld));
    }
  }));
}

TEST(TransactionProperty, TimeAloneOnlyExpires) {
  EXPECT_TRUE(rc::check([] {
    Transaction tx = held();
    if (*rc::gen::arbitrary<bool>()) tx = *with_own_proof(tx, proof_of(Method::kSms), kNoon, minutes(5));
    const WallTime now = kNoon + *any_wait();
    const WallTime later = now + *any_wait();
    const auto before = status_at(tx, now);
    RC_ASSERT(status_at(tx, later) == before || status_at(tx, later) == kExpired);
  }));
}

}  // namespace
}  // namespace countersign::domain
