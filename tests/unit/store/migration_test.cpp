#include "store/migration.h"

#include <gtest/gtest.h>

#include <array>

#include "ledger.h"
#include "store/migrations/migrations.h"
#include "store/postgres/postgres_store.h"
#include "store/repository/factors.h"
#include "store/sqlite/sqlite_store.h"
#include "support/patient_options.h"
#include "support/postgres_cluster.h"

namespace countersign::store {
namespace {

constexpr Migration kFirst{1, "first", "CREATE TABLE a (x {{bigint}}) {{table}}; INSERT INTO a (x) VALUES (1)"};
constexpr Migration kSecond{2, "second", "ALTER TABLE a ADD COLUMN y {{blob}}; UPDATE a SET x = x + 1;"};
constexpr Migration kBroken{2, "broken", "UPDATE a SET x = 100; INSERT INTO nowhere (x) VALUES (1);"};

class Migrations : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    auto opened = GetParam() == std::string_view("sqlite")
                      ? open_sqlite_in_memory()
                      : open_postgres(testing::patient_options(testing::PostgresCluster::shared().new_database()));
    ASSERT_TRUE(opened) << opened.error().detail;
    store_ = std::move(opened).value();
  }

  std::int64_t x() {
    static const Sql kSelect{"SELECT x FROM a"};
    std::int64_t value = -1;
    EXPECT_TRUE(
        store_->read_now([&](Tx& tx) { return tx.one(kSelect, {}, [&](const Row& row) { value = row.integer(0); }); }));
    return value;
  }

  std::unique_ptr<Store> store_;
};

TEST_P(Migrations, RunOnceEachInTheirOrderAndAreRecorded) {
  ASSERT_TRUE(migrate(*store_, std::array{kFirst}, from_micros(10)));
  EXPECT_EQ(x(), 1);
  for (int again = 0; again < 2; ++again) {
    ASSERT_TRUE(migrate(*store_, std::array{kFirst, kSecond}, from_micros(20 + again)));
    EXPECT_EQ(x(), 2);
  }
  static const Sql kSelect{"SELECT number, name, applied_at FROM schema_migrations ORDER BY number"};
  std::string record;
  ASSERT_TRUE(store_->read_now([&](Tx& tx) {
    tx.all(kSelect, {}, [&](const Row& row) {
      record += std::to_string(row.integer(0)) + row.string(1) + std::to_string(to_micros(row.time(2))) + " ";
    });
    return Done{};
  }));
  EXPECT_EQ(record, "1first10 2second20 ");
}

TEST_P(Migrations, FailedStepLeavesTheStepsBeforeAndCanBeRepeated) {
  const auto failed = migrate(*store_, std::array{kFirst, kBroken}, WallTime{});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, StoreError::Code::kFailed);
  EXPECT_EQ(x(), 1);  // The half of the broken step that worked is undone, and nothing is recorded of it.
  ASSERT_TRUE(migrate(*store_, std::array{kFirst, kSecond}, WallTime{}));
  EXPECT_EQ(x(), 2);
}

TEST_P(Migrations, NewerSchemaIsRefusedAndNotTouched) {
  ASSERT_TRUE(migrate(*store_, std::array{kFirst, kSecond}, WallTime{}));
  const auto refused = migrate(*store_, std::array{kFirst}, WallTime{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreError::Code::kSchema);
  EXPECT_NE(refused.error().detail.find("schema step 2 (second)"), std::string::npos) << refused.error().detail;
  EXPECT_NE(refused.error().detail.find("newer version"), std::string::npos);
  EXPECT_EQ(x(), 2);
}

TEST_P(Migrations, NewerSchemaThatSuitsThisVersionIsUsedAndNotTouched) {
  constexpr Migration kAdds{2, "adds", "ALTER TABLE a ADD COLUMN y {{blob}}; UPDATE a SET x = x + 1;", 1};
  constexpr Migration kTakesAway{3, "takes away", "ALTER TABLE a DROP COLUMN y;", 2};
  ASSERT_TRUE(migrate(*store_, std::array{kFirst, kAdds}, WallTime{}));
  ASSERT_TRUE(migrate(*store_, std::array{kFirst}, WallTime{}));
  EXPECT_EQ(x(), 2);
  // The step after that is for those who know the second; the first version must not start any more.
  ASSERT_TRUE(migrate(*store_, std::array{kFirst, kAdds, kTakesAway}, WallTime{}));
  EXPECT_TRUE(migrate(*store_, std::array{kFirst, kAdds}, WallTime{}));
  const auto refused = migrate(*store_, std::array{kFirst}, WallTime{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreError::Code::kSchema);
  EXPECT_NE(refused.error().detail.find("schema step 3"), std::string::npos) << refused.error().detail;
}

TEST_P(Migrations, StepOfAnotherNameIsRefused) {
  ASSERT_TRUE(migrate(*store_, std::array{kFirst, kSecond}, WallTime{}));
  const auto refused = migrate(*store_, std::array{kFirst, kBroken}, WallTime{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreError::Code::kSchema);
  EXPECT_EQ(x(), 2);
}

TEST_P(Migrations, TheProductsOwnStepsRun) {
  for (int again = 0; again < 2; ++again) {
    const auto migrated = migrate(*store_, all_migrations(), from_micros(1));
    EXPECT_TRUE(migrated) << migrated.error().detail;
  }
}

// A database of the release before, with rows in it, whose servers still write beside newer ones.
TEST_P(Migrations, TheStepThatSealsNamesKeepsWhatIsThereAndSuitsTheProgramBefore) {
  static const Sql kInsert{
      "INSERT INTO factors (account_id, id, subject_id, type, status, name, algorithm, digits, period_seconds,"
      " drift_steps, failures, disabled, created_at, confirm_by, added_to_another)"
      " VALUES (?1, ?2, ?3, 'totp', 'active', ?4, 'SHA1', 6, 30, 0, 0, 0, 1, 1, 0)"};
  static const Sql kNames{"SELECT name FROM factors WHERE name_sealed IS NULL ORDER BY id"};
  const auto before = all_migrations().first(2);
  const auto insert = [&](std::string_view id, std::string_view name) {
    return store_->transact_now([&](Tx& tx) {
      tx.put(kInsert, {Blob{"account"}, Blob{id}, Blob{"subject"}, name});
      return Done{};
    });
  };
  ASSERT_TRUE(migrate(*store_, before, WallTime{}));
  ASSERT_TRUE(insert("1", "phone"));
  ASSERT_TRUE(migrate(*store_, all_migrations().first(3), WallTime{}));
  ASSERT_TRUE(migrate(*store_, before, WallTime{})) << "it may start beside the newer one";
  ASSERT_TRUE(insert("2", "tablet"));
  std::string names;
  ASSERT_TRUE(store_->read_now([&](Tx& tx) {
    tx.all(kNames, {}, [&](const Row& row) { names += row.string(0) + " "; });
    return Done{};
  }));
  EXPECT_EQ(names, "phone tablet ");
}

/// Ids of one byte's repetition, as the tables have them.
std::string id_of(char c) { return std::string(16, c); }

TEST_P(Migrations, FailuresOfContactsBecomeThoseOfTheirLines) {
  ASSERT_TRUE(migrate(*store_, all_migrations().first(4), WallTime{}));
  ASSERT_TRUE(store_->transact_now([&](Tx& tx) {
    static const Sql kInsert{
        "INSERT INTO contacts (account_id, id, subject_id, address_id, channel, address_sealed, known_since,"
        " replaced_another, proved_at, sends_start, sends_count, failures, locked_until, disabled, subject_sends_start,"
        " subject_sends_count) VALUES (?1, ?2, ?3, ?4, 'sms', ?1, 0, 0, ?5, 0, 0, ?6, ?7, ?8, 0, 0)"};
    const std::string account = id_of('A');
    const auto put = [&](char id, char subject, char line, bool proved, std::int64_t failures) {
      const std::optional<WallTime> proved_at = proved ? std::optional(from_micros(5)) : std::nullopt;
      tx.put(kInsert, {Blob{account}, Blob{id_of(id)}, Blob{id_of(subject)}, Blob{id_of(line)}, proved_at, failures,
                       from_micros(failures * 10), failures >= 100});
    };
    put('1', 'p', 'L', true, 3);     // One person, one number by two channels,
    put('2', 'p', 'L', true, 7);     // the second of which failed more often;
    put('3', 's', 'L', false, 100);  // a stranger who has the number disabled for himself;
    put('4', 'q', 'L', true, 0);     // somebody who never failed; and another number.
    put('5', 'q', 'M', true, 2);
    return Done{};
  }));
  ASSERT_TRUE(migrate(*store_, all_migrations(), WallTime{}));
  static const Sql kSelect{
      "SELECT address_id, subject_id, in_row, locked_until FROM line_guards ORDER BY address_id, subject_id"};
  std::string guards;
  ASSERT_TRUE(store_->read_now([&](Tx& tx) {
    tx.all(kSelect, {}, [&](const Row& row) {
      const char subject = row.bytes(1).front();
      guards += row.bytes(0).substr(0, 1) + (subject == 0 ? std::string("-") : std::string(1, subject)) +
                std::to_string(row.integer(2)) + "@" + std::to_string(to_micros(row.time(3))) + " ";
    });
    return Done{};
  }));
  EXPECT_EQ(guards, "L-100@1000 Lp7@70 M-2@20 Mq2@20 ");
}

// An app of step 14 is one of this step, and the step before does not start beside it: it would take any factor for an
// app.
TEST_P(Migrations, TheStepForOtherAuthenticatorsKeepsAppsAndStopsTheProgramBefore) {
  static const Sql kInsert{
      "INSERT INTO factors (account_id, id, subject_id, type, status, name, name_sealed, secret_sealed, algorithm,"
      " digits, period_seconds, last_step, drift_steps, failures, disabled, created_at, confirm_by, confirmed_at,"
      " added_to_another, service_id)"
      " VALUES (?1, ?2, ?3, 'totp', 'active', '', ?4, ?5, 'SHA256', 8, 60, 77, 1, 3, 0, 1, 2, 2, 0, ?1)"};
  const auto before = all_migrations().first(14);
  ASSERT_TRUE(migrate(*store_, before, WallTime{}));
  ASSERT_TRUE(store_->transact_now([&](Tx& tx) {
    for (const char id : {'1', '2'})
      tx.put(kInsert, {Blob{id_of('A')}, Blob{id_of(id)}, Blob{id_of('s')}, Blob{"name"}, Blob{"secret"}});
    return Done{};
  }));
  ASSERT_TRUE(migrate(*store_, all_migrations(), WallTime{}));
  const auto refused = migrate(*store_, before, WallTime{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, StoreError::Code::kSchema);

  const AccountId account{Id::from_bytes(id_of('A')).value()};
  const auto apps =
      store_->read_now([&](Tx& tx) { return factors_of(tx, account, SubjectId{Id::from_bytes(id_of('s')).value()}); });
  ASSERT_TRUE(apps);
  ASSERT_EQ(apps->size(), 2U);  // Neither has a handle: the index holds only those that have.
  const FactorRow& app = apps->front();
  EXPECT_EQ(app.state.type, domain::Method::kTotp);
  EXPECT_EQ(app.state.status, domain::FactorStatus::kActive);
  EXPECT_EQ(app.secret_sealed, "secret");
  EXPECT_EQ(app.totp.digits, 8);
  EXPECT_EQ(app.state.last_step, 77);
  EXPECT_EQ(app.state.failures.consecutive, 3);
  EXPECT_EQ(app.material_sealed, std::nullopt);
  EXPECT_EQ(app.handle_digest, std::nullopt);
}

// Servers of the step before go on counting beside newer ones, and what they counted stays.
TEST_P(Migrations, TheStepForMarksOfADayKeepsWhatWasCountedAndSuitsTheProgramBefore) {
  static const Sql kCount{
      "INSERT INTO risk_counts (account_id, kind, bucket, count_key, sent, newcomers, established, version)"
      " VALUES (?1, 6, ?2, ?1, 0, 0, 3, ?2)"};
  static const Sql kCounted{"SELECT CAST(sum(established) AS {{bigint}}) FROM risk_counts"};
  static const Sql kMark{"INSERT INTO risk_typed (account_id, subject_id, day, version) VALUES (?1, ?2, ?3, ?3)"};
  static const Sql kMarks{"SELECT count(*) FROM risk_typed"};
  const auto before = all_migrations().first(22);
  const auto count = [&](std::int64_t bucket) {
    return store_->transact_now([&](Tx& tx) {
      tx.put(kCount, {Blob{id_of('a')}, bucket});
      return Done{};
    });
  };
  const auto number = [&](const Sql& sql) {
    std::int64_t value = -1;
    EXPECT_TRUE(
        store_->read_now([&](Tx& tx) { return tx.one(sql, {}, [&](const Row& row) { value = row.integer(0); }); }));
    return value;
  };
  ASSERT_TRUE(migrate(*store_, before, WallTime{}));
  ASSERT_TRUE(count(1));
  ASSERT_TRUE(migrate(*store_, all_migrations().first(23), WallTime{}));
  EXPECT_EQ(number(kMarks), 0);
  ASSERT_TRUE(store_->transact_now([&](Tx& tx) {
    tx.put(kMark, {Blob{id_of('a')}, Blob{id_of('s')}, std::int64_t{1}});
    return Done{};
  }));
  ASSERT_TRUE(migrate(*store_, before, WallTime{})) << "it may start beside the newer one";
  ASSERT_TRUE(count(2));
  EXPECT_EQ(number(kCounted), 6);
  EXPECT_EQ(number(kMarks), 1);
}

TEST_P(Migrations, AGapInTheListIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)migrate(*store_, std::array{kSecond}, WallTime{}), "invariant broken");
}

INSTANTIATE_TEST_SUITE_P(Engines, Migrations, ::testing::Values("sqlite", "postgres"),
                         [](const auto& each) { return std::string(each.param); });

}  // namespace
}  // namespace countersign::store
