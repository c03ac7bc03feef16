#include "store/sql.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "engine_fixture.h"
#include "store/dialect.h"
#include "store/placeholders.h"

namespace countersign::store {
namespace {

/// A text as a template argument.
template <std::size_t size>
struct Literal {
  consteval Literal(const char (&literal)[size]) {  // NOLINT(google-explicit-constructor)
    std::ranges::copy(literal, text.begin());
  }
  [[nodiscard]] constexpr std::string_view view() const { return {text.data(), size - 1}; }
  std::array<char, size> text{};
};

/// Whether `names[name]` compiles.
template <const auto& names, Literal name>
concept Compiles = requires { typename std::integral_constant<int, names[name.view()]>; };

constexpr Columns kLine{R"sql(
    l.id, l.opened_at, own.in_row AS own_in_row,
    coalesce(max(CASE WHEN l.word = 'a, b) FROM' THEN 1 ELSE 0 END), 0) AS worst,
    CAST(l.number AS {{bigint}}) AS number
)sql"};

TEST(Sql, AColumnIsFoundByWhatItIsCalled) {
  EXPECT_EQ(kLine["id"], 0);
  EXPECT_EQ(kLine["opened_at"], 1);
  EXPECT_EQ(kLine["own_in_row"], 2);
  EXPECT_EQ(kLine["worst"], 3);
  EXPECT_EQ(kLine["number"], 4);
}

TEST(Sql, ANameThatNoColumnHasDoesNotCompile) {
  static_assert(Compiles<kLine, "own_in_row">);
  static_assert(!Compiles<kLine, "in_row">);
  static_assert(!Compiles<kLine, "own">);
  static_assert(!Compiles<kLine, "">);
  static constexpr Sql kSelect{"SELECT a, b FROM t"};
  static_assert(Compiles<kSelect, "b">);
  static_assert(!Compiles<kSelect, "t">);
  static constexpr Sql kUpdate{"UPDATE t SET a = :a"};
  static_assert(!Compiles<kUpdate, "a">);
}

TEST(Sql, AStatementKnowsItsColumnsAndThoseItShares) {
  static constexpr Token kWhere{"where", "l.account_id = :account_id"};
  static constexpr Sql kSelect{{kLine, kWhere}, R"sql(
      SELECT DISTINCT first.at, {{columns}}, h.content
      FROM lines l
      WHERE {{where}}
  )sql"};
  EXPECT_EQ(kSelect["at"], 0);
  EXPECT_EQ(kSelect["id"], 1);
  EXPECT_EQ(kSelect["number"], 5);
  EXPECT_EQ(kSelect["content"], 6);

  static constexpr Sql kWithoutTable{R"sql(
      SELECT
        (SELECT min(at) FROM a WHERE a.from = 'x') AS first,
        (SELECT min(at) FROM b) AS second
  )sql"};
  EXPECT_EQ(kWithoutTable["first"], 0);
  EXPECT_EQ(kWithoutTable["second"], 1);
}

TEST(Sql, ItsTokensAreReplacedBeforeThoseOfTheEngine) {
  constexpr std::array kEngine{Token{"blob", "BYTES"}};
  static constexpr Token kCast{"cast", "CAST(:a AS {{blob}})"};
  static constexpr Sql kSelect{{kCast}, R"sql(
      SELECT {{cast}}, {{blob}}
  )sql"};
  EXPECT_EQ(render(kSelect, kEngine), "SELECT CAST(:a AS BYTES), BYTES");
}

TEST(Sql, EachHasANumberOfItsOwnFromItsFirstUseOn) {
  static constexpr Sql kOne{"SELECT 1"};
  static constexpr Sql kOther{"SELECT 2"};
  std::array<std::size_t, 8> numbers{};
  {
    std::vector<std::jthread> threads;
    for (auto& number : numbers) threads.emplace_back([&number] { number = kOne.number(); });
  }
  EXPECT_EQ(std::ranges::count(numbers, kOne.number()), std::ssize(numbers));
  EXPECT_NE(kOther.number(), kOne.number());
  EXPECT_EQ(kOther.number(), kOther.number());
}

TEST(Placeholders, AreNumberedInTheOrderInWhichTheyFirstAppear) {
  constexpr std::string_view kText =
      "UPDATE t SET a = :a, b = ':no' || :b WHERE id = :id AND a <> :a AND 'x'::text = :b";
  EXPECT_EQ(placeholders(kText), (std::vector<std::string_view>{"a", "b", "id"}));
  EXPECT_EQ(with_numbers(kText), "UPDATE t SET a = $1, b = ':no' || $2 WHERE id = $3 AND a <> $1 AND 'x'::text = $2");
  EXPECT_EQ(with_numbers("SELECT ?2, '?1', ?1"), "SELECT $2, '?1', $1");
  EXPECT_EQ(with_numbers("SELECT :a"), "SELECT $1");
  EXPECT_EQ(placeholders("SELECT 1"), std::vector<std::string_view>{});
}

TEST(Placeholders, TakeTheValuesOfTheirNamesAndFewWithoutAName) {
  check_values("SELECT 1", {});
  check_values("SELECT ?1, ?2, ?3", {1, 2, 3});
  check_values("SELECT :a, :b, :a", {1, 2});
  check_values("SELECT :a, :b, :c, :a", {{"a", 1}, {"b", "x"}, {"c", nullptr}});
  check_values("SELECT :a", {{"a", std::optional<int>()}});
}

TEST(Placeholders, ValuesThatAreNotTheirsAreABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  constexpr std::string_view kText = "UPDATE t SET a = :a, b = :b WHERE id = :id";
  EXPECT_DEATH(check_values(kText, {{"b", 1}, {"a", 2}, {"id", 3}}), "values for \\[b, a, id\\]");
  EXPECT_DEATH(check_values(kText, {{"a", 1}, {"b", 2}}), "invariant broken");
  EXPECT_DEATH(check_values(kText, {{"a", 1}, {"b", 2}, {"id", 3}, {"more", 4}}), "invariant broken");
  EXPECT_DEATH(check_values(kText, {{"a", 1}, {"b", 2}, 3}), "invariant broken");
  EXPECT_DEATH(check_values(kText, {1, 2, 3}), "where the placeholders are \\[a, b, id\\]");
  EXPECT_DEATH(check_values("SELECT :a, :b", {1}), "invariant broken");
  EXPECT_DEATH(check_values("SELECT ?1", {{"a", 1}}), "invariant broken");
}

TEST_P(EngineFixture, NamedValuesReachTheirPlaceholdersAndColumnsTheirNames) {
  static constexpr Columns kThing{"t.id, t.word, t.number + t.number AS doubled"};
  static constexpr Token kSince{"since", "t.number >= :least"};
  static constexpr Sql kInsert{R"sql(
      INSERT INTO thing (id, word, number)
      VALUES (:id, :word, :number)
      ON CONFLICT (id) DO UPDATE
      SET word = :word || thing.word, number = :number
  )sql"};
  static constexpr Sql kFind{{kThing, kSince}, R"sql(
      SELECT {{columns}}, CAST(:word || '!' AS TEXT) AS cried
      FROM thing t
      WHERE {{since}} AND t.word = :word
  )sql"};
  std::string seen;
  const auto done = store_->transact_now([&](Tx& tx) {
    tx.script(
        "CREATE TABLE thing (id {{bigint}} PRIMARY KEY, word TEXT NOT NULL, number {{bigint}} NOT NULL) {{table}}");
    tx.put(kInsert, {{"id", 1}, {"word", "b"}, {"number", 7}});
    tx.put(kInsert, {{"id", 1}, {"word", "a"}, {"number", 8}});
    tx.one(kFind, {{"word", "ab"}, {"least", 8}}, [&](const Row& row) {
      seen = std::to_string(row.integer(kThing["id"])) + row.string(kFind["word"]) +
             std::to_string(row.integer(kFind["doubled"])) + row.string(kFind["cried"]);
    });
    return Done{};
  });
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(seen, "1ab16ab!");
}

TEST_P(EngineFixture, AStatementWhoseValuesHaveDriftedAwayFromItsTextIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  static constexpr Sql kInsert{R"sql(
      INSERT INTO counter (name, value)
      VALUES (:name, :value)
  )sql"};
  EXPECT_DEATH(static_cast<void>(store_->transact_now([](Tx& tx) {
                 tx.exec(kInsert, {{"value", 1}, {"name", "n"}});
                 return Done{};
               })),
               "invariant broken");
}

}  // namespace
}  // namespace countersign::store
