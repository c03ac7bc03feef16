#include "domain/conversion.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/fake_time.h"

// How weights follow what became of codes, and who cannot teach them.

namespace countersign::domain::conversion {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const WallTime kBegin = from_micros(1'700'000'000'000'000);

TEST(Conversion, APrefixIsTheNumberWithoutItsLastFourDigits) {
  EXPECT_EQ(prefix_of("+5511987654321"), "+551198765");
  EXPECT_EQ(prefix_of("+2907"), "") << "nothing but the last four digits";
  EXPECT_EQ(prefix_of("+29071"), "+2");
  EXPECT_EQ(prefix_of("ana@example.com"), "");
  EXPECT_EQ(prefix_of(""), "");
}

TEST(Conversion, APromptCodeCountsFullyALateOneHalf) {
  EXPECT_EQ(credit_of(std::nullopt), 0);
  EXPECT_EQ(credit_of(Duration::zero()), kCreditMax);
  EXPECT_EQ(credit_of(kPrompt), kCreditMax);
  EXPECT_EQ(credit_of(kPrompt + seconds(1)), kCreditMax / 2);
  EXPECT_EQ(attempt_of(1), 1);
  EXPECT_EQ(attempt_of(7), 3);
}

/// `percent` of the codes are typed promptly.
Learned fed(Learned learned, int samples, int percent, WallTime now) {
  for (int i = 0; i < samples; ++i) learned = with_sample(learned, i % 100 < percent ? kCreditMax : 0, now);
  return learned;
}

TEST(Conversion, OneThatConvertsMuchLessThanTheBestHasHalfOfItsWeight) {
  const auto now = kBegin + kStepEvery;
  const std::vector<Rival> rivals{{fed({}, 100, 90, kBegin)}, {fed({}, 100, 40, kBegin)}, {fed({}, 100, 85, kBegin)}};
  const auto after = stepped(rivals, now);
  EXPECT_EQ(after[0].share, kShareMax);
  EXPECT_EQ(after[1].share, kShareMax / 2);
  EXPECT_EQ(after[2].share, kShareMax) << "a little less";
  EXPECT_EQ(after[1].samples, 0) << "new codes alone judge the new share";
  EXPECT_EQ(stepped(rivals, kBegin + kStepEvery - seconds(1))[1].share, kShareMax) << "not so often";
}

TEST(Conversion, LateIsWorseThanPrompt) {
  Learned late;
  for (int i = 0; i < 100; ++i) late = with_sample(late, credit_of(seconds(150)), kBegin);
  const auto after = stepped(std::vector<Rival>{{fed({}, 100, 90, kBegin)}, {late}}, kBegin + kStepEvery);
  EXPECT_EQ(after[1].share, kShareMax / 2);
}

TEST(Conversion, FewCodesSayNothingAndNobodyIsJudgedAlone) {
  const auto now = kBegin + kStepEvery;
  const auto good = fed({}, 100, 90, kBegin);
  EXPECT_EQ(stepped(std::vector<Rival>{{good}, {fed({}, kEnough - 1, 0, kBegin)}}, now)[1].share, kShareMax);
  EXPECT_EQ(stepped(std::vector<Rival>{{good}, {fed({}, kEnough, 0, kBegin)}}, now)[1].share, kShareMax / 2);
  EXPECT_EQ(stepped(std::vector<Rival>{{fed({}, 100, 0, kBegin)}}, now)[0].share, kShareMax);
  const auto all_bad = stepped(std::vector<Rival>{{fed({}, 100, 20, kBegin)}, {fed({}, 100, 20, kBegin)}}, now);
  EXPECT_EQ(all_bad[0].share, kShareMax) << "nobody is better: the country is in trouble, or nobody wants the codes";
}

TEST(Conversion, AShareComesBackWithGoodCodesAndByItself) {
  Learned low{kShareMin, 0, 0, kBegin, kBegin};
  const auto good = fed({}, 100, 90, kBegin);
  auto now = kBegin;
  auto share = low.share;
  for (int step = 0; share < kShareMax; ++step) {
    ASSERT_LT(step, 6);
    now += kStepEvery;
    low = fed(low, kEnoughToRise, 90, now);
    low = stepped(std::vector<Rival>{{fed(good, 100, 90, now)}, {low}}, now)[1];
    EXPECT_EQ(low.share, std::min(share * 2, kShareMax));
    share = low.share;
  }
  // Where nobody sends there any more.
  Learned forgotten{kShareMin, 0, 0, kBegin, kBegin};
  EXPECT_EQ(stepped(std::vector<Rival>{{forgotten}}, kBegin + kForgottenAfter - seconds(1))[0].share, kShareMin);
  EXPECT_EQ(stepped(std::vector<Rival>{{forgotten}}, kBegin + kForgottenAfter)[0].share, 2 * kShareMin);
}

/// What becomes of the second provider's share beside a first one that converts 99 of a hundred.
int share_beside_a_good_one(const Learned& second) {
  return stepped(std::vector<Rival>{{fed({}, 300, 99, kBegin)}, {second}}, kBegin + kStepEvery)[1].share;
}

TEST(Conversion, ALittleBehindMovesNothingHoweverSureItIs) {
  const auto behind = [](int hundredths) { return share_beside_a_good_one(fed({}, 300, 99 - hundredths, kBegin)); };
  EXPECT_EQ(behind(kFar + 1), kShareMax / 2);
  EXPECT_EQ(behind(kFar - 1), kShareMax) << "not by chance, and not enough to move people";
}

TEST(Conversion, AShareComesBackOnlyWithEnoughCodesThatAreNearlyAsGood) {
  const auto with = [](int samples, int percent) {
    return share_beside_a_good_one(fed({kShareMax / 4, 0, 0, kBegin, kBegin}, samples, percent, kBegin));
  };
  EXPECT_EQ(with(kEnoughToRise, 99), kShareMax / 2);
  EXPECT_EQ(with(kEnoughToRise - 1, 99), kShareMax / 4) << "a few good ones are chance";
  EXPECT_EQ(with(300, 99 - kNear + 1), kShareMax / 2);
  EXPECT_EQ(with(300, 99 - kNear - 1), kShareMax / 4) << "between near and far nothing changes";
}

Rival any_rival() {
  const int samples = *rc::gen::inRange(0, kSamplesKept);
  const Learned learned{*rc::gen::inRange(kShareMin, kShareMax + 1), samples,
                        *rc::gen::inRange(0, samples * kCreditMax + 1), kBegin - hours(*rc::gen::inRange(0, 100)),
                        kBegin - minutes(*rc::gen::inRange(0, 5000))};
  return {learned, *rc::gen::arbitrary<bool>()};
}

TEST(ConversionProperties, AShareStaysWithinItsBoundsAndMovesByOneStep) {
  EXPECT_TRUE(rc::check([] {
    std::vector<Rival> rivals;
    const int size = *rc::gen::inRange(1, 9);
    for (int i = 0; i < size; ++i) rivals.push_back(any_rival());
    const auto after = stepped(rivals, kBegin);
    for (std::size_t i = 0; i < rivals.size(); ++i) {
      const int before = rivals[i].learned.share;
      const int share = after[i].share;
      RC_ASSERT(share >= kShareMin && share <= kShareMax);
      RC_ASSERT(share == before || share == std::max(before / 2, kShareMin) ||
                share == std::min(before * 2, kShareMax));
      if (rivals[i].frozen) RC_ASSERT(share == before);
      if (kBegin - rivals[i].learned.stepped_at < kStepEvery) RC_ASSERT(share == before);
      RC_ASSERT(after[i].credit >= 0 && after[i].credit <= after[i].samples * kCreditMax);
    }
  }));
}

TEST(ConversionProperties, TheBestNeverFalls) {
  EXPECT_TRUE(rc::check([] {
    std::vector<Rival> rivals;
    const int size = *rc::gen::inRange(2, 9);
    for (int i = 0; i < size; ++i) rivals.push_back(any_rival());
    std::vector<Learned> now;
    for (const auto& rival : rivals) now.push_back(aged(rival.learned, kBegin));
    const auto after = stepped(rivals, kBegin);
    const auto rate = [](const Learned& one) { return one.samples == 0 ? 0.0 : 1.0 * one.credit / one.samples; };
    const auto best = static_cast<std::size_t>(std::ranges::max_element(now, {}, rate) - now.begin());
    RC_ASSERT(after[best].share >= rivals[best].learned.share);
  }));
}

TEST(ConversionProperties, AWeightKeepsAProbeAndNoMoreThanItHas) {
  EXPECT_TRUE(rc::check([] {
    const int configured = *rc::gen::inRange(0, 1001);
    const int share = *rc::gen::inRange(-5, 2000);
    const int weight = weight_of(configured, share);
    RC_ASSERT(weight >= configured * kShareMin && weight <= configured * kShareMax);
    RC_ASSERT((weight == 0) == (configured == 0));
  }));
}

/// The provider's codes as its people teach them: each once an hour.
class School {
 public:
  explicit School(std::size_t providers) : rivals_(providers) {}

  /// `who`: person, line and network.
  void code(std::size_t provider, const std::vector<std::string>& who, int credit, WallTime now) {
    bool once = true;
    for (const auto& one : who) {
      const auto known = taught_.find(one);
      if (known != taught_.end() && now < known->second)
        once = false;
      else
        taught_[one] = now + kOnceIn;
    }
    if (once) rivals_[provider].learned = with_sample(rivals_[provider].learned, credit, now);
  }
  /// Of somebody who comes once.
  void honest(std::size_t provider, int credit, WallTime now) {
    rivals_[provider].learned = with_sample(rivals_[provider].learned, credit, now);
  }
  void step(WallTime now) {
    const auto after = stepped(rivals_, now);
    for (std::size_t i = 0; i < after.size(); ++i) {
      moves_ += after[i].share != rivals_[i].learned.share;
      rivals_[i].learned = after[i];
    }
  }
  void freeze(std::size_t provider) { rivals_[provider].frozen = true; }
  [[nodiscard]] int moves() const { return moves_; }
  [[nodiscard]] const Learned& of(std::size_t provider) const { return rivals_[provider].learned; }

 private:
  std::vector<Rival> rivals_;
  std::map<std::string, WallTime> taught_;
  int moves_ = 0;
};

TEST(ConversionProperties, OnePersonOrOneNetworkMovesNoWeightHoweverOften) {
  EXPECT_TRUE(rc::check([] {
    School school(2);
    const bool one_person = *rc::gen::arbitrary<bool>();
    auto now = kBegin;
    for (int i = 0; i < 200; ++i) {
      now += minutes(*rc::gen::inRange(0, 120));
      const auto other = fmt::format("other-{}", i);
      const auto who = one_person ? std::vector<std::string>{"mallory", "line", other}
                                  : std::vector<std::string>{other, other + "-line", "network"};
      const int credit = *rc::gen::inRange(0, kCreditMax + 1);
      for (int n = *rc::gen::inRange(1, 20); n > 0; --n) school.code(0, who, credit, now);
      school.code(1, who, kCreditMax, now);
      school.step(now);
      RC_ASSERT(school.of(0).samples < kEnough);
    }
    RC_ASSERT(school.moves() == 0);
  }));
}

/// A week of honest people, `percent` of whose codes are typed, and whoever else writes to the school each minute.
template <class More>
School a_week(std::uint64_t seed, int percent, More more) {
  testing::SeededRandom random(seed);
  School school(2);
  for (auto now = kBegin; now < kBegin + hours(7 * 24); now += minutes(1)) {
    for (std::size_t provider = 0; provider < 2; ++provider) {
      const bool typed = static_cast<int>(random.below(100)) < percent;
      school.honest(provider, typed ? kCreditMax : 0, now);
    }
    more(school, now);
    if ((now - kBegin) % minutes(5) == Duration::zero()) school.step(now);
  }
  return school;
}

TEST(Conversion, ChanceMovesNothing) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (const int percent : {50, 80, 95})
      EXPECT_EQ(a_week(seed, percent, [](School&, WallTime) {}).moves(), 0) << seed << " " << percent;
  }
}

TEST(Conversion, AFloodFromOneNetworkMovesNothingAmongHonestPeople) {
  int sent = 0;
  const auto flood = [&](School& school, WallTime now) {
    for (int i = 0; i < 5; ++i) {
      const auto who = fmt::format("bought-{}", sent++);
      school.code(0, {who, "one network"}, 0, now);
    }
  };
  for (std::uint64_t seed = 1; seed <= 1; ++seed) EXPECT_EQ(a_week(seed, 80, flood).moves(), 0) << seed;
}

TEST(Conversion, AFrozenOneStaysAndTheOthersAreComparedWithIt) {
  const auto now = kBegin + kStepEvery;
  std::vector<Rival> rivals{{fed({}, 100, 10, kBegin), true}, {fed({}, 100, 90, kBegin), false}};
  EXPECT_EQ(stepped(rivals, now)[0].share, kShareMax);
  rivals[0].frozen = false;
  EXPECT_EQ(stepped(rivals, now)[0].share, kShareMax / 2);
  rivals = {{fed({}, 100, 90, kBegin), true}, {fed({}, 100, 10, kBegin), false}};
  EXPECT_EQ(stepped(rivals, now)[1].share, kShareMax / 2);
}

}  // namespace
}  // namespace countersign::domain::conversion
