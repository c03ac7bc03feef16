#include <gmock/gmock.h>

#include "crypto/jws_key.h"
#include "main/config/config.h"
#include "main/config/parts.h"
#include "support/fake_time.h"
#include "unit/main/workplace.h"

// Signals from outside, and issuers that tell of people: every mistake in one sentence that mends it, and what lacks.
namespace countersign::main {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kCamara = R"([risk.signals.carrier]
type = "camara_sim_swap"
base_url = "https://api.carrier.example/sim-swap/v2/"
token_url = "https://auth.carrier.example/token"
client_id = "us"
types = ["payout.change"]
)";
constexpr std::string_view kLookup = R"([risk.signals.lookup]
type = "twilio_lookup"
account_sid = "AC0123456789abcdef0123456789abcdef"
types = ["*"]
)";
constexpr std::string_view kModel = R"([risk.signals.model]
type = "http_model"
url = "https://model.example.com/score"
)";
constexpr std::string_view kIssuer = R"([shared_signals.idp]
issuer = "https://accounts.example.com/"
jwks_url = "https://accounts.example.com/jwks.json"
)";
constexpr std::string_view kSignalSecrets = R"([risk.signals.carrier]
client_secret = "s3cret"
[risk.signals.lookup]
auth_token = "0123456789abcdef0123456789abcdef"
[risk.signals.model]
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)";

ConfigSources with_signals(const Workplace& place, std::string_view text, std::string_view secrets) {
  place.write_secrets();
  place.write("countersign.secrets.toml", place.read("countersign.secrets.toml") + std::string(secrets));
  return place.production(std::string(kGoodConfig) + std::string(text));
}

std::string sentence(std::string_view text, std::string_view secrets = "") {
  const Workplace place;
  return sentence_of(with_signals(place, text, secrets));
}

/// The secret of that entry alone: a table in the secrets file begins an entry.
std::string secrets_of(std::string_view name) {
  const std::string all(kSignalSecrets);
  const auto from = all.find("[risk.signals." + std::string(name) + "]");
  return all.substr(from, all.find("[risk", from + 1) - from);
}

std::string changed(std::string_view text, std::string_view name, std::string_view was, std::string_view is) {
  return sentence(replaced(std::string(text), std::string(was), std::string(is)), secrets_of(name));
}

TEST(ConfigSignals, AreReadWhole) {
  const Workplace place;
  const auto config = load_config(
      with_signals(place, std::string(kCamara) + std::string(kLookup) + std::string(kModel), kSignalSecrets));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& carrier = config->signals.at("carrier");
  const auto& camara = std::get<CamaraSimSwapConfig>(carrier.source);
  EXPECT_EQ(camara.base_url, "https://api.carrier.example/sim-swap/v2");
  EXPECT_EQ(camara.client_secret.expose(), "s3cret");
  EXPECT_EQ(camara.scope, "sim-swap");
  EXPECT_FALSE(camara.check);
  EXPECT_THAT(carrier.types, ElementsAre("payout.change"));
  EXPECT_EQ(carrier.within, 1500ms);
  EXPECT_EQ(carrier.remember, 10min);
  EXPECT_EQ(carrier.per_hour, 3600);
  EXPECT_EQ(config->sim_swap_acts, 72h);
  EXPECT_TRUE(std::get<TwilioLookupConfig>(config->signals.at("lookup").source).line_type);
  EXPECT_THAT(lacks_of("carrier", carrier, *config), IsEmpty());
  EXPECT_THAT(lacks_of("model", config->signals.at("model"), *config), ElementsAre(HasSubstr("is never asked")));
  SignalConfig of_all_types = config->signals.at("model");
  of_all_types.types = {"*"};
  EXPECT_THAT(lacks_of("model", of_all_types, *config), ElementsAre(HasSubstr("no rule asks for model_score")));
  Config with_budgets = *config;
  with_budgets.money.currency = "BRL";
  EXPECT_THAT(lacks_of("carrier", carrier, with_budgets),
              ElementsAre(HasSubstr("risk.signals.carrier.cost is not set")));
  const auto text = summary(*config, "a store");
  EXPECT_THAT(text, HasSubstr("signal    carrier: CAMARA SIM Swap, within 1500ms, for payout.change\n"));
  EXPECT_THAT(text, HasSubstr("signal    lookup: Twilio Lookup, within 1500ms, for all types\n"));
  EXPECT_THAT(text, HasSubstr("warning   risk.signals.model.types is not set"));
  EXPECT_THAT(text, Not(HasSubstr("s3cret")));
}

TEST(ConfigSignals, EveryMistakeIsNamed) {
  EXPECT_THAT(sentence(kCamara), HasSubstr("risk.signals.carrier.client_secret is missing"));
  EXPECT_THAT(changed(kCamara, "carrier", "https://api", "http://api"), HasSubstr("risk.signals.carrier.base_url"));
  EXPECT_THAT(changed(kCamara, "carrier", "https://auth", "http://auth"), HasSubstr("risk.signals.carrier.token_url"));
  EXPECT_THAT(changed(kCamara, "carrier", "client_id = \"us\"\n", ""), HasSubstr("client_id is missing"));
  EXPECT_THAT(changed(kCamara, "carrier", "types =", "operation = \"ask\"\ntypes ="),
              HasSubstr("must be retrieve_date or check"));
  EXPECT_THAT(changed(kCamara, "carrier", "types =", "max_age = \"72h\"\ntypes ="),
              HasSubstr("is for operation = \"check\" alone"));
  EXPECT_THAT(changed(kCamara, "carrier", "types =", "operation = \"check\"\nmax_age = \"90m\"\ntypes ="),
              HasSubstr("must be whole hours"));
  EXPECT_THAT(changed(kCamara, "carrier", "payout.change", "payout change"), HasSubstr("types of transactions"));
  EXPECT_THAT(changed(kCamara, "carrier", "types =", "timeout = \"2s\"\ntypes ="), HasSubstr("is called within here"));
  EXPECT_THAT(changed(kCamara, "carrier", "types =", "within = \"61s\"\ntypes ="), HasSubstr("within"));
  EXPECT_THAT(changed(kCamara, "carrier", "types =", "urll = \"x\"\ntypes ="), HasSubstr("is not a known key"));
  EXPECT_THAT(changed(kCamara, "carrier", "\"camara_sim_swap\"", "\"camara\""),
              HasSubstr("must be camara_sim_swap, twilio_lookup or http_model"));
  EXPECT_THAT(changed(kLookup, "lookup", "types =", "fields = [\"caller_name\"]\ntypes ="),
              HasSubstr("must name line_type_intelligence, sim_swap or both"));
  EXPECT_THAT(changed(kLookup, "lookup", "types =", "cost = \"cheap\"\ntypes ="), HasSubstr("such as \"0.01 USD\""));
  EXPECT_THAT(sentence(replaced(std::string(kLookup), "types =", "cost = \"0.01 USD\"\ntypes =") +
                           "[risk.money]\ncurrency = \"BRL\"\n",
                       secrets_of("lookup")),
              HasSubstr("risk.money.rates.USD"));
  EXPECT_THAT(changed(kModel, "model", "https://model", "http://model"), HasSubstr("must start with https://"));
  EXPECT_THAT(changed(kModel, "model", "url =", "remember = \"5m\"\nurl ="), HasSubstr("a model is asked each time"));
  EXPECT_THAT(sentence(kModel), HasSubstr("risk.signals.model.secret is missing"));
}

TEST(ConfigSharedSignals, AreReadWhole) {
  const Workplace place;
  const auto config = load_config(with_signals(place, kIssuer, "[shared_signals.idp]\nauthorization = \"Bearer x\"\n"));
  ASSERT_TRUE(config) << config.error().sentence;
  const auto& idp = config->shared_signals.at("idp");
  EXPECT_EQ(idp.account, "default");
  EXPECT_EQ(idp.audience, "https://verify.example.com/v1/shared-signals/idp");
  EXPECT_EQ(idp.subject_issuer, idp.issuer);
  EXPECT_THAT(idp.algorithms, ElementsAre(crypto::ForeignAlgorithm::kRs256, crypto::ForeignAlgorithm::kEs256));
  EXPECT_EQ(idp.authorization.expose(), "Bearer x");
  EXPECT_FALSE(idp.runs_mailboxes || idp.runs_lines);
  EXPECT_THAT(
      summary(*config, ""),
      HasSubstr("told by   idp: https://accounts.example.com/ at https://verify.example.com/v1/shared-signals/idp"));
}

TEST(ConfigSharedSignals, EveryMistakeIsNamed) {
  const auto with = [](std::string_view was, std::string_view is) {
    return sentence(replaced(std::string(kIssuer), std::string(was), std::string(is)));
  };
  EXPECT_THAT(with("https://accounts.example.com/jwks", "http://accounts.example.com/jwks"), HasSubstr("jwks_url"));
  EXPECT_THAT(with("https://accounts.example.com/jwks", "https://10.0.0.1/jwks"), HasSubstr("jwks_url"));
  EXPECT_THAT(with("jwks_url = \"https://accounts.example.com/jwks.json\"\n", ""), HasSubstr("jwks_url is missing"));
  EXPECT_THAT(with("issuer = \"https://accounts.example.com/\"\n", ""), HasSubstr("issuer is missing"));
  EXPECT_THAT(with("issuer =", "algorithms = [\"none\"]\nissuer ="), HasSubstr("RS256, ES256 or EdDSA"));
  EXPECT_THAT(with("issuer =", "algorithms = [\"HS256\"]\nissuer ="), HasSubstr("RS256, ES256 or EdDSA"));
  EXPECT_THAT(with("issuer =", "account = \"nobody\"\nissuer ="), HasSubstr("which is no account"));
  EXPECT_THAT(with("issuer =", "runs = [\"sms\"]\nissuer ="), HasSubstr("must name email, phone or both"));
  EXPECT_THAT(with("issuer =", "jwks_file = \"keys.json\"\nissuer ="), HasSubstr("are both set"));
  EXPECT_THAT(with("jwks_url = \"https://accounts.example.com/jwks.json\"", "jwks_file = \"nothing.json\""),
              HasSubstr("jwks_file names"));
}

TEST(ConfigSharedSignals, KeysOfAFile) {
  const Workplace place;
  testing::SeededRandom random;
  const auto key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random);
  place.write("keys.json", crypto::jwks_json({key.public_key()}), 0644);
  const auto by_file = replaced(std::string(kIssuer), "jwks_url = \"https://accounts.example.com/jwks.json\"",
                                "jwks_file = \"keys.json\"");
  const auto config = load_config(with_signals(place, by_file, ""));
  ASSERT_TRUE(config) << config.error().sentence;
  ASSERT_EQ(config->shared_signals.at("idp").keys.size(), 1u);
  place.write("keys.json", R"({"keys":[{"kty":"oct","kid":"x","k":"AAAA"}]})", 0644);
  EXPECT_THAT(sentence_of(with_signals(place, by_file, "")), HasSubstr("must be a JSON Web Key Set"));
}

}  // namespace
}  // namespace countersign::main
