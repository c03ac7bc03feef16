#include <fmt/format.h>

#include "tests/unit/usecase/script.h"
#include "usecase/risk/book.h"
#include "usecase/verify_api/collection.h"
#include "verify_script.h"

// The rules against pumping, as the Verify-compatible API meets them. [THR-11]
namespace countersign::testing {
namespace {

class Guarded : public ::testing::Test {
 protected:
  Guarded() {
    verify.fixture.weigh(book);
    unlimited(verify.fixture);
    auto& pumping = verify.fixture.settings().accounts.at(verify.fixture.account()).pumping;
    pumping.mode = risk::PumpingSettings::Mode::kOn;
    pumping.expected = {{"BR", 100'000}};
  }
  static std::string cuban(int person) {
    return fmt::format("+535{}{:02}{:04}", person % 10, person / 10 % 100, person);
  }
  static std::string brazilian(int person) { return fmt::format("+55119{:08}", 80'000'000 + 10'000 * person); }
  std::optional<ErrorCode> ask(const std::string& number, bool risk_check = true) {
    verify.to = number;
    auto request = verify.request();
    request.risk_check = risk_check;
    return fault_of(verify.start(request));
  }

  Verify verify;
  usecase::RiskBook book;
};

TEST_F(Guarded, WhoHasProvedTheNumberHereIsNotRefused) {
  ASSERT_EQ(ask(cuban(0)), kNone);
  ASSERT_EQ(verify.check(verify.code)->status, Status::kApproved);
  for (int i = 1; i < 40; ++i) ask(cuban(i));
  EXPECT_EQ(ask(cuban(50)), ErrorCode::kDeliveryBlocked);
  EXPECT_EQ(ask(cuban(50), false), ErrorCode::kDeliveryBlocked) << "what closes a country is not advisory";
  EXPECT_EQ(ask(cuban(0)), kNone);
}

TEST_F(Guarded, RiskCheckDisabledAndTheSafeListSkipWhatIsAdvisory) {
  verify.fixture.caller().end_user = IpAddress::parse("198.51.100.7");
  for (int i = 0; i < 40; ++i) {
    ask(brazilian(i));
    verify.fixture.wait(minutes(3));
  }
  EXPECT_EQ(ask(brazilian(60)), ErrorCode::kDeliveryBlocked) << "an address from which nothing is typed";
  EXPECT_EQ(ask(brazilian(61), false), kNone);
  verify.fixture.in([&](store::Tx& tx, Moment& moment) {
    const usecase::Work work{tx, verify.fixture.context(), verify.fixture.caller(), moment};
    return fault_of(usecase::verify_api::add_to(work, usecase::verify_api::kSafeList, Id{}, brazilian(62), {}));
  });
  EXPECT_EQ(ask(brazilian(62)), kNone);
  EXPECT_EQ(ask(brazilian(63)), ErrorCode::kDeliveryBlocked);
}

TEST_F(Guarded, CodesOfATestServiceCountNothing) {
  verify.make_service({{"countersign", json::object{{"test_code", "123456"}}}});
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(ask(cuban(i)), kNone);
    ASSERT_EQ(verify.check("123456")->status, Status::kApproved);
  }
  EXPECT_EQ(book.size(), 0U);
}

}  // namespace
}  // namespace countersign::testing
