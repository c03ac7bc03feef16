// What an operator is told who takes providers out of use, without a server.

#include "main/commands/providers.h"

#include <gmock/gmock.h>

#include <sstream>

#include "main/commands/api_keys.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

class ProvidersCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    place_.write_secrets();
    place_.write("countersign.secrets.toml",
                 place_.read("countersign.secrets.toml") +
                     "[providers.other]\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n");
    auto text = replaced(std::string(kGoodConfig), "sms = \"hook\"", "sms = [\"hook\", \"other\"]\nemail = \"other\"");
    text += "[providers.other]\ntype = \"http_hook\"\nurl = \"https://other.example.com/\"\n";
    auto config = load_config(place_.production(text));
    ASSERT_TRUE(config) << config.error().sentence;
    config_ = *std::move(config);
    const ApiKeyCommand key{
        .action = ApiKeyCommand::Action::kCreate, .account = "default", .name = "shop", .expires_in = {}, .id = {}};
    std::ostringstream ignored;
    ASSERT_EQ(run_api_key_command(config_, key, system_clock(), random_, ignored, ignored), 0) << ignored.str();
  }

  /// What it warns of.
  std::string drain(const std::string& name, bool drain = true) {
    using enum ProvidersCommand::Action;
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(run_providers_command(config_, {drain ? kDrain : kUndrain, name}, system_clock(), random_, out, err), 0);
    return err.str();
  }

  Workplace place_;
  testing::SeededRandom random_;
  Config config_;
};

TEST_F(ProvidersCommandTest, WhereNoneOfAListIsInUseAnyMoreItGoesOnAndIsNamed) {
  EXPECT_EQ(drain("hook"), "") << "the other one is in use";
  EXPECT_EQ(drain("other"),
            "Messages of default sms go on all the same: no other of its providers is in use.\n"
            "Messages of default email go on all the same: no other of its providers is in use.\n");
  EXPECT_EQ(drain("hook", false), "");
  EXPECT_EQ(drain("other"), "Messages of default email go on all the same: no other of its providers is in use.\n");
}

}  // namespace
}  // namespace countersign::main
