#include <gtest/gtest.h>

#include <fmt/format.h>

#include "main/config/config.h"
#include "unit/main/workplace.h"

// What a Verify service of Twilio is good for: one account, and with PSD2 alone for approving what was shown.
namespace countersign::main {
namespace {

constexpr std::string_view kOneSid = "VA0123456789abcdef0123456789abcdef";
constexpr std::string_view kOtherSid = "VAfedcba9876543210fedcba9876543210";

std::string provider(std::string_view name, std::string_view sid, bool psd2 = false) {
  return fmt::format(
      "[providers.{}]\ntype = \"twilio_verify\"\naccount_sid = \"AC0123456789abcdef0123456789abcdef\"\n"
      "service_sid = \"{}\"\npsd2 = {}\n",
      name, sid, psd2);
}
std::string service(std::string_view name, std::string_view account, std::string_view sms) {
  return fmt::format(
      "[[services]]\nname = \"{}\"\naccount = \"{}\"\npolicies = [\"payout\"]\nchannels = {{sms = \"{}\"}}\n", name,
      account, sms);
}

class VerifyServices : public ::testing::Test {
 protected:
  VerifyServices() {
    place_.write_secrets();
    place_.write("countersign.secrets.toml",
                 place_.read("countersign.secrets.toml") +
                     "[providers.one]\nauth_token = \"t\"\n[providers.two]\nauth_token = \"t\"\n");
  }
  ConfigSources sources(const std::string& providers, const std::string& services,
                        std::string_view any_of = R"("sms", "totp")") const {
    return place_.production(
        fmt::format("mode = \"production\"\npublic_url = \"https://verify.example.com\"\n"
                    "[notices]\nobjection = \"0800 1\"\n"
                    "[providers.hook]\ntype = \"http_hook\"\nurl = "
                    "\"https://messages.example.com/\"\n{}[policies.payout]\nany_of = [{}]\n"
                    "[[accounts]]\nname = \"a\"\n[[accounts]]\nname = \"b\"\n{}",
                    providers, any_of, services));
  }
  std::string said(const ConfigSources& from) const {
    const auto config = load_config(from);
    return config ? summary(*config, "store.db") : config.error().sentence;
  }

  Workplace place_;
};

constexpr std::string_view kRefusal =
    "whose Verify service VA0123456789abcdef0123456789abcdef serves the account \"a\" already; one Verify service "
    "belongs to one account, so make another one at Twilio for \"b\".";

TEST_F(VerifyServices, BelongToOneAccount) {
  const auto shared = sources(provider("one", kOneSid) + provider("two", kOtherSid),
                              service("shop", "a", "one") + service("bank", "b", "one"));
  EXPECT_NE(sentence_of(shared).find(kRefusal), std::string::npos) << sentence_of(shared);
}

TEST_F(VerifyServices, AlsoWhereTwoEntriesNameThem) {
  const auto shared = sources(provider("one", kOneSid) + provider("two", kOneSid),
                              service("shop", "a", "one") + service("bank", "b", "two"));
  EXPECT_NE(sentence_of(shared).find(kRefusal), std::string::npos) << sentence_of(shared);
}

TEST_F(VerifyServices, AlsoWhereARouteLeadsThere) {
  const auto shared = sources(provider("one", kOneSid) + provider("two", kOtherSid),
                              service("shop", "a", "one") + service("bank", "b", "two") +
                                  "[[services.routes]]\nprovider = \"one\"\npercent = 1\n");
  EXPECT_NE(sentence_of(shared).find(kRefusal), std::string::npos) << sentence_of(shared);
}

TEST_F(VerifyServices, MayServeSeveralServicesOfOneAccount) {
  EXPECT_EQ(
      sentence_of(sources(provider("one", kOneSid) + provider("two", kOtherSid),
                          service("shop", "a", "one") + service("till", "a", "one") + service("bank", "b", "two"))),
      "");
}

TEST_F(VerifyServices, WithoutPsd2AreWarnedOf) {
  const auto text = said(sources(provider("one", kOneSid) + provider("two", kOtherSid), service("shop", "a", "one")));
  EXPECT_NE(text.find("warning   policy payout approves transactions by sms over one, a Verify service without PSD2"),
            std::string::npos)
      << text;
}

TEST_F(VerifyServices, WithPsd2AreNot) {
  const auto text =
      said(sources(provider("one", kOneSid, true) + provider("two", kOtherSid), service("shop", "a", "one")));
  EXPECT_NE(text.find("sms       one"), std::string::npos) << text;
  EXPECT_EQ(text.find("without PSD2"), std::string::npos) << text;
}

TEST_F(VerifyServices, NorWhereNoPolicyUsesTheChannel) {
  const auto text =
      said(sources(provider("one", kOneSid) + provider("two", kOtherSid), service("shop", "a", "one"), R"("totp")"));
  EXPECT_EQ(text.find("without PSD2"), std::string::npos) << text;
}

}  // namespace
}  // namespace countersign::main
