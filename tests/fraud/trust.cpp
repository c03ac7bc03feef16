#include "fraud/trust.h"

#include <random>

#include "risk/rule.h"

namespace countersign::testing::fraud {

namespace {

using risk::Feature;
using risk::Features;

class Claimants {
 public:
  explicit Claimants(std::uint64_t seed) : random_(seed) {}

  Features next(Claimant claimant) {
    Features features;
    // The person whose transaction it is, whoever holds it.
    features.set(Feature::kProvedContact, 1);
    features.set(Feature::kEstablished, 1);
    features.set(Feature::kEstablishedDays, between(10, 900));
    features.set(Feature::kContactsChangedHours, chance(0.004) ? between(1, 72) : between(100, 20'000));
    features.set(Feature::kHoldsDay, 1);
    features.set(Feature::kPayoutSubjects, chance(0.0005) ? 1 : 0);
    features.set(Feature::kDeviceSubjectsDay, chance(0.002) ? between(2, 4) : 1);
    features.set(Feature::kAddressSubjectsDay, chance(0.6) ? between(1, 200) : 1);
    features.set(Feature::kSubjectAddressesDay, between(1, 4));
    features.set(Feature::kPromptsHour, 0);
    features.set(Feature::kDenialsDay, 0);
    features.set(Feature::kRecoveryFailuresDay, chance(0.001) ? 3 : 0);
    const bool answers = chance(0.75);
    if (answers) features.set(Feature::kSimSwapHours, chance(0.001) ? between(1, 72) : between(200, 20'000));
    if (claimant == Claimant::kHonest) {
      features.set(Feature::kNewDevice, chance(0.04) ? 1 : 0);
      features.set(Feature::kNewNetwork, chance(0.2) ? 1 : 0);
      return features;
    }
    features.set(Feature::kNewDevice, chance(0.97) ? 1 : 0);
    features.set(Feature::kNewNetwork, chance(0.97) ? 1 : 0);
    // One machine holds for many people; a careful thief changes what it looks like after a few.
    features.set(Feature::kDeviceSubjectsDay, between(1, claimant == Claimant::kMule ? 40 : 20));
    features.set(Feature::kPayoutSubjects, between(0, claimant == Claimant::kMule ? 12 : 3));
    if (claimant == Claimant::kSwappedSim) {
      features.set(Feature::kDeviceSubjectsDay, 1);
      features.set(Feature::kPayoutSubjects, 0);
      if (answers) features.set(Feature::kSimSwapHours, between(1, 60));
    }
    return features;
  }

 private:
  bool chance(double part) { return std::uniform_real_distribution<double>(0, 1)(random_) < part; }
  double between(int least, int most) { return std::uniform_int_distribution<int>(least, most)(random_); }

  std::mt19937_64 random_;
};

}  // namespace

std::string_view name_of(Claimant claimant) {
  switch (claimant) {
    case Claimant::kHonest:
      return "established people";
    case Claimant::kStuffedSession:
      return "sessions that were taken over";
    case Claimant::kSwappedSim:
      return "SIMs that were swapped";
    case Claimant::kMule:
      return "many sessions, few accounts that pay out";
  }
  return "";
}

TrustFigures judge_claimants(Claimant claimant, int count, std::uint64_t seed) {
  Claimants claimants(seed);
  TrustFigures figures;
  for (int i = 0; i < count; ++i) {
    auto matches = risk::judge(risk::built_in_rules(), risk::Point::kHold, claimants.next(claimant));
    const auto decision = risk::decide(risk::Point::kHold, std::move(matches), {});
    ++figures.held;
    if (decision.outcome == risk::Outcome::kNote) ++figures.noted;
    if (decision.outcome == risk::Outcome::kAnotherKind) ++figures.another_kind;
    if (decision.outcome >= risk::Outcome::kReview) ++figures.reviewed;
  }
  return figures;
}

}  // namespace countersign::testing::fraud
