// What an operator does to keys, and what is refused because a server would fail.

#include "main/commands/key_commands.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "base/encoding.h"
#include "main/config/keys.h"
#include "main/open_store.h"
#include "main/server/live_keys.h"
#include "store/repository/accounts.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using Action = KeysCommand::Action;

class KeyCommands : public ::testing::Test {
 protected:
  void SetUp() override {
    place_.write_secrets();
    sources_ = place_.production(kGoodConfig);
  }

  int run(const KeysCommand& command) {
    out_.str("");
    err_.str("");
    return run_keys_command(sources_, command, clock_, random_, out_, err_);
  }
  int add(bool signing = false) { return run({.action = Action::kAdd, .signing = signing}); }
  int promote(std::uint32_t id) { return run({.action = Action::kPromote, .id = id}); }
  int promote_signing() { return run({.action = Action::kPromote, .signing = true}); }
  int retire(std::uint32_t id) { return run({.action = Action::kRetire, .id = id}); }
  [[nodiscard]] bool says(std::string_view what) const { return err_.str().find(what) != std::string::npos; }
  [[nodiscard]] std::string file() const { return place_.read("countersign.secrets.toml"); }

  /// A server of that name that has just read the file; the database is open while `work` runs.
  void server_has_read(const std::string& node) {
    in_store([&](store::Store& store, const Config& config) {
      const LiveKeys keys(config.secrets, clock_.now());
      ASSERT_TRUE(store.transact_now([&](store::Tx& tx) {
        store::save_key_holder(tx, keys.holder(node, clock_.now()));
        return Done{};
      }));
    });
  }
  template <class Then>
  void in_store(Then then) {
    const auto config = load_config(sources_);
    ASSERT_TRUE(config) << config.error().sentence;
    const auto store = open_store(*config, clock_, random_);
    ASSERT_TRUE(store) << store.error().sentence;
    then(**store, *config);
  }
  /// An auth token, sealed under that key of the file.
  void seal_under(std::uint32_t id) {
    in_store([&](store::Store& store, const Config& config) {
      auto secrets = config.secrets;
      secrets.current_seal_key = id;
      const crypto::Sealer sealer(keyring_of(secrets));
      const crypto::Digester digester(keyring_of(secrets));
      ASSERT_TRUE(store.transact_now([&](store::Tx& tx) {
        Moment moment{clock_.now(), random_};
        const auto account = store::ensure_account(tx, "default", moment);
        static_cast<void>(store::ensure_auth_token(tx, store::Vault(sealer, digester), account,
                                                   SecretString(fmt::format("token {}", id)), moment));
        return Done{};
      }));
    });
  }

  Workplace place_;
  ConfigSources sources_;
  testing::FakeClock clock_;
  testing::SeededRandom random_{7};
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(KeyCommands, AKeyThatANodeDoesNotKnowIsNotMadeCurrent) {
  server_has_read("a");
  server_has_read("b");
  ASSERT_EQ(add(), 0) << err_.str();
  const auto before = file();
  EXPECT_EQ(promote(2), 1);
  EXPECT_TRUE(says("node a does not know sealing key 2 yet")) << err_.str();
  server_has_read("a");
  EXPECT_EQ(promote(2), 1);
  EXPECT_TRUE(says("node b does not know sealing key 2 yet")) << err_.str();
  EXPECT_EQ(file(), before);
  server_has_read("b");
  EXPECT_EQ(run({.action = Action::kPromote, .id = 2, .dry_run = true}), 0) << err_.str();
  EXPECT_EQ(file(), before);
  EXPECT_EQ(promote(2), 0) << err_.str();
  EXPECT_NE(file().find("current_seal_key = 2\n"), std::string::npos);
  EXPECT_EQ(promote(2), 1);
  EXPECT_TRUE(says("is the current one already"));
  EXPECT_EQ(promote(1), 0) << "the way back";
}

TEST_F(KeyCommands, ANodeThatIsGoneIsNotAsked) {
  server_has_read("a");
  ASSERT_EQ(add(), 0);
  clock_.advance(store::kHolderGone + Duration(1));
  EXPECT_EQ(promote(2), 0) << err_.str();
}

TEST_F(KeyCommands, OnlyWhatTheFileHasIsMadeCurrent) {
  EXPECT_EQ(promote(2), 1);
  EXPECT_TRUE(says("has no sealing key 2; `countersign keys add` adds one")) << err_.str();
  EXPECT_EQ(promote_signing(), 1);
  EXPECT_TRUE(says("has no next signing key")) << err_.str();
  EXPECT_EQ(run({.action = Action::kPromote}), 2);
}

TEST_F(KeyCommands, AnotherKeyUnderTheSameIdIsNoticed) {
  ASSERT_EQ(add(), 0);
  server_has_read("a");
  place_.write("countersign.secrets.toml", replaced(file(), file().substr(file().find("\n2 = ") + 1, 50),
                                                    "2 = \"" + to_base64(std::string(32, 'x')) + "\""));
  EXPECT_EQ(promote(2), 1);
  EXPECT_TRUE(says("sealing key 2 of the servers is another one")) << err_.str();
}

TEST_F(KeyCommands, AKeyIsKeptAsLongAsSomethingNeedsIt) {
  server_has_read("a");
  seal_under(1);
  EXPECT_EQ(retire(1), 1);
  EXPECT_TRUE(says("sealing key 1 seals what is new")) << err_.str();
  ASSERT_EQ(add(), 0);
  server_has_read("a");
  ASSERT_EQ(promote(2), 0) << err_.str();
  EXPECT_EQ(retire(1), 1);
  EXPECT_TRUE(says("sealing key 1 is needed: node a seals what is new under it")) << err_.str();
  server_has_read("a");
  EXPECT_EQ(retire(1), 1);
  EXPECT_TRUE(says("sealing key 1 is needed: something in the database is sealed under it")) << err_.str();
  ASSERT_EQ(run({.action = Action::kStatus}), 0) << err_.str();
  EXPECT_NE(out_.str().find("sealing key 1: 1 values (auth_tokens.token_sealed 1)\n"), std::string::npos) << out_.str();
  EXPECT_NE(out_.str().find("node a  seals under 2, knows 1 2;"), std::string::npos) << out_.str();
  seal_under(2);
  EXPECT_EQ(retire(1), 0) << err_.str();
  EXPECT_EQ(file().find("\n1 = "), std::string::npos);
  server_has_read("a");
}

// By hand, or by a file that lacks it.
TEST_F(KeyCommands, NoServerStartsWithoutAKeyThatIsNeeded) {
  ASSERT_EQ(add(), 0);
  seal_under(1);
  const auto both = file();
  const auto at = both.find("\n1 = ");
  place_.write("countersign.secrets.toml",
               replaced(replaced(both, both.substr(at + 1, both.find('\n', at + 1) - at), ""), "current_seal_key = 1",
                        "current_seal_key = 2"));
  const auto config = load_config(sources_);
  ASSERT_TRUE(config) << config.error().sentence;
  auto store = open_store(*config, clock_, random_);
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().sentence.find("sealing key 1 is not in the secrets file, but something in the database is "
                                        "sealed under it"),
            std::string::npos)
      << store.error().sentence;
  place_.write("countersign.secrets.toml", both);
  seal_under(2);
  ASSERT_EQ(promote(2), 0) << err_.str();
  ASSERT_EQ(retire(1), 0) << err_.str();
  server_has_read("a");
}

TEST_F(KeyCommands, ASigningKeySignsOnceEverybodyMayHaveSeenIt) {
  server_has_read("a");
  ASSERT_EQ(add(true), 0) << err_.str();
  EXPECT_EQ(promote_signing(), 1);
  EXPECT_TRUE(says("node a does not publish signing key")) << err_.str();
  server_has_read("a");
  clock_.advance(std::chrono::seconds(80));
  in_store([&](store::Store& store, const Config& config) {  // It is still there, with the same keys.
    const LiveKeys keys(config.secrets, clock_.now() - std::chrono::seconds(80));
    ASSERT_TRUE(store.transact_now([&](store::Tx& tx) {
      store::save_key_holder(tx, keys.holder("a", clock_.now()));
      return Done{};
    }));
  });
  EXPECT_EQ(promote_signing(), 1);
  EXPECT_TRUE(says("wait 220 s more")) << err_.str();
  in_store([&](store::Store& store, const Config& config) {
    const LiveKeys keys(config.secrets, clock_.now() - std::chrono::seconds(300));
    ASSERT_TRUE(store.transact_now([&](store::Tx& tx) {
      store::save_key_holder(tx, keys.holder("a", clock_.now()));
      return Done{};
    }));
  });
  EXPECT_EQ(promote_signing(), 0) << err_.str();
}

TEST_F(KeyCommands, AFileThatAVariableOverrulesIsNotChanged) {
  sources_.environment["COUNTERSIGN_SEAL_KEY"] = "1:" + to_base64(std::string(32, 'x'));
  EXPECT_EQ(add(), 1);
  EXPECT_TRUE(says("secrets.seal_keys.1 of ")) << err_.str();
  EXPECT_TRUE(says("change it there"));
}

TEST_F(KeyCommands, LookingMakesNoDatabase) {
  ASSERT_EQ(add(), 0);
  EXPECT_EQ(promote(2), 0) << err_.str();
  EXPECT_EQ(run({.action = Action::kStatus}), 0);
  EXPECT_FALSE(std::filesystem::exists(place_.dir() / "data"));
}

}  // namespace
}  // namespace countersign::main
