#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/fake_time.h"
#include "usecase/settings.h"

// Which way a message goes: by its channel, unless a route takes it.

namespace countersign::usecase {
namespace {

using contact::Channel;

class RoutingRules : public ::testing::Test {
 protected:
  RoutingRules() {
    Moment moment{clock_.now(), random_};
    service_.id = ServiceId::make(moment);
    service_.providers = {{Channel::kSms, {"own", false}}, {Channel::kEmail, {"mail", false}}};
  }
  std::string way(Channel channel, std::string_view address) const {
    const ChannelProvider* provider = service_.provider_for(channel, address);
    return provider == nullptr ? "" : provider->name;
  }
  /// Of a thousand numbers, those that a route takes.
  std::vector<int> taken() const {
    std::vector<int> numbers;
    for (int n = 0; n < 1000; ++n) {
      if (way(Channel::kSms, fmt::format("+551198{:07}", n)) == "verify") numbers.push_back(n);
    }
    return numbers;
  }

  countersign::testing::FakeClock clock_;
  countersign::testing::SeededRandom random_;
  ServiceSettings service_;
};

TEST_F(RoutingRules, AChannelHasItsOwn) {
  EXPECT_EQ(way(Channel::kSms, "+5511987654321"), "own");
  EXPECT_EQ(way(Channel::kCall, "+5511987654321"), "");
}

TEST_F(RoutingRules, TheFirstRouteThatFitsTakesIt) {
  service_.routing_rules = {{Channel::kSms, {"PT", "BR"}, 100, {"first", false}},
                            {std::nullopt, {}, 100, {"second", true}}};
  EXPECT_EQ(way(Channel::kSms, "+5511987654321"), "first");
  EXPECT_EQ(way(Channel::kSms, "+351912345678"), "first");
  EXPECT_EQ(way(Channel::kSms, "+4915112345678"), "second");
  EXPECT_EQ(way(Channel::kEmail, "ana@example.com"), "second");
  EXPECT_EQ(way(Channel::kCall, "+5511987654321"), "") << "a route only diverts";
}

TEST_F(RoutingRules, AMailboxIsInNoCountry) {
  service_.routing_rules = {{std::nullopt, {"BR"}, 100, {"verify", true}}};
  EXPECT_EQ(way(Channel::kEmail, "ana@example.com"), "mail");
}

TEST_F(RoutingRules, AShareGrowsAndNeverChangesItsMind) {
  std::vector<int> before;
  for (const int percent : {0, 10, 50, 100}) {
    service_.routing_rules = {{std::nullopt, {}, percent, {"verify", true}}};
    const auto now = taken();
    EXPECT_NEAR(static_cast<double>(now.size()), percent * 10.0, 60) << percent;
    EXPECT_TRUE(std::ranges::includes(now, before)) << percent;
    EXPECT_EQ(taken(), now);
    before = now;
  }
  EXPECT_EQ(before.size(), 1000U);
}

TEST_F(RoutingRules, ServicesDrawDifferentNumbers) {
  service_.routing_rules = {{std::nullopt, {}, 50, {"verify", true}}};
  const auto mine = taken();
  Moment moment{clock_.now(), random_};
  service_.id = ServiceId::make(moment);
  EXPECT_NE(taken(), mine);
}

TEST_F(RoutingRules, AProviderIsFoundWhereverItIsNamed) {
  service_.routing_rules = {{Channel::kSms, {"BR"}, 0, {"verify", true}}};
  EXPECT_FALSE(service_.provider_of(Channel::kSms, "own")->checks_codes);
  EXPECT_TRUE(service_.provider_of(Channel::kSms, "verify")->checks_codes);
  EXPECT_EQ(service_.provider_of(Channel::kSms, "gone"), nullptr);
}

// What decides whether a call may run beside others: whether all that could carry it make codes themselves.
TEST_F(RoutingRules, AnAccountKnowsWhichChannelsAreCheckedElsewhere) {
  AccountSettings account{{}, "default", {}, {}, {service_}};
  EXPECT_FALSE(account.checks_elsewhere()) << "not settled";
  auto& service = account.services.front();
  const auto settled = [&](bool all, bool sms, bool email) {
    account.settle();
    EXPECT_EQ(account.checks_elsewhere(), all);
    EXPECT_EQ(account.checks_elsewhere(Channel::kSms), sms);
    EXPECT_EQ(account.checks_elsewhere(Channel::kEmail), email);
    EXPECT_FALSE(account.checks_elsewhere(Channel::kCall)) << "no service has it";
  };
  settled(false, false, false);
  service.providers.at(Channel::kSms).checks_codes = true;
  settled(false, true, false);
  service.providers.at(Channel::kEmail).checks_codes = true;
  settled(true, true, true);
  service.routing_rules = {{Channel::kSms, {"BR"}, 10, {"own", false}}};
  settled(false, false, false);
  service.routing_rules.clear();
  account.services.push_back(service_);
  settled(false, false, false);
  account.services.pop_back();
  account.settle();
  EXPECT_FALSE(test_twin_of(account, [](const auto& each) { return each.id; }).checks_elsewhere());
}

}  // namespace
}  // namespace countersign::usecase
