#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

#include "domain/policy.h"
#include "some.h"

namespace countersign::domain {
namespace {

TEST(PolicyProperty, OneMoreProofNeverUnmeetsAPolicy) {
  EXPECT_TRUE(rc::check("judge() is monotone", [] {
    const Policy policy = *any_policy();
    auto proofs = *any_proofs();
    const bool before = judged_own(policy, proofs).met();
    proofs.push_back(*any_proof());
    if (before) RC_ASSERT(judged_own(policy, proofs).met());
  }));
}

TEST(PolicyProperty, TheOrderOfProofsIsOfNoImportance) {
  EXPECT_TRUE(rc::check([] {
    const Policy policy = *any_policy();
    auto proofs = *any_proofs();
    const bool before = judged_own(policy, proofs).met();
    std::reverse(proofs.begin(), proofs.end());
    RC_ASSERT(judged_own(policy, proofs).met() == before);
  }));
}

TEST(PolicyProperty, SeveralOfOneKindCountOnce) {
  EXPECT_TRUE(rc::check("repeating the proofs of one kind through other sources and channels changes no count", [] {
    const Policy policy = *any_policy();
    const auto proofs = *any_proofs();
    const auto before = judged_own(policy, proofs);
    std::set<Kind> kinds;
    auto more = proofs;
    for (const auto& proof : proofs) {
      if (policy.any_of.contains(proof.method)) kinds.insert(kind_of(proof.method));
      Proof twin = proof;
      twin.source = id_of(static_cast<std::uint8_t>(100 + more.size()));
      more.push_back(twin);
    }
    const auto after = judged_own(policy, more);
    RC_ASSERT(before.kinds_proven == static_cast<int>(kinds.size()));
    RC_ASSERT(after.kinds_proven == before.kinds_proven);
    RC_ASSERT(after.met() == before.met());
  }));
}

TEST(PolicyProperty, OneKindAloneNeverMeetsTwo) {
  EXPECT_TRUE(rc::check([] {
    Policy policy = *any_policy();
    policy.min_kinds = *rc::gen::inRange(2, 4);
    const auto method = *any_method();
    auto proofs = *any_proofs();
    std::erase_if(proofs, [&](const Proof& p) { return kind_of(p.method) != kind_of(method); });
    RC_ASSERT(!judged_own(policy, proofs).met());
  }));
}

TEST(PolicyProperty, APolicyWithoutFaultCanBeMet) {
  EXPECT_TRUE(rc::check("one proof of every method that it names is enough", [] {
    const Policy policy = *any_policy();
    std::vector<Proof> all;
    for (const Method m : policy.any_of.list()) {
      all.push_back(proof_of(m, static_cast<std::uint8_t>(all.size())));
      all.back().push.number_typed = m == Method::kPush;
    }
    if (!policy_fault(policy)) RC_ASSERT(judged_own(policy, all).met());
  }));
}

TEST(PolicyProperty, WhatIsSaidToBeMetWithoutNumbersIsMetWithoutThem) {
  EXPECT_TRUE(rc::check([] {
    const Policy policy = *any_policy();
    std::vector<Proof> all;
    for (const Method m : policy.any_of.list()) all.push_back(proof_of(m, static_cast<std::uint8_t>(all.size())));
    RC_ASSERT(can_be_met(policy, policy.any_of) == (!policy_fault(policy) && judged_own(policy, all).met()));
    if (policy_fault(policy)) return;
    RC_ASSERT(can_be_met(policy, policy.any_of, PushAnswers::kWithNumber));
  }));
}

}  // namespace
}  // namespace countersign::domain
