#include "usecase/verification/page_work.h"

#include "base/encoding.h"
#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

class PageWork : public ::testing::Test {
 protected:
  std::string made(const TransactionId& id) {
    return fixture_.in(
        [&](store::Tx&, Moment& moment) { return usecase::work_for_page(fixture_.context().vault, id, moment); });
  }
  bool accepted(const TransactionId& id, const std::string& payload) {
    return fixture_.in([&](store::Tx& tx, Moment& moment) {
      return usecase::accept_page_work({tx, fixture_.context(), fixture_.caller(), moment}, id, payload);
    });
  }

  Fixture fixture_;
  const TransactionId page_ = fixture_.hold();
};

TEST_F(PageWork, IsWaitedForAndAcceptedOnceForItsPage) {
  const auto other = fixture_.hold();
  const auto work = made(page_);
  EXPECT_FALSE(accepted(page_, work));
  fixture_.wait(usecase::kWorkWait);
  EXPECT_FALSE(accepted(other, work));
  EXPECT_TRUE(accepted(page_, work));
  EXPECT_FALSE(accepted(page_, work));
  fixture_.wait(minutes(5));
  EXPECT_FALSE(accepted(page_, work));
}

TEST_F(PageWork, EndsAndIsNoOtherText) {
  const auto work = made(page_);
  for (const std::string text : {"", "x", "e30="}) EXPECT_FALSE(accepted(page_, text)) << text;
  fixture_.wait(minutes(10));
  EXPECT_FALSE(accepted(page_, work));
}

// A clock that was set back opens nothing again.
TEST_F(PageWork, StaysSpentWhereTheClockIsSetBack) {
  const auto work = made(page_);
  fixture_.wait(minutes(5));
  EXPECT_TRUE(accepted(page_, work));
  fixture_.wait(-minutes(4));
  EXPECT_FALSE(accepted(page_, work));
}

TEST_F(PageWork, AUnitThatIsUndoneSpendsNothing) {
  const auto work = made(page_);
  fixture_.wait(usecase::kWorkWait);
  fixture_.in([&](store::Tx& tx, Moment& moment) {
    EXPECT_TRUE(usecase::accept_page_work({tx, fixture_.context(), fixture_.caller(), moment}, page_, work));
    tx.abandon();
    return Done{};
  });
  EXPECT_TRUE(accepted(page_, work));
}

}  // namespace
}  // namespace countersign::testing
