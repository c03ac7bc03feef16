#include "bench/server/world.h"

#include <algorithm>

#include "base/check.h"
#include "base/test_account.h"
#include "crypto/jws_key.h"
#include "main/open_store.h"
#include "main/server/server.h"
#include "main/settings.h"
#include "store/repository/accounts.h"
#include "usecase/api_keys.h"

namespace countersign::bench {

namespace {

constexpr std::string_view kAccount = "bench";
constexpr domain::Rate kPlenty{1'000'000'000, std::chrono::hours(24)};

main::ServiceConfig service() {
  main::ServiceConfig service;
  service.account = kAccount;
  service.name = "box-office";
  service.friendly_name = service.totp_issuer = service.branding.name = "Bilheteria";
  service.locale = "pt-BR";
  service.origin_host = "verify.example.com";
  service.channels[contact::Channel::kSms] = "capture";
  service.policies = {"sms"};
  return service;
}

main::SecretsConfig fresh_secrets() {
  auto& random = system_random();
  main::SecretsConfig secrets;
  secrets.seal_keys.push_back({1, SecretString(random.bytes(32))});
  secrets.current_seal_key = 1;
  secrets.lookup_key = SecretString(random.bytes(32));
  secrets.signing_key = crypto::SigningKey::generate(crypto::JwsAlgorithm::kEdDsa, random).to_pkcs8_pem();
  return secrets;
}

}  // namespace

main::Config make_config(const std::filesystem::path& folder) {
  main::Config config;
  config.listen = {{*IpAddress::parse("127.0.0.1"), 0}};
  config.connections_per_peer = 0;
  config.public_url = "https://verify.example.com";
  config.data_dir = folder;
  config.store.sqlite_path = folder / "countersign.db";
  config.log_level = "warning";
  config.secrets = fresh_secrets();
  config.transactions.claim_window = std::chrono::hours(1);  // Nothing lapses during the measurement.
  config.limits.sends_per_account = kPlenty;
  config.limits.sends_per_country = kPlenty;
  config.policies["sms"].any_of.add(domain::Method::kSms);
  main::AccountConfig account;
  account.name = kAccount;
  account.limits = config.limits;
  config.accounts.push_back(std::move(account));
  config.services.push_back(service());
  return config;
}

const usecase::AccountSettings& account_of(const usecase::Settings& settings) {
  const auto live = std::ranges::find_if(settings.accounts, [](const auto& entry) { return !is_test(entry.first); });
  CS_CHECK(live != settings.accounts.end());
  return live->second;
}

std::string make_database(const main::Config& config) {
  auto opened = main::open_store(config, system_clock(), system_random());
  CS_CHECK(opened);
  auto& store = **opened;
  const auto settings = main::make_settings(config, store, system_clock(), system_random());
  CS_CHECK(settings);
  const auto keyring = crypto::Keyring::make(config.secrets.seal_keys, 1, config.secrets.lookup_key);
  Moment moment{system_clock().now(), system_random()};
  const auto issued =
      usecase::issue_key(crypto::Digester(*keyring), account_of(*settings).id, "load", std::nullopt, moment);
  CS_CHECK(store.transact_now([&](store::Tx& tx) {
    store::insert_api_key(tx, issued.row);
    return Done{};
  }));
  return issued.text.expose();
}

}  // namespace countersign::bench
