#include "main/config/config.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/config/init.h"
#include "main/config/reader.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

using contact::Channel;
using std::chrono::hours;
using std::chrono::minutes;

TEST(Config, LoadsForProduction) {
  const Workplace place;
  place.write_secrets();
  const auto config = load_config(place.production(kGoodConfig));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->mode, Mode::kProduction);
  EXPECT_EQ(config->public_url, "https://verify.example.com");
  EXPECT_EQ(config->listen.front().to_text(), "127.0.0.1:8080");
  EXPECT_EQ(config->secrets.seal_keys.size(), 1U);
  EXPECT_EQ(config->secrets.current_seal_key, 1U);
  EXPECT_EQ(config->limits.attempts_max, 5);
  ASSERT_EQ(config->services.size(), 1U);
  EXPECT_EQ(config->services[0].account, "default");
  EXPECT_EQ(config->services[0].origin_host, "verify.example.com");
  EXPECT_EQ(config->services[0].channels.at(Channel::kSms), "hook");
  EXPECT_EQ(config->services[0].default_region, "BR");
  EXPECT_EQ(config->policies.at("payout").wait, Duration::zero());  // As long as the service says.
  EXPECT_EQ(std::get<HttpHookConfig>(config->providers.at("hook")).secrets.size(), 1U);
}

// [STD-3, STD-4, STD-5]
TEST(Config, StandingIsOfTheServiceAndItsPolicies) {
  const Workplace place;
  place.write_secrets();
  const std::string more = "[services.standing]\nfounding = \"48h\"\nwait = \"96h\"\nvouch_wait = \"2h\"\n";
  const auto config = load_config(place.production(std::string(kGoodConfig) + more));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& standing = config->services[0].standing;
  EXPECT_EQ(standing.founding, hours(48));
  EXPECT_EQ(standing.wait, hours(96));
  EXPECT_EQ(standing.wait_alone, hours(7 * 24));
  EXPECT_EQ(standing.vouch_wait, hours(2));
  EXPECT_EQ(standing.max_min_kinds, config->policies.at("payout").min_kinds);
}

// [STD-12]
TEST(Config, AServiceNamesTheOthersThatMayCountItsSources) {
  const auto with = [](const Workplace& place, std::string_view shared) {
    place.write_secrets();
    return place.production(
        std::string(kGoodConfig) + "[services.shared_with]\n" + std::string(shared) +
        "\n[[services]]\nname = \"payouts\"\npolicies = [\"payout\"]\nchannels = { sms = \"hook\" }\n");
  };
  const Workplace good;
  const auto config = load_config(with(good, "payouts = \"48h\""));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->services[0].shared_with.at("payouts"), hours(48));
  EXPECT_TRUE(config->services[1].shared_with.empty());
  for (const std::string wrong : {"nobody = \"48h\"", "payouts = \"0s\"", "payouts = 48"}) {
    const Workplace place;
    EXPECT_NE(sentence_of(with(place, wrong)), "") << wrong;
  }
}

TEST(Config, NoSourceCountsWithoutAWait) {
  for (const std::string line :
       {"wait = \"0s\"", "vouch_wait = \"59m\"", "wait_alone = \"0s\"", "wait = \"72h\"\nwait_alone = \"71h\""}) {
    const Workplace place;
    place.write_secrets();
    EXPECT_NE(sentence_of(place.production(std::string(kGoodConfig) + "[services.standing]\n" + line + "\n")), "")
        << line;
  }
}

TEST(Config, ThePolicysOlderNameOfItsWaitIsStillRead) {
  const Workplace place;
  place.write_secrets();
  const std::string policy = "[policies.old]\nany_of = [\"sms\"]\n";
  const auto old =
      load_config(place.production(std::string(kGoodConfig) + policy + "contact_quiet_period = \"96h\"\n"));
  ASSERT_TRUE(old) << old.error().sentence;
  EXPECT_EQ(old->policies.at("old").wait, hours(96));
  EXPECT_NE(sentence_of(place.production(std::string(kGoodConfig) + policy +
                                         "contact_quiet_period = \"96h\"\nwait = \"1h\"\n")),
            "");
}

TEST(Config, DevelopmentNeedsNothing) {
  const Workplace place;
  testing::SeededRandom random;
  ASSERT_TRUE(prepare_development(place.development(), random));
  const auto config = load_config(place.development());
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->mode, Mode::kDevelopment);
  EXPECT_EQ(config->public_url, "http://localhost:8080");
  EXPECT_EQ(config->store.sqlite_path, place.dir() / "countersign.db");
  ASSERT_EQ(config->services.size(), 1U);
  const auto& service = config->services[0];
  EXPECT_EQ(service.friendly_name, "Palco") << "people are asked by a brand";
  EXPECT_EQ(service.branding.name, "Palco");
  EXPECT_EQ(service.totp_issuer, "Palco");
  EXPECT_EQ(service.time_zone.at(*from_rfc3339("2026-11-22T12:00:00Z")).name, "BRT");
  EXPECT_EQ(service.channels.size(), 4U);
  EXPECT_EQ(config->services[0].channels.at(Channel::kEmail), "inbox");
  const auto& policy = config->policies.at("default");
  EXPECT_TRUE(policy.any_of.contains(domain::Method::kSms));
  EXPECT_TRUE(policy.totp_alone);
  EXPECT_FALSE(policy.trust_on_first_use);
}

TEST(Config, AccountsTightenTheServersLimits) {
  const Workplace place;
  place.write_secrets();
  const auto config = load_config(place.production(std::string(kGoodConfig) + R"(
[limits]
attempts_max = 4
[[accounts]]
name = "default"
[[accounts]]
name = "careful"
ip_allow = ["203.0.113.0/24"]
[accounts.limits]
sends_max = 2
)"));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->accounts[1].limits.attempts_max, 4);
  EXPECT_EQ(config->accounts[1].limits.sends_max, 2);
  EXPECT_EQ(config->accounts[0].limits.sends_max, 5);
  EXPECT_EQ(config->accounts[1].ip_allow.front().to_text(), "203.0.113.0/24");
}

TEST(Config, CheckConfigSaysHowWellCodesAreGuessedAndWarns) {
  const Workplace place;
  place.write_secrets();
  const auto said = [&](std::string_view more) {
    const auto config = load_config(place.production(
        replaced(std::string(kGoodConfig), "name = \"default\"", "name = \"default\"\n" + std::string(more))));
    EXPECT_TRUE(config) << config.error().sentence;
    return config ? summary(*config, "store") : "";
  };
  const auto plain = said("");
  EXPECT_NE(plain.find("right guesses a year against one person, at most"), std::string::npos) << plain;
  EXPECT_EQ(plain.find("guessed more easily"), std::string::npos) << plain;
  const auto short_codes = said("code_length = 4\nallow_short_codes = true");
  EXPECT_NE(short_codes.find("\n  warning   codes are guessed more easily than 1e-03 a year"), std::string::npos)
      << short_codes;
}

TEST(Config, TheSumCountsEachKindOfSourceThatCanBeGuessedAt) {
  const Workplace place;
  testing::SeededRandom random;
  ASSERT_TRUE(prepare_development(place.development(), random));
  auto config = load_config(place.development());
  ASSERT_TRUE(config) << config.error().sentence;
  const auto all = guesses_at(config->services.front(), *config);
  EXPECT_DOUBLE_EQ(all.together, 2 * all.by_source.line + all.by_source.app);
  EXPECT_LE(all.together, domain::kGuessBudgetMax);
  config->services.front().channels.erase(Channel::kEmail);
  config->policies.at("default").any_of = {domain::Method::kSms};
  EXPECT_DOUBLE_EQ(guesses_at(config->services.front(), *config).together, all.by_source.line);
}

TEST(Config, RoutesDivertMessages) {
  const Workplace place;
  place.write_secrets();
  const auto config = load_config(place.production(std::string(kGoodConfig) + R"(
[[services.routes]]
provider = "hook"
channel = "sms"
countries = ["BR", "PT"]
percent = 10
[[services.routes]]
provider = "hook"
)"));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& routes = config->services.front().routing_rules;
  ASSERT_EQ(routes.size(), 2U);
  EXPECT_EQ(routes[0].channel, contact::Channel::kSms);
  EXPECT_EQ(routes[0].countries, (std::vector<std::string>{"BR", "PT"}));
  EXPECT_EQ(routes[0].percent, 10);
  EXPECT_EQ(routes[1].channel, std::nullopt);
  EXPECT_EQ(routes[1].percent, 100);
  EXPECT_EQ(routes[1].list.names, std::vector<std::string>{"hook"});
}

TEST(Config, ReadsListsOfProvidersAndTheirPrices) {
  const Workplace place;
  testing::SeededRandom random;
  const std::string secret = "secret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n";
  place.write("countersign.secrets.toml",
              fresh_secrets(random).expose() + "[providers.hook]\n" + secret + "[providers.other]\n" + secret);
  std::string text(kGoodConfig);
  const std::string own = "sms = \"hook\"";
  text.replace(text.find(own), own.size(), "sms = [\"hook\", \"other\"]");
  const auto config = load_config(place.production(text + R"(
[[services.routes]]
countries = ["BR"]
weights = { other = 3, hook = 1 }
[providers.other]
type = "http_hook"
url = "https://hooks.example.com/other"
cost = { BR = "0.05 USD", default = "0.0079 USD" }
)"));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& service = config->services.front();
  EXPECT_EQ(service.channels.at(contact::Channel::kSms), "hook");
  EXPECT_EQ(service.lists.at(contact::Channel::kSms).names, (std::vector<std::string>{"hook", "other"}));
  EXPECT_EQ(service.routing_rules.at(0).list.names, (std::vector<std::string>{"other", "hook"}));
  EXPECT_EQ(service.routing_rules.at(0).list.weights, (std::vector<int>{3, 1}));
  EXPECT_EQ(config->prices.at("other").at("BR"), (domain::Price{50'000, "USD"}));
  EXPECT_EQ(config->prices.at("other").at(""), (domain::Price{7'900, "USD"}));
  const auto shown = summary(*config, "a database");
  EXPECT_NE(shown.find("hook, then other"), std::string::npos) << shown;
  EXPECT_NE(shown.find("messages to BR: other (weight 3), hook (weight 1)"), std::string::npos) << shown;
}

struct BadLine {
  std::string_view from;  ///< Part of kGoodConfig.
  std::string_view to;
  std::string_view sentence;
};

class BadConfig : public ::testing::TestWithParam<BadLine> {};

TEST_P(BadConfig, IsRefusedInOneSentence) {
  const Workplace place;
  place.write_secrets();
  const auto text = replaced(std::string(kGoodConfig), GetParam().from, GetParam().to);
  EXPECT_EQ(sentence_of(place.production(text)), GetParam().sentence);
}

constexpr std::string_view kUrl = R"(public_url = "https://verify.example.com")";
constexpr std::string_view kName = R"(name = "default")";
constexpr std::string_view kProviders = "[providers.hook]";
constexpr std::string_view kAnyOf = R"(any_of = ["sms", "totp"])";

const BadLine kBadLines[] = {
    {kUrl, "",
     "countersign.toml: public_url is missing; set the address that people's browsers use, such as "
     "https://verify.example.com."},
    {kUrl, R"(public_url = "http://verify.example.com")",
     "countersign.toml:2: public_url must start with https:// in production mode, but is "
     "\"http://verify.example.com\"."},
    {kUrl, R"(public_url = "https://verify.example.com/verify")",
     "countersign.toml:2: public_url must be an origin such as https://verify.example.com, but is "
     "\"https://verify.example.com/verify\"."},
    {kUrl, R"(public_url = 7)", "countersign.toml:2: public_url must be a text in quotes."},
    {kUrl, R"(public_ulr = "https://verify.example.com")",
     "countersign.toml: public_url is missing; set the address that people's browsers use, such as "
     "https://verify.example.com."},
    {kProviders, "listne = [\"127.0.0.1:80\"]\n[providers.hook]",
     "countersign.toml:3: listne is not a known key; did you mean listen?"},
    {kProviders, "xyzzy = 1\n[providers.hook]", "countersign.toml:3: xyzzy is not a known key; remove it."},
    {kProviders, "listen = \"127.0.0.1:80\"\n[providers.hook]",
     "countersign.toml:3: listen must be a list of texts such as [\"one\", \"two\"]."},
    {kProviders, "listen = [\"localhost:80\"]\n[providers.hook]",
     "countersign.toml:3: listen must be an address and a port such as 127.0.0.1:8080 or [::1]:8080, but is "
     "\"localhost:80\"."},
    {kProviders, "listen = [\"0.0.0.0:80\"]\n[providers.hook]",
     "countersign.toml:3: listen offers plain HTTP on 0.0.0.0:80; set tls.certificate and tls.key, or name the proxy "
     "in front of it in trusted_proxies."},
    {kProviders, "[tls]\nkey = \"key.pem\"\n[providers.hook]",
     "countersign.toml:3: tls.certificate is missing; TLS needs both tls.certificate and tls.key."},
    {kProviders, "trusted_proxies = [\"10.1.2.3/8\"]\n[providers.hook]",
     "countersign.toml:3: trusted_proxies must be a network such as 10.0.0.0/8 or an address, but is \"10.1.2.3/8\"."},
    {kProviders, "io_threads = 0\n[providers.hook]", "countersign.toml:3: io_threads must be from 1 to 64, but is 0."},
    {kProviders, "connections_per_peer = -1\n[providers.hook]",
     "countersign.toml:3: connections_per_peer must be from 0 to 10000, but is -1."},
    {kName, "name = \"default\"\nreturn_urls = [\"app.example.com\"]",
     "countersign.toml:10: services.return_urls must be an http or https URL without query and fragment, such as "
     "https://app.example.com/, but is \"app.example.com\"."},
    {kProviders, "[limits]\nattempts_max = 6\n[providers.hook]",
     "countersign.toml:4: limits.attempts_max must be from 1 to 5, but is 6."},
    {kProviders, "[limits]\nresend_waits = [\"10s\"]\n[providers.hook]",
     "countersign.toml:4: limits.resend_waits must start with at least 30s and never become shorter."},
    {kProviders, "[limits]\nsends_per_contact = \"50 per 10m\"\n[providers.hook]",
     "countersign.toml:4: limits.sends_per_contact must not allow more than \"5 per 10m\", but is \"50 per 10m\"."},
    {kProviders, "[limits]\nsends_per_account = \"many\"\n[providers.hook]",
     "countersign.toml:4: limits.sends_per_account must be a rate such as \"5 per 10m\", but is \"many\"."},
    {kProviders, "[retention]\nmessages = \"31d\"\n[providers.hook]",
     "countersign.toml:4: retention.messages must be from 1h to 30d, but is 31d."},
    {kProviders, "[transactions]\nclaim_window = \"6m\"\n[providers.hook]",
     "countersign.toml:4: transactions.claim_window must be from 10s to 5m, but is 6m."},
    {kProviders, "[transactions]\nacknowledge_within = \"59m\"\n[providers.hook]",
     "countersign.toml:4: transactions.acknowledge_within must be at least 1h, or 0s for no limit: whoever has claimed "
     "may be at work."},
    // The secrets file outranks it, and everybody can read it here.
    {kProviders, "[secrets]\nlookup_key = \"x\"\n[providers.hook]",
     "countersign.toml:4: secrets.lookup_key is a secret; move it to countersign.secrets.toml, to an environment "
     "variable or to a systemd credential."},
    {kProviders, "[metrics]\ntoken = \"x\"\n[providers.hook]",
     "countersign.toml:4: metrics.token is a secret; move it to countersign.secrets.toml, to an environment variable "
     "or to a systemd credential."},
    {kProviders, "[store]\nurl = \"postgresql://me:pass@db/x\"\n[providers.hook]",
     "countersign.toml:4: store.url is a secret; move it to countersign.secrets.toml, to an environment variable or to "
     "a systemd credential."},
    {kProviders, "[store]\nadvisory_locks = false\n[providers.hook]",
     "countersign.toml:4: store.advisory_locks is for store.url alone; leave it out."},
    {kProviders, "[store]\nurl = \"mysql://db/x\"\n[providers.hook]",
     "countersign.toml:4: store.url must start with postgresql://."},
    {R"(type = "http_hook")", R"(type = "inbox")",
     "countersign.toml:4: providers.hook.type is inbox, which shows codes to everybody and is for development mode "
     "alone."},
    {R"(type = "http_hook")", R"(type = "smoke")",
     "countersign.toml:4: providers.hook.type must be twilio_verify, twilio_messaging, twilio_voice, whatsapp_cloud, "
     "smtp, http_hook, http_gateway or inbox, but "
     "is "
     "\"smoke\"."},
    {R"(type = "http_hook")", "",
     "countersign.toml:3: providers.hook.type is missing; it is twilio_verify, "
     "twilio_messaging, twilio_voice, whatsapp_cloud, smtp, http_hook, http_gateway or inbox."},
    {R"(url = "https://messages)", R"(url = "http://messages)",
     "countersign.toml:5: providers.hook.url must start with https://, but is \"http://messages.example.com/\"."},
    {kAnyOf, R"(any_of = ["sms", "fax"])",
     "countersign.toml:7: policies.payout.any_of must be one of sms, call, whatsapp, email, totp, webauthn, "
     "push, recovery_code, but is \"fax\"."},
    {kAnyOf, R"(any_of = ["email", "recovery_code"])",
     "countersign.toml:7: policies.payout.any_of does not work: any_of offers nothing that may stand alone (recovery "
     "codes never do, nor do they lend company)."},
    {kAnyOf, "any_of = [\"sms\", \"call\"]\nmin_kinds = 2",
     "countersign.toml:7: policies.payout.any_of does not work: min_kinds asks for more kinds than any_of offers (sms, "
     "call and whatsapp are one kind)."},
    {kAnyOf, R"(any_of = ["whatsapp"])",
     "countersign.toml:10: services.policies names \"payout\", which can never be met: the service has no provider for "
     "enough of its channels, and a push from the mobile SDKs is never enough alone."},
    {kAnyOf, "any_of = [\"email\", \"totp\"]\nmin_kinds = 2",
     "countersign.toml:11: services.policies names \"payout\", which can never be met: the service has no provider for "
     "enough of its channels, and a push from the mobile SDKs is never enough alone."},
    {kAnyOf, "any_of = [\"call\", \"totp\"]\ntotp_alone = false",
     "countersign.toml:11: services.policies names \"payout\", which can never be met: the service has no provider for "
     "enough of its channels, and a push from the mobile SDKs is never enough alone."},
    {kName, R"(name = "Default Service")",
     "countersign.toml:9: services.name must be a short name of a-z, 0-9, - and _."},
    {kName, "name = \"default\"\naccount = \"shop\"",
     "countersign.toml:10: services.account names \"shop\", which is not there; add it as [[accounts]]."},
    {kName, "name = \"default\"\ncode_length = 4",
     "countersign.toml:10: services.code_length is 4; codes below 6 digits are guessed too easily, so "
     "allow_short_codes "
     "= true must say that this is meant."},
    {kName, "name = \"default\"\ncode_length = 4\nallow_short_codes = true", ""},
    {kName, "name = \"default\"\ncode_length = 11",
     "countersign.toml:10: services.code_length must be from 4 to 10, but is 11."},
    {kName, "name = \"default\"\ncode_ttl = \"11m\"",
     "countersign.toml:10: services.code_ttl must be from 1m to 10m, but is 11m."},
    {kName, "name = \"default\"\ntotp_issuer = \"a:b\"",
     "countersign.toml:10: services.totp_issuer must be 1 to 64 characters without a colon or control characters."},
    {kName, "name = \"default\"\norigin_host = \"https://a.example\"",
     "countersign.toml:10: services.origin_host must be a host such as verify.example.com, but is "
     "\"https://a.example\"."},
    {R"(policies = ["payout"])", R"(policies = ["payouts"])",
     "countersign.toml:10: services.policies names \"payouts\", which is not there; add [policies.payouts]."},
    {R"(sms = "hook")", R"(sms = "hoook")",
     "countersign.toml:12: services.channels.sms names the provider \"hoook\", which is not there; add "
     "[providers.hoook]."},
    {R"(sms = "hook")", R"(sns = "hook")",
     "countersign.toml:12: services.channels.sns is no channel; it must be one of sms, call, whatsapp, email, push."},
    {R"(sms = "hook")", "sms = \"hook\"\n[[services.routes]]\nprovider = \"gone\"",
     "countersign.toml:14: services.routes.provider names \"gone\", which is not there; add [providers.gone]."},
    {R"(sms = "hook")", R"(sms = ["hook", "hook"])",
     "countersign.toml:12: services.channels.sms names the provider \"hook\" twice."},
    {R"(sms = "hook")", "sms = []", "countersign.toml:12: services.channels.sms must name 1 to 8 providers."},
    {R"(sms = "hook")", "sms = { hook = 0 }",
     "countersign.toml:12: services.channels.sms must give a weight above 0 to one of its providers."},
    {R"(sms = "hook")", "sms = \"hook\"\n[[services.routes]]\nprovider = \"hook\"\nweights = { hook = 1 }",
     "countersign.toml:15: services.routes.weights cannot stand beside another of provider, providers and weights."},
    {R"(sms = "hook")", "sms = \"hook\"\n[[services.routes]]\nprovider = \"hook\"\nchannel = \"call\"",
     "countersign.toml:15: services.routes.channel has no provider in the service's channels; a route only diverts "
     "what has one."},
    {R"(sms = "hook")", "sms = \"hook\"\n[[services.routes]]\nprovider = \"hook\"\ncountries = [\"Brazil\"]",
     "countersign.toml:15: services.routes.countries must be two capital letters such as BR, but is \"Brazil\"."},
    {R"(sms = "hook")", "sms = \"hook\"\n[[services.routes]]\nprovider = \"hook\"\npercent = 101",
     "countersign.toml:15: services.routes.percent must be from 0 to 100, but is 101."},
    {"[[services]]", "[services]", "countersign.toml:8: services must be tables with double brackets: [[services]]."},
    {R"(mode = "production")", R"(mode = "a\nb: fine")",
     "countersign.toml:1: mode must be \"production\" or \"development\", but is \"a b: fine\"."},
    {"mode = ", "mode == ",
     "countersign.toml:1: is not valid TOML: Error while parsing value: could not determine value type."},
};

INSTANTIATE_TEST_SUITE_P(Lines, BadConfig, ::testing::ValuesIn(kBadLines));

TEST(Config, NamesTheUnknownKeyOfATable) {
  const Workplace place;
  place.write_secrets();
  EXPECT_EQ(sentence_of(place.production(std::string(kGoodConfig) + "[limits]\natempts_max = 3\n")),
            "countersign.toml:16: limits.atempts_max is not a known key; did you mean attempts_max?");
}

TEST(Config, DevFlagDoesNotOpenAProductionFile) {
  const Workplace place;
  place.write_secrets();
  auto sources = place.production(kGoodConfig);
  sources.development = true;
  EXPECT_EQ(sentence_of(sources),
            "countersign.toml:1: mode says production, but the command line says --dev; leave one of them out.");
}

TEST(Config, MissingFileIsNamed) {
  const Workplace place;
  ConfigSources sources;
  sources.config_file = place.dir() / "absent.toml";
  EXPECT_EQ(sentence_of(sources),
            (place.dir() / "absent.toml").string() + " cannot be read: No such file or directory.");
}

TEST(Config, RelativePathsStartAtTheFilesFolder) {
  const Workplace place;
  place.write_secrets();
  const auto config =
      load_config(place.production(replaced(std::string(kGoodConfig), "[providers.hook]",
                                            "data_dir = \"state\"\n[store]\npath = \"a/b.db\"\n[providers.hook]")));
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->data_dir, place.dir() / "state");
  EXPECT_EQ(config->store.sqlite_path, place.dir() / "a/b.db");
}

TEST(Config, TheDataDirectoryIsAbsoluteAndFollowsTheConfigurationFile) {
  const Workplace place;
  place.write_secrets();
  auto sources = place.production(kGoodConfig);
  const auto data_dir = [&] {
    const auto config = load_config(sources);
    EXPECT_TRUE(config) << config.error().sentence;
    EXPECT_EQ(config->store.sqlite_path, config->data_dir / "countersign.db");
    EXPECT_EQ(data_dir_of(sources), config->data_dir);
    return config->data_dir;
  };
  EXPECT_EQ(data_dir(), place.dir() / "data");
  sources.config_file = std::filesystem::relative(*sources.config_file);
  EXPECT_EQ(data_dir(), place.dir() / "data");
  sources.environment["STATE_DIRECTORY"] = "/var/lib/countersign";
  EXPECT_EQ(data_dir(), "/var/lib/countersign");
  sources.environment["COUNTERSIGN_DATA_DIR"] = "state/../mine";
  EXPECT_EQ(data_dir(), place.dir() / "mine");
  sources.flags["data_dir"] = "here";
  EXPECT_EQ(data_dir(), std::filesystem::current_path() / "here");
}

TEST(ReturnUrls, AreReadAndTheSummaryWarnsWhereThereAreNone) {
  const Workplace place;
  place.write_secrets();
  const auto without = load_config(place.production(kGoodConfig));
  ASSERT_TRUE(without);
  EXPECT_NE(summary(*without, "x").find("warning   return_urls is not set"), std::string::npos);
  const auto with = load_config(place.production(replaced(std::string(kGoodConfig), kName, R"(name = "default"
return_urls = ["https://app.example.com/", "http://localhost:3000/back"])")));
  ASSERT_TRUE(with) << with.error().sentence;
  EXPECT_EQ(with->services.front().return_urls.size(), 2U);
  EXPECT_EQ(summary(*with, "x").find("warning"), std::string::npos);
  EXPECT_NE(summary(*with, "x").find("back to   https://app.example.com/"), std::string::npos);
}

TEST(Metrics, HaveAListenerOfTheirOwnUnlessTheyAreOff) {
  const Workplace place;
  place.write_secrets();
  const auto metrics_of = [&](std::string_view lines) {
    const auto config = load_config(
        place.production(replaced(std::string(kGoodConfig), kProviders, fmt::format("{}\n{}", lines, kProviders))));
    if (!config) return config.error().sentence;
    return config->metrics.listen ? config->metrics.listen->to_text() : "off";
  };
  EXPECT_EQ(metrics_of(""), "127.0.0.1:9464");
  EXPECT_EQ(metrics_of("[metrics]\nlisten = \"off\""), "off");
  EXPECT_EQ(metrics_of("[metrics]\nlisten = \"10.0.0.7:9100\""), "10.0.0.7:9100");
  EXPECT_NE(metrics_of("[metrics]\nlisten = \"10.0.0.7:0\"").find("must name a port"), std::string::npos);
}

TEST(Listen, ReadsAddresses) {
  EXPECT_EQ(ListenAddress::parse("127.0.0.1:0")->to_text(), "127.0.0.1:0");
  EXPECT_EQ(ListenAddress::parse("[::1]:8443")->to_text(), "[::1]:8443");
  for (const auto* text : {"", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:80",
                           "[127.0.0.1]:80", "[::1:80", "host:80", "127.0.0.1:80 "}) {
    EXPECT_FALSE(ListenAddress::parse(text)) << text;
  }
}

TEST(Nearest, ProposesOnlyWhatIsNear) {
  const std::vector<std::string> keys = {"listen", "public_url", "log"};
  EXPECT_EQ(nearest("listne", keys), "listen");
  EXPECT_EQ(nearest("publicurl", keys), "public_url");
  EXPECT_EQ(nearest("xyz", keys), std::nullopt);
  EXPECT_EQ(nearest(std::string(1000, 'l'), keys), std::nullopt);
}

}  // namespace
}  // namespace countersign::main
