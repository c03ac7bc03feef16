#include "simulation/furnish.h"

#include <fmt/format.h>

#include "simulation/world.h"
#include "store/repository/accounts.h"
#include "support/settings.h"

namespace countersign::simulation {

namespace {

using contact::Channel;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

/// Those of the configuration, with room for a person who does more in an hour than anybody does in a year.
domain::Limits limits() {
  domain::Limits limits = testing::no_rates();
  limits.attempts_max = kAttemptsMax;
  limits.resend_waits = {seconds(30), seconds(60), seconds(120)};
  limits.sends_per_contact = {12, minutes(10)};
  limits.sends_per_subject = {20, minutes(10)};
  limits.sends_per_address = {40, hours(1)};
  limits.failures.per_lock = kFailuresPerLock;
  return limits;
}

}  // namespace

MessagesADay messages_a_day(World& world) {
  if (!world.has_tight_budget) return {1'000'000, 1'000};
  return world.nodes() == nullptr ? MessagesADay{20, 10} : MessagesADay{12, 5};
}

const std::vector<std::string>& policy_names() {
  static const std::vector<std::string> names{"any", "strict", "careful", "first-use", "verified"};
  return names;
}

AccountId furnish(World& world) {
  const auto [account_id, own_id, upstream_id] = world.now_in([](store::Tx& tx, Moment& moment) {
    const AccountId account = store::ensure_account(tx, "default", moment);
    const ServiceId own = store::ensure_service(tx, account, "default", moment);
    return std::tuple(account, own, store::ensure_service(tx, account, kUpstreamService, moment));
  });
  usecase::AccountSettings account{account_id, "default", limits(), {}, {}};
  if (world.nodes() != nullptr) {
    account.limits.sends_per_account = kSendsOfAccount;
    account.limits.sends_per_country = kSendsOfCountry;
    account.limits.sends_per_ip = kSendsOfNetwork;
    account.limits.checks_per_ip = kChecksOfNetwork;
  }
  auto& own = account.services.emplace_back(testing::test_service(own_id, "default", policy_names()));
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kEmail})
    own.providers[channel] = {"sender", false};
  account.services.emplace_back(testing::test_service(upstream_id, kUpstreamService, policy_names()))
      .providers[Channel::kSms] = {"verifier", true};
  for (auto& service : account.services) {
    auto& passkeys = service.passkeys.emplace();
    passkeys.party.id = "verify.example.com";
    passkeys.party.origins = {"https://verify.example.com"};
    passkeys.strict_counter = true;
    service.push_page = "https://app.example.com/approve";
  }
  account.pumping.mode = risk::PumpingSettings::Mode::kOn;
  account.pumping.expected = {{"BR", 1000}};
  for (auto& service : account.services) {
    for (auto& [channel, provider] : service.providers) {
      if (contact::uses_phone(channel)) provider.prices = {{"", {kMessageCosts, "BRL"}}};
    }
  }
  const auto may = messages_a_day(world);
  account.budgets.account = domain::Budget{may.budget * kMessageCosts, may.reserve * kMessageCosts};
  world.settings.money = {{"BRL", {}}, kMessageCosts, kMessageCosts};
  world.settings.accounts.emplace(account_id, std::move(account));
  world.settings.public_url = "https://verify.example.com";
  world.settings.node = "node-1";
  testing::SeededRandom random(1);
  world.settings.push.emplace().keys = std::make_shared<delivery::PushKeys>(std::vector{crypto::VapidKey(
      crypto::SigningKey::generate(crypto::JwsAlgorithm::kEs256, random), "mailto:ops@countersign.dev")});

  using enum domain::Method;
  domain::Policy any;
  any.any_of = {kSms, kCall, domain::Method::kEmail, kTotp, kWebauthn, kPush, kRecoveryCode};
  any.email_alone = true;
  any.enrol = {kTotp};
  auto strict = any;
  strict.min_kinds = 2;
  auto careful = any;
  careful.totp_alone = false;
  careful.email_alone = false;
  careful.wait = hours(96);
  auto first_use = any;
  first_use.any_of = {kSms, kTotp};
  first_use.trust_on_first_use = true;
  auto verified = any;
  verified.user_verification = true;
  world.settings.policies = {
      {"any", any}, {"strict", strict}, {"careful", careful}, {"first-use", first_use}, {"verified", verified}};
  return account_id;
}

std::string identity_of(std::size_t person) { return fmt::format("person-{}", person); }
std::string phone_of(std::size_t person) {  // Each in a prefix of its own.
  return fmt::format("+55119{:04}{:04}", 8000 + (person * 37 + person / 9000) % 1000, 1000 + person % 9000);
}
std::string email_of(std::size_t person) { return fmt::format("person{}@example.com", person); }

}  // namespace countersign::simulation
