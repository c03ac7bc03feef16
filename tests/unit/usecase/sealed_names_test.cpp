#include "script.h"
#include "store/upkeep/seal_readable.h"
#include "usecase/person_page.h"
#include "usecase/show.h"

// Where people are led back to, and what they call their devices: unreadable at rest, also what an earlier release
// wrote.
namespace countersign::testing {
namespace {

constexpr std::string_view kBack = "https://shop.example.com/orders/4711";
constexpr std::string_view kDevice = "Telefone da Ana";

std::string text_in(House& house, const store::Sql& sql) {
  return house.in([&](store::Tx& tx, Moment&) {
    std::string text;
    tx.one(sql, {}, [&](const store::Row& row) { text = row.string(0); });
    return text;
  });
}

const store::Sql kUrl{"SELECT return_url FROM transactions"};
const store::Sql kName{"SELECT name FROM factors"};

std::string shown_url(House& house) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    const auto view = usecase::show_transaction(tx, house.context(), house.caller(), house.current(), moment.now);
    return view ? view->return_url : "";
  });
}

std::string shown_name(House& house) {
  return house.in([&](store::Tx& tx, Moment&) {
    const auto factors = usecase::list_factors(tx, house.context(), house.caller(), kIdentity);
    return factors.size() == 1 ? factors.front().name : "";
  });
}

void enrol_named(House& house) {
  const auto enrolled = house.in([&](store::Tx& tx, Moment& moment) {
    const usecase::EnrolRequest request{std::string(kIdentity), std::string(kDevice), "", {}};
    return usecase::enrol_totp(tx, house.context(), house.caller(), request, moment);
  });
  ASSERT_EQ(why(enrolled), kYes);
}

std::int64_t seal(House& house, int limit) {
  return house.in([&](store::Tx& tx, Moment& moment) {
    return store::seal_readable(tx, house.context().vault, limit, moment.random);
  });
}

TEST(SealedNames, AreWrittenSealedAndShownInClear) {
  House house;
  house.request().return_url = kBack;
  house.hold();
  enrol_named(house);
  EXPECT_EQ(text_in(house, kUrl), "");
  EXPECT_EQ(text_in(house, kName), "");
  EXPECT_EQ(shown_url(house), kBack);
  EXPECT_EQ(shown_name(house), kDevice);
  EXPECT_EQ(seal(house, 10), 0);
}

TEST(SealedNames, AreEmptyWhereNoneWasGiven) {
  House house;
  house.hold();
  EXPECT_EQ(shown_url(house), "");
}

TEST(SealedNames, OfAnEarlierReleaseAreReadAndThenSealed) {
  House house;
  house.request().return_url = kBack;
  for (int i = 0; i < 3; ++i) house.hold();
  enrol_named(house);
  static const store::Sql kOldUrls{"UPDATE transactions SET return_url = ?1, return_url_sealed = NULL"};
  static const store::Sql kOldNames{"UPDATE factors SET name = ?1, name_sealed = NULL"};
  house.in([&](store::Tx& tx, Moment&) {
    tx.put(kOldUrls, {kBack});
    tx.put(kOldNames, {kDevice});
    return Done{};
  });
  EXPECT_EQ(text_in(house, kUrl), kBack) << "as it was";
  EXPECT_EQ(shown_url(house), kBack);
  EXPECT_EQ(shown_name(house), kDevice);
  EXPECT_EQ(seal(house, 2), 3) << "two of the three, and one name";
  EXPECT_EQ(seal(house, 2), 1);
  EXPECT_EQ(seal(house, 2), 0);
  static const store::Sql kReadable{"SELECT 'found' FROM transactions WHERE return_url <> ''"};
  EXPECT_EQ(text_in(house, kReadable), "");
  EXPECT_EQ(text_in(house, kName), "");
  EXPECT_EQ(shown_url(house), kBack);
  EXPECT_EQ(shown_name(house), kDevice);
}

TEST(ReturnUrls, AHoldThatLeadsElsewhereIsRefused) {
  House house;
  auto& services = house.settings().accounts.at(house.account()).services;
  for (auto& service : services) service.return_urls = {"https://shop.example.com/"};
  house.request().return_url = "https://evil.example/";
  const auto refused = house.try_hold();
  ASSERT_EQ(why(refused), Code::kInvalidField);
  EXPECT_EQ(refused.error().field, "return_url");
  house.request().return_url = kBack;
  EXPECT_EQ(why(house.try_hold()), kYes);
  house.request().return_url = "";
  EXPECT_EQ(why(house.try_hold()), kYes);
}

}  // namespace
}  // namespace countersign::testing
