// Commands that look for something in a database do not make one.

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <sstream>

#include "main/commands/api_keys.h"
#include "main/commands/backup.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

class MissingDatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    place_.write_secrets();
    auto config = load_config(place_.production(kGoodConfig));
    ASSERT_TRUE(config) << config.error().sentence;
    config_ = *std::move(config);
  }

  int key(ApiKeyCommand::Action action) {
    const ApiKeyCommand command{
        .action = action, .account = "default", .name = "shop", .expires_in = {}, .id = "SK" + std::string(32, '0')};
    out_.str("");
    err_.str("");
    return run_api_key_command(config_, command, system_clock(), random_, out_, err_);
  }
  int backup() {
    err_.str("");
    return run_backup_command(config_, {copy().string()}, out_, err_);
  }
  [[nodiscard]] std::filesystem::path copy() const { return place_.dir() / "copy.db"; }
  [[nodiscard]] std::filesystem::path file() const { return place_.dir() / "data/countersign.db"; }
  [[nodiscard]] std::string none() const { return "countersign: there is no database " + file().string() + ";"; }

  Workplace place_;
  testing::SeededRandom random_;
  Config config_;
  std::ostringstream out_;
  std::ostringstream err_;
};

constexpr std::array kReading = {ApiKeyCommand::Action::kList, ApiKeyCommand::Action::kRevoke,
                                 ApiKeyCommand::Action::kAuthToken};

TEST_F(MissingDatabaseTest, IsAnErrorForWhoReads) {
  for (const auto action : kReading) {
    EXPECT_EQ(key(action), 1);
    EXPECT_EQ(err_.str().find(none()), 0U) << err_.str();
  }
  EXPECT_EQ(backup(), 1);
  EXPECT_EQ(err_.str().find(none()), 0U) << err_.str();
  EXPECT_FALSE(std::filesystem::exists(file().parent_path()));
  EXPECT_FALSE(std::filesystem::exists(copy()));
}

TEST_F(MissingDatabaseTest, AFileWithoutAByteIsNone) {
  std::filesystem::create_directory(file().parent_path());
  place_.write("data/countersign.db", "");
  for (const auto action : kReading) EXPECT_EQ(key(action), 1);
  EXPECT_EQ(backup(), 1);
  EXPECT_EQ(std::filesystem::file_size(file()), 0U);
}

TEST_F(MissingDatabaseTest, IsMadeWithTheFirstKeyWhichSaysSo) {
  ASSERT_EQ(key(ApiKeyCommand::Action::kCreate), 0) << err_.str();
  EXPECT_NE(err_.str().find("Made the database " + file().string()), std::string::npos) << err_.str();
  ASSERT_EQ(key(ApiKeyCommand::Action::kCreate), 0) << err_.str();
  EXPECT_EQ(err_.str().find("Made the database"), std::string::npos) << err_.str();
  ASSERT_EQ(key(ApiKeyCommand::Action::kList), 0) << err_.str();
  EXPECT_NE(out_.str().find("shop"), std::string::npos);
  EXPECT_EQ(backup(), 0) << err_.str();
  EXPECT_GT(std::filesystem::file_size(copy()), 0U);
}

TEST_F(MissingDatabaseTest, OneOfAnotherProgramIsNotOurs) {
  std::filesystem::create_directory(file().parent_path());
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "CREATE TABLE theirs (a)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  EXPECT_EQ(backup(), 1);
  EXPECT_EQ(err_.str(), "countersign: " + file().string() + " is no database of Countersign\n");
  EXPECT_FALSE(std::filesystem::exists(copy()));
  EXPECT_EQ(key(ApiKeyCommand::Action::kList), 1);
}

/// What a start leaves that was ended before its first step.
TEST_F(MissingDatabaseTest, OneThatNoServerHasUsedHoldsNothing) {
  std::filesystem::create_directory(file().parent_path());
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "PRAGMA application_id = 0x4353676e", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  EXPECT_EQ(key(ApiKeyCommand::Action::kList), 1);
  EXPECT_EQ(err_.str(), "countersign: " + file().string() + " is empty: no server has used it yet\n");
}

}  // namespace
}  // namespace countersign::main
