#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "standing_world.h"

namespace countersign::domain::standing {
namespace {

/// A world in which anything happens, one step at a time. Names of sources are drawn from few, so that they meet.
class AnyWorld {
 public:
  AnyWorld() {
    world.rules.max_min_kinds = *rc::gen::inRange(1, 4);
    world.webhook = *rc::gen::arbitrary<bool>();
    if (*rc::gen::arbitrary<bool>()) world.reach.erase(Kind::kPhone);
    if (*rc::gen::arbitrary<bool>()) world.reach.erase(Kind::kEmail);
  }

  static std::string any_source() {
    return *rc::gen::element<std::string>("phone-1", "phone-2", "phone-3", "mailbox-1", "mailbox-2", "app-1", "app-2",
                                          "passkey-1", "codes-1");
  }

  void step() {
    const std::string source = any_source();
    const std::string other = any_source();
    const bool known = binding_of(world.history, world.id(source)) != nullptr;
    switch (*rc::gen::inRange(0, 9)) {
      case 0:
      case 1:
        world.give(source);
        break;
      case 2:
        if (world.give(source, other)) world.give(source);
        break;
      case 3:
        world.add(source, {other, any_source(), any_source()});
        break;
      case 4:
        world.vouch(source);
        break;
      case 5:
        world.end(source);
        break;
      case 6:
        world.suspect(source);
        break;
      case 7:
        if (known) world.object(source, *rc::gen::arbitrary<bool>() ? other : "");
        break;
      default:
        if (known) world.decide(source, *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>() ? other : "");
    }
  }

  void let_time_pass() { world.pass(minutes(*rc::gen::element(0, 1, 30, 300, 1440, 1500, 4380, 10'200, 44'000))); }

  void prove_something() {
    HeldOne tx = world.hold();
    world.prove(tx, any_source());
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      if (*rc::gen::inRange(0, 3) == 0) prove_something();
      let_time_pass();
    }
  }

  StandingWorld world;
};

int rank_of(const Counts& c) { return c.own() ? 2 : c.any() ? 1 : 0; }

TEST(StandingProperty, NeverGrowsInsideATransaction) {
  EXPECT_TRUE(rc::check("with the hold fixed, nothing that happens makes a source count for more", [] {
    AnyWorld any;
    any.run(*rc::gen::inRange(1, 8));
    any.world.take(lapse(any.world.history, any.world.rules, any.world.now));
    const WallTime held = any.world.now;
    any.let_time_pass();
    std::map<BindingId, int> before;
    for (const auto& b : any.world.history.bindings) {
      before[b.id] = rank_of(counts(any.world.history, b, held, any.world.now));
    }
    const bool at_the_hold = any.world.now == held;
    any.run(*rc::gen::inRange(1, 5));
    for (const auto& b : any.world.history.bindings) {
      if (at_the_hold && b.bound_at == held) continue;  // Given in the hold itself.
      RC_ASSERT(rank_of(counts(any.world.history, b, held, any.world.now)) <= before[b.id]);
    }
  }));
}

TEST(StandingProperty, NothingGoneCounts) {
  EXPECT_TRUE(rc::check([] {
    AnyWorld any;
    any.run(*rc::gen::inRange(1, 10));
    for (const auto& b : any.world.history.bindings) {
      if (b.gone) RC_ASSERT(!counts(any.world.history, b, any.world.now, any.world.now).any());
      if (b.gone && b.gone->why != GoneWhy::kReplaced) {
        RC_ASSERT(!counts(any.world.history, b, b.bound_at, any.world.now).any());
      }
    }
  }));
}

TEST(StandingProperty, ARepeatNeverMakesASecondKind) {
  EXPECT_TRUE(rc::check("proofs of one established source and of what it alone added are one kind", [] {
    AnyWorld any;
    any.run(*rc::gen::inRange(1, 8));
    StandingWorld& world = any.world;
    for (const auto& b : std::vector<Binding>(world.history.bindings)) {
      const Counts c = counts(world.history, b, world.now, world.now);
      if (c.counted != Counted::kRepeat || b.added_with.empty()) continue;
      Policy policy = two_kinds();
      policy.email_alone = true;
      const auto adder = b.added_with.front();
      Counts own;
      own.counted = Counted::kWaited;
      for (const Method m : policy.any_of.list()) {
        if (kind_of(m) != b.kind) continue;
        RC_ASSERT(!judge(policy, std::vector<JudgedProof>{{m, b.source, c}, {adder.method, adder.source, own}}).met());
      }
    }
  }));
}

TEST(StandingProperty, FoundingEndsAtTheFirstProofOrAfterADay) {
  EXPECT_TRUE(rc::check([] {
    AnyWorld any;
    any.run(*rc::gen::inRange(1, 10));
    const History& history = any.world.history;
    if (history.bindings.empty()) return;
    const WallTime first = history.bindings.front().bound_at;
    for (const auto& b : history.bindings) {
      if (!b.founding) continue;
      RC_ASSERT(b.bound_at <= first + hours(24));
      if (history.first_proof_at) RC_ASSERT(b.bound_at <= *history.first_proof_at);
      RC_ASSERT(b.by == BoundBy::kApplication);
    }
  }));
}

TEST(StandingProperty, AnOldSourceCountsWhateverNewOnesCome) {
  EXPECT_TRUE(rc::check("giving, vouching and adding others takes nothing from what counts as its own", [] {
    AnyWorld any;
    any.run(*rc::gen::inRange(1, 6));
    StandingWorld& world = any.world;
    std::vector<Id> old;
    for (const auto& b : world.history.bindings) {
      if (!b.gone && !b.replaced && counts(world.history, b, world.now, world.now).own()) old.push_back(b.source);
    }
    for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
      const std::string fresh = AnyWorld::any_source();
      switch (*rc::gen::inRange(0, 3)) {
        case 0:
          world.give(fresh);
          break;
        case 1:
          world.vouch(fresh);
          break;
        default:
          world.add(fresh, {AnyWorld::any_source(), AnyWorld::any_source()});
      }
      any.let_time_pass();
    }
    for (const Id& source : old) RC_ASSERT(counts(world.history, source, world.now, world.now).own());
  }));
}

TEST(StandingProperty, NothingLaterCountsAsItsOwnBeforeAWait) {
  EXPECT_TRUE(rc::check("what was not founded and counts as its own was announced at least a day before", [] {
    AnyWorld any;
    any.run(*rc::gen::inRange(1, 10));
    const StandingWorld& world = any.world;
    for (const auto& b : world.history.bindings) {
      const Counts c = counts(world.history, b, world.now, world.now);
      if (!c.own() || c.counted == Counted::kFounding) continue;
      const WallTime since = b.waits_anew_since.value_or(b.bound_at);
      RC_ASSERT(c.since - since >= (c.counted == Counted::kVouched ? hours(24) : hours(72)));
    }
  }));
}

TEST(StandingProperty, APolicyWithoutFaultCanBeMet) {
  EXPECT_TRUE(rc::check("one proof that counts as its own, of every method that it names, is enough", [] {
    const Policy policy = *any_policy();
    std::vector<JudgedProof> all;
    for (const Method m : policy.any_of.list()) {
      Counts own;
      own.counted = Counted::kWaited;
      all.push_back({m, id_of(static_cast<std::uint8_t>(m)), own});
      all.back().push.number_typed = m == Method::kPush;
    }
    if (!policy_fault(policy)) RC_ASSERT(judge(policy, all).met());
  }));
}

TEST(StandingProperty, OneMoreProofNeverUnmeetsAPolicy) {
  EXPECT_TRUE(rc::check([] {
    AnyWorld any;
    any.run(*rc::gen::inRange(1, 8));
    const Policy policy = *any_policy();
    std::vector<JudgedProof> proofs;
    bool met = false;
    for (const auto& b : any.world.history.bindings) {
      const Counts c = counts(any.world.history, b, any.world.now, any.world.now);
      for (const Method m : policy.any_of.list()) {
        if (kind_of(m) != b.kind) continue;
        proofs.push_back({m, b.source, c});
        const bool now_met = judge(policy, proofs).met();
        RC_ASSERT(now_met || !met);
        met = now_met;
      }
    }
  }));
}

}  // namespace
}  // namespace countersign::domain::standing
