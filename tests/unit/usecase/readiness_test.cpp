#include "usecase/readiness.h"

#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

TEST(Readiness, IsNotThereWhereTheDatabaseIsDamagedOrSlow) {
  store::StoreStats stats;
  EXPECT_EQ(usecase::why_not_ready(stats), std::nullopt);
  stats.slow = true;
  EXPECT_EQ(usecase::why_not_ready(stats), "commits take longer than 2 s");
  stats.damaged = true;
  EXPECT_EQ(usecase::why_not_ready(stats), "the database is damaged");
}

TEST(Readiness, IsAskedByAWriteThatChangesSomething) {
  Fixture fixture;
  const auto value = [&] {
    std::string text;
    fixture.in([&](store::Tx& tx, Moment&) {
      static const store::Sql kProbe{"SELECT check_value FROM key_checks WHERE key_name = 'probe'"};
      tx.one(kProbe, {}, [&](const store::Row& row) { text = row.string(0); });
      return Done{};
    });
    return text;
  };
  const auto ask = [&] {
    fixture.in([](store::Tx& tx, Moment& moment) { return usecase::write_something(tx, moment.now); });
  };
  ask();
  const auto before = value();
  EXPECT_FALSE(before.empty());
  fixture.wait(kTick);
  ask();
  EXPECT_NE(value(), before);
}

}  // namespace

}  // namespace countersign::testing
