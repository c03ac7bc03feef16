#include "usecase/failed_login.h"

#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

class FailedLogin : public ::testing::Test {
 protected:
  std::optional<Duration> fail_from(std::string_view address) {
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::count_failed_login(tx, fixture_.context(), *IpAddress::parse(address), rate_, moment.now);
    });
  }

  Fixture fixture_;
  domain::Rate rate_{2, std::chrono::minutes(10)};
};

TEST_F(FailedLogin, EachAddressMayTryItSoOften) {
  EXPECT_EQ(fail_from("203.0.113.7"), std::nullopt);
  fixture_.wait(seconds(60));
  EXPECT_EQ(fail_from("203.0.113.7"), std::nullopt);
  EXPECT_EQ(fail_from("203.0.113.7"), std::chrono::minutes(9));
  EXPECT_EQ(fail_from("203.0.113.8"), std::nullopt);
  fixture_.wait(std::chrono::minutes(9));
  EXPECT_EQ(fail_from("203.0.113.7"), std::nullopt);
}

TEST_F(FailedLogin, WhoOwnsANetworkIsOne) {
  EXPECT_EQ(fail_from("2001:db8::1"), std::nullopt);
  EXPECT_EQ(fail_from("2001:db8::2"), std::nullopt);
  EXPECT_NE(fail_from("2001:db8::3"), std::nullopt);
  EXPECT_EQ(fail_from("2001:db8:0:1::3"), std::nullopt);
}

TEST_F(FailedLogin, ZeroIsNoLimit) {
  rate_.max = 0;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(fail_from("203.0.113.7"), std::nullopt);
  EXPECT_EQ(fixture_.count("counters"), 0);
}

TEST_F(FailedLogin, TheAddressStandsNowhere) {
  static_cast<void>(fail_from("203.0.113.7"));
  std::string key;
  fixture_.in([&](store::Tx& tx, Moment&) {
    static const store::Sql kKeys{"SELECT counter_key FROM counters"};
    tx.all(kKeys, {}, [&](const store::Row& row) { key += row.blob(0); });
    return Done{};
  });
  EXPECT_FALSE(key.empty());
  EXPECT_EQ(key.find("203.0.113"), std::string::npos);
}

}  // namespace

}  // namespace countersign::testing
