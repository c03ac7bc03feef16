#include "main/commands/cli.h"

#include <gtest/gtest.h>

#include <sstream>

#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

class CommandLineTest : public ::testing::Test {
 protected:
  int run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    const Commands commands{.serve =
                                [this](const Config& config, const ServeCommand& command) {
                                  served_ = config;
                                  serve_ = command;
                                  return 0;
                                },
                            .api_key =
                                [this](const Config&, const ApiKeyCommand& command) {
                                  api_key_ = command;
                                  return 0;
                                },
                            .box_office =
                                [this](const BoxOfficeCommand& command) {
                                  box_office_ = command;
                                  return 0;
                                },
                            .backup =
                                [this](const Config&, const BackupCommand& command) {
                                  backup_ = command;
                                  return 0;
                                },
                            .migrate =
                                [this](const MigrateCommand& command) {
                                  migrate_ = command;
                                  return 3;
                                },
                            .keys =
                                [this](const ConfigSources& sources, const KeysCommand& command) {
                                  return run_keys_command(sources, command, system_clock(), random_, out_, err_);
                                }};
    return run_command_line(arguments, commands, {environment_, random_, out_, err_});
  }
  [[nodiscard]] std::string dir() const { return place_.dir().string(); }

  Workplace place_;
  testing::SeededRandom random_;
  Environment environment_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::optional<Config> served_;
  std::optional<ServeCommand> serve_;
  std::optional<ApiKeyCommand> api_key_;
  std::optional<BoxOfficeCommand> box_office_;
  std::optional<BackupCommand> backup_;
  std::optional<MigrateCommand> migrate_;
};

TEST_F(CommandLineTest, ServesInDevelopmentFromNothing) {
  ASSERT_EQ(run({"serve", "--dev", "--data-dir", dir() + "/data", "--listen", "127.0.0.1:9999"}), 0) << err_.str();
  ASSERT_TRUE(served_);
  EXPECT_EQ(served_->mode, Mode::kDevelopment);
  EXPECT_EQ(served_->listen.front().port, 9999);
  EXPECT_EQ(served_->public_url, "http://localhost:9999");
}

TEST_F(CommandLineTest, StoreIsAFileOrAUrl) {
  ASSERT_EQ(run({"serve", "--dev", "--data-dir", dir(), "--store", dir() + "/x.db"}), 0) << err_.str();
  EXPECT_EQ(served_->store.sqlite_path, dir() + "/x.db");
  ASSERT_EQ(run({"serve", "--dev", "--data-dir", dir(), "--store", "postgresql://localhost/x"}), 0) << err_.str();
  EXPECT_EQ(served_->store.postgres_url.expose(), "postgresql://localhost/x");
}

TEST_F(CommandLineTest, BoxOffice) {
  ASSERT_EQ(run({"serve", "--dev", "--data-dir", dir()}), 0) << err_.str();
  EXPECT_EQ(serve_->box_office, "127.0.0.1:8090");
  ASSERT_EQ(run({"serve", "--dev", "--data-dir", dir(), "--box-office", "off"}), 0) << err_.str();
  EXPECT_EQ(serve_->box_office, "off");
  EXPECT_EQ(run({"box-office"}), 2) << "which Countersign?";
  ASSERT_EQ(run({"box-office", "--countersign", "http://localhost:8080", "--confirm-seconds", "60"}), 0) << err_.str();
  EXPECT_EQ(box_office_->countersign, "http://localhost:8080");
  EXPECT_EQ(box_office_->confirm_seconds, 60);
}

TEST_F(CommandLineTest, InitThenCheckThenANewKey) {
  ASSERT_EQ(run({"init", "--dir", dir() + "/etc", "--public-url", "https://verify.example.com"}), 0) << err_.str();
  const auto config = dir() + "/etc/countersign.toml";
  EXPECT_NE(out_.str().find("countersign check-config --config " + config), std::string::npos);
  ASSERT_EQ(run({"check-config", "--config", config}), 0) << err_.str();
  EXPECT_NE(out_.str().find("public    https://verify.example.com"), std::string::npos);
  ASSERT_EQ(run({"keys", "add", "--config", config}), 0) << err_.str();
  environment_["COUNTERSIGN_CONFIG"] = config;
  ASSERT_EQ(run({"keys", "list"}), 0) << err_.str();
  EXPECT_NE(out_.str().find("sealing 2"), std::string::npos);
  ASSERT_EQ(run({"keys", "promote", "2", "--no-database"}), 0) << err_.str();
  EXPECT_EQ(run({"keys", "promote", "2", "--signing"}), 2);
  EXPECT_EQ(run({"keys", "retire"}), 2);
  EXPECT_EQ(run({"keys", "rotate"}), 2);
  EXPECT_NE(err_.str().find("`keys add`"), std::string::npos);
}

TEST_F(CommandLineTest, CheckConfigSaysWhereTheDatabaseIsAndMakesNone) {
  ASSERT_EQ(run({"init", "--dir", dir() + "/etc", "--public-url", "https://verify.example.com"}), 0) << err_.str();
  const std::vector<std::string> check = {"check-config", "--config", dir() + "/etc/countersign.toml"};
  ASSERT_EQ(run(check), 0) << err_.str();
  EXPECT_NE(out_.str().find("\ndata      " + dir() + "/etc/data\n"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("\nstore     " + dir() + "/etc/data/countersign.db\n"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("\nnote      the database is not there yet"), std::string::npos) << out_.str();
  EXPECT_FALSE(std::filesystem::exists(dir() + "/etc/data"));
  std::filesystem::create_directory(dir() + "/etc/data");
  place_.write("etc/data/countersign.db", "there");
  ASSERT_EQ(run(check), 0) << err_.str();
  EXPECT_EQ(out_.str().find("\nnote      "), std::string::npos) << out_.str();
}

TEST_F(CommandLineTest, ABadConfigurationIsOneLine) {
  EXPECT_EQ(run({"check-config", "--config", dir() + "/absent.toml"}), 1);
  EXPECT_EQ(err_.str(), "countersign: " + dir() + "/absent.toml cannot be read: No such file or directory.\n");
  EXPECT_EQ(run({"serve"}), 1);
  EXPECT_FALSE(served_);
}

TEST_F(CommandLineTest, ApiKeys) {
  ASSERT_EQ(run({"api-key", "create", "--dev", "--data-dir", dir(), "--name", "shop"}), 1) << "no keys made on the way";
  ASSERT_EQ(run({"serve", "--dev", "--data-dir", dir()}), 0);
  ASSERT_EQ(run({"api-key", "create", "--dev", "--data-dir", dir(), "--name", "shop", "--expires-in", "90d"}), 0)
      << err_.str();
  EXPECT_EQ(api_key_->action, ApiKeyCommand::Action::kCreate);
  EXPECT_EQ(api_key_->name, "shop");
  EXPECT_EQ(api_key_->account, "default");
  EXPECT_EQ(api_key_->expires_in, Duration(std::chrono::hours(24 * 90)));
  EXPECT_EQ(run({"api-key", "create", "--dev", "--name", "shop", "--expires-in", "soon"}), 2);
  ASSERT_EQ(run({"api-key", "revoke", "--dev", "--data-dir", dir(), "SK1"}), 0);
  EXPECT_EQ(api_key_->id, "SK1");
}

TEST_F(CommandLineTest, Backup) {
  ASSERT_EQ(run({"serve", "--dev", "--data-dir", dir()}), 0) << err_.str();
  EXPECT_EQ(run({"backup", "--dev", "--data-dir", dir()}), 2) << "where to?";
  ASSERT_EQ(run({"backup", "--dev", "--data-dir", dir(), "--to", "copy.db"}), 0) << err_.str();
  EXPECT_EQ(backup_->to, "copy.db");
}

TEST_F(CommandLineTest, Migrate) {
  EXPECT_EQ(run({"migrate", "--to", "sqlite:x"}), 2) << "where from?";
  EXPECT_EQ(run({"migrate", "--from", "sqlite:old.db", "--to", "postgresql://localhost/x"}), 3) << err_.str();
  EXPECT_EQ(migrate_->from, "sqlite:old.db");
  EXPECT_EQ(migrate_->to, "postgresql://localhost/x");
  EXPECT_FALSE(migrate_->give_up);
  EXPECT_EQ(run({"migrate", "--from", "sqlite:old.db", "--give-up"}), 3);
  EXPECT_TRUE(migrate_->give_up);
}

TEST_F(CommandLineTest, HelpAndVersion) {
  EXPECT_EQ(run({"--version"}), 0);
  EXPECT_EQ(out_.str().find("countersign "), 0U);
  EXPECT_EQ(run({"--help"}), 0);
  for (const auto* verb : {"serve", "init", "check-config", "keys", "api-key", "backup", "migrate", "box-office"}) {
    EXPECT_NE(out_.str().find(verb), std::string::npos) << verb;
  }
  EXPECT_EQ(run({"serve", "--help"}), 0);
  EXPECT_EQ(run({}), 2);
  EXPECT_EQ(run({"sevre"}), 2);
  EXPECT_EQ(run({"serve", "--prot", "1"}), 2);
}

}  // namespace
}  // namespace countersign::main
