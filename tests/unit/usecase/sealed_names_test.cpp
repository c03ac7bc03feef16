#include "store/upkeep/seal_readable.h"
#include "tests/unit/usecase/script.h"
#include "usecase/subject/person_page.h"
#include "usecase/transaction/show.h"

// Where people are led back to, and what they call their devices: unreadable at rest, also what an earlier release
// wrote.
namespace countersign::testing {
namespace {

constexpr std::string_view kBack = "https://shop.example.com/orders/4711";
constexpr std::string_view kDevice = "Telefone da Ana";

std::string text_in(Fixture& fixture, const store::Sql& sql) {
  return fixture.in([&](store::Tx& tx, Moment&) {
    std::string text;
    tx.one(sql, {}, [&](const store::Row& row) { text = row.string(0); });
    return text;
  });
}

const store::Sql kUrl{"SELECT return_url FROM transactions"};
const store::Sql kName{"SELECT name FROM factors"};

std::string shown_url(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto view = usecase::show_transaction({tx, fixture.context(), fixture.caller(), moment}, fixture.current());
    return view ? view->return_url : "";
  });
}

std::string shown_name(Fixture& fixture) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    const auto factors = usecase::list_factors({tx, fixture.context(), fixture.caller(), moment}, kIdentity);
    return factors.size() == 1 ? factors.front().name : "";
  });
}

void enrol_named(Fixture& fixture) {
  const auto enrolled = fixture.in([&](store::Tx& tx, Moment& moment) {
    const usecase::EnrolRequest request{std::string(kIdentity), std::string(kDevice), "", {}};
    return usecase::enrol_totp({tx, fixture.context(), fixture.caller(), moment}, request);
  });
  ASSERT_EQ(why(enrolled), kYes);
}

std::int64_t seal(Fixture& fixture, int limit) {
  return fixture.in([&](store::Tx& tx, Moment& moment) {
    return store::seal_readable(tx, fixture.context().vault, limit, moment.random);
  });
}

TEST(SealedNames, AreWrittenSealedAndShownInClear) {
  Fixture fixture;
  fixture.request().return_url = kBack;
  fixture.hold();
  enrol_named(fixture);
  EXPECT_EQ(text_in(fixture, kUrl), "");
  EXPECT_EQ(text_in(fixture, kName), "");
  EXPECT_EQ(shown_url(fixture), kBack);
  EXPECT_EQ(shown_name(fixture), kDevice);
  EXPECT_EQ(seal(fixture, 10), 0);
}

TEST(SealedNames, AreEmptyWhereNoneWasGiven) {
  Fixture fixture;
  fixture.hold();
  EXPECT_EQ(shown_url(fixture), "");
}

TEST(SealedNames, OfAnEarlierReleaseAreReadAndThenSealed) {
  Fixture fixture;
  fixture.request().return_url = kBack;
  for (int i = 0; i < 3; ++i) fixture.hold();
  enrol_named(fixture);
  static const store::Sql kOldUrls{"UPDATE transactions SET return_url = ?1, return_url_sealed = NULL"};
  static const store::Sql kOldNames{"UPDATE factors SET name = ?1, name_sealed = NULL"};
  fixture.in([&](store::Tx& tx, Moment&) {
    tx.put(kOldUrls, {kBack});
    tx.put(kOldNames, {kDevice});
    return Done{};
  });
  EXPECT_EQ(text_in(fixture, kUrl), kBack) << "as it was";
  EXPECT_EQ(shown_url(fixture), kBack);
  EXPECT_EQ(shown_name(fixture), kDevice);
  EXPECT_EQ(seal(fixture, 2), 3) << "two of the three, and one name";
  EXPECT_EQ(seal(fixture, 2), 1);
  EXPECT_EQ(seal(fixture, 2), 0);
  static const store::Sql kReadable{"SELECT 'found' FROM transactions WHERE return_url <> ''"};
  EXPECT_EQ(text_in(fixture, kReadable), "");
  EXPECT_EQ(text_in(fixture, kName), "");
  EXPECT_EQ(shown_url(fixture), kBack);
  EXPECT_EQ(shown_name(fixture), kDevice);
}

TEST(ReturnUrls, AHoldThatLeadsElsewhereIsRefused) {
  Fixture fixture;
  auto& services = fixture.settings().accounts.at(fixture.account()).services;
  for (auto& service : services) service.return_urls = {"https://shop.example.com/"};
  fixture.request().return_url = "https://evil.example/";
  const auto refused = fixture.try_hold();
  ASSERT_EQ(why(refused), Code::kInvalidField);
  EXPECT_EQ(refused.error().field, "return_url");
  fixture.request().return_url = kBack;
  EXPECT_EQ(why(fixture.try_hold()), kYes);
  fixture.request().return_url = "";
  EXPECT_EQ(why(fixture.try_hold()), kYes);
}

}  // namespace
}  // namespace countersign::testing
