#include "usecase/verify_api/attempts.h"

#include "verify_script.h"

namespace countersign::testing {
namespace {

namespace verify_api = usecase::verify_api;
using std::chrono::hours;

class Attempts : public ::testing::Test {
 protected:
  /// To whom, in the order that they are shown in.
  std::vector<std::string> list(const verify_api::AttemptFilter& filter, int limit = 50) {
    std::vector<std::string> out;
    for (const auto& attempt : all(filter, limit)) out.push_back(attempt.to);
    return out;
  }
  std::vector<verify_api::Attempt> all(const verify_api::AttemptFilter& filter, int limit = 50) {
    return verify_.fixture.in([&](store::Tx& tx, Moment& moment) {
      return verify_api::list_attempts({tx, verify_.fixture.context(), verify_.fixture.caller(), moment}, filter,
                                       limit);
    });
  }
  std::pair<std::int64_t, std::int64_t> count(const verify_api::AttemptFilter& filter) {
    const auto counts = verify_.fixture.in([&](store::Tx& tx, Moment& moment) {
      return verify_api::count_attempts({tx, verify_.fixture.context(), verify_.fixture.caller(), moment}, filter);
    });
    return {counts.total, counts.converted};
  }
  std::optional<ErrorCode> show(const MessageId& id) {
    return fault_of(verify_.fixture.in([&](store::Tx& tx, Moment& moment) {
      return verify_api::show_attempt({tx, verify_.fixture.context(), verify_.fixture.caller(), moment}, id);
    }));
  }
  void send(std::string_view to) {
    verify_.fixture.wait(seconds(1));
    verify_.to = to;
    ASSERT_EQ(fault_of(verify_.start()), kNone);
  }

  Verify verify_;
};

constexpr std::string_view kBrazil = "+5521998765432", kPortugal = "+351912345678";
using Addresses = std::vector<std::string>;
using Totals = std::pair<std::int64_t, std::int64_t>;

TEST_F(Attempts, AreFoundByWhereTheyWent) {
  send(kPhone);
  EXPECT_EQ(verify_.check(verify_.code)->status, Status::kApproved);
  send(kBrazil);
  send(kPortugal);
  const Addresses everywhere{std::string(kPortugal), std::string(kBrazil), std::string(kPhone)};
  EXPECT_EQ(list({}), everywhere);
  EXPECT_EQ(list({}, 2), (Addresses{std::string(kPortugal), std::string(kBrazil)}));
  EXPECT_EQ(list({.to = std::string(kBrazil)}), Addresses{std::string(kBrazil)});
  EXPECT_EQ(list({.country = "BR"}), (Addresses{std::string(kBrazil), std::string(kPhone)}));
  EXPECT_EQ(list({.country = "BR"}, 1), Addresses{std::string(kBrazil)});
  EXPECT_EQ(list({.prefix = "+351"}), Addresses{std::string(kPortugal)});
  EXPECT_EQ(list({.converted = true}), Addresses{std::string(kPhone)});
  EXPECT_EQ(count({}), Totals(3, 1));
  EXPECT_EQ(count({.country = "BR"}), Totals(2, 1));
  EXPECT_EQ(count({.prefix = "+351"}), Totals(1, 0));
}

TEST_F(Attempts, SayWhereAndHow) {
  send(kPortugal);
  const auto seen = all({});
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_EQ(seen[0].country, "PT");
  EXPECT_EQ(seen[0].code_length, 6);
  EXPECT_EQ(seen[0].service, verify_.service);
  EXPECT_FALSE(seen[0].converted);
}

TEST_F(Attempts, TheNextPageBeginsAfterTheLastOfThisOne) {
  for (const auto to : {kPhone, kBrazil, kPortugal}) send(to);
  const auto first = all({}, 2);
  EXPECT_EQ(list({.older_than = first.back().id.id}), Addresses{std::string(kPhone)});
}

TEST_F(Attempts, AreShownForThirtyDays) {
  send(kPhone);
  const auto id = all({}).front().id;
  verify_.fixture.wait(hours(24 * 30) - seconds(1));
  EXPECT_EQ(list({}), Addresses{std::string(kPhone)});
  EXPECT_EQ(show(id), kNone);
  verify_.fixture.wait(seconds(2));
  EXPECT_EQ(list({}), Addresses{});
  EXPECT_EQ(list({.after = verify_.fixture.now() - hours(24 * 60)}), Addresses{});
  EXPECT_EQ(count({}), Totals(0, 0));
  EXPECT_EQ(show(id), ErrorCode::kNotFound);
}

}  // namespace

}  // namespace countersign::testing
