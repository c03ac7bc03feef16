#include "main/settings.h"
#include "main/config/metadata_file.h"

#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/encoding.h"
#include "base/test_account.h"
#include "delivery/providers/http_gateway.h"
#include "delivery/providers/http_hook.h"
#include "delivery/providers/smtp.h"
#include "delivery/providers/twilio_messaging.h"
#include "delivery/providers/twilio_verify.h"
#include "delivery/providers/twilio_voice.h"
#include "delivery/providers/whatsapp_cloud.h"
#include "main/config/keys.h"
#include "main/config/parts.h"
#include "store/repository/accounts.h"

namespace countersign::main {

namespace {

usecase::ChannelProvider provider_of(const Config& config, const std::string& provider) {
  const auto found = config.providers.find(provider);
  const auto* verify = found == config.providers.end() ? nullptr : std::get_if<TwilioVerifyConfig>(&found->second);
  usecase::ChannelProvider out{provider, verify != nullptr, verify == nullptr ? "" : verify->service_sid};
  if (found == config.providers.end()) return out;
  using enum contact::Channel;
  for (const auto channel : {kSms, kCall, kWhatsapp, kEmail}) {
    if (!shows_display(found->second, channel)) out.code_alone.insert(channel);
  }
  if (const auto* gateway = std::get_if<HttpGatewayConfig>(&found->second)) {
    out.gateway = true;
    out.reports = gateway->reports;
  }
  if (const auto* messaging = std::get_if<TwilioMessagingConfig>(&found->second)) {
    if (!messaging->twilio.auth_token.expose().empty()) out.reports = contact::Reports::kUsable;
  }
  if (const auto* whatsapp = std::get_if<WhatsappCloudConfig>(&found->second)) {
    if (!whatsapp->app_secret.expose().empty()) out.reports = contact::Reports::kUsable;  // They are signed by it.
  }
  if (const auto* mail = std::get_if<SmtpConfig>(&found->second)) {
    if (mail->tags_returns) out.reports = contact::Reports::kUnusable;  // Most servers report failures alone.
  }
  if (const auto prices = config.prices.find(provider); prices != config.prices.end()) out.prices = prices->second;
  return out;
}

usecase::FurtherProviders further_of(const Config& config, const ProviderListConfig& list) {
  usecase::FurtherProviders out;
  for (std::size_t i = 1; i < list.names.size(); ++i) out.providers.push_back(provider_of(config, list.names[i]));
  out.weights = list.weights;
  return out;
}

usecase::PasskeySettings passkeys_of(const WebauthnConfig& config, const std::string& public_url) {
  usecase::PasskeySettings out;
  out.party.id = config.rp_id;
  out.party.origins = config.origins;
  out.party.origins.insert(out.party.origins.end(), config.related_origins.begin(), config.related_origins.end());
  for (const auto& app : config.android_apps) out.party.origins.push_back(origin_of(app));
  out.on_page = page_may_ask(config, public_url);
  out.user_verification = config.user_verification;
  out.strict_counter = config.strict_counter;
  out.wants_attestation = config.trusted_attestation;
  if (!config.trusted_attestation) return out;
  using enum webauthn::AttestationType;
  out.attestation.accepted = {kBasic, kAttCa, kAnonCa};
  out.attestation.anchors = [anchors = config.anchors, metadata = config.metadata](std::string_view aaguid,
                                                                                   const webauthn::Certificate& leaf) {
    auto all = anchors;
    if (metadata) std::ranges::move(metadata->roots_of(aaguid, leaf), std::back_inserter(all));
    return all;
  };
  if (config.metadata) {
    out.attestation.against = [metadata = config.metadata](std::string_view aaguid, const webauthn::Certificate& leaf,
                                                           WallTime now) {
      return metadata->speaks_against(aaguid, leaf, now);
    };
    out.model_fell = [metadata = config.metadata](std::string_view aaguid, WallTime now) {
      return metadata->speaks_against(aaguid, now);
    };
  }
  if (!config.aaguid_allow.empty()) out.attestation.aaguids_allowed = config.aaguid_allow;
  out.attestation.aaguids_denied = config.aaguid_deny;
  return out;
}

usecase::ServiceSettings service_of(const Config& config, const ServiceConfig& service, const ServiceId& id) {
  usecase::ServiceSettings out;
  out.id = id;
  out.name = service.name;
  out.friendly_name = service.branding.name.empty() ? service.friendly_name : service.branding.name;
  out.code_length = service.code_length;
  out.code_ttl = service.code_ttl;
  out.loosened = service.loosened;
  out.default_region = service.default_region;
  out.locale = service.locale;
  out.totp_issuer = service.totp_issuer.empty() ? service.friendly_name : service.totp_issuer;
  out.origin_host = service.origin_host;
  if (service.webauthn) out.passkeys = passkeys_of(*service.webauthn, config.public_url);
  out.push_page = service.push_on_pages ? config.public_url + std::string(usecase::kHostedPushPage) : service.push_page;
  out.push_on_pages = service.push_on_pages;
  for (const auto& [channel, provider] : service.channels) out.providers[channel] = provider_of(config, provider);
  for (const auto& [channel, list] : service.lists) out.further[channel] = further_of(config, list);
  out.automatic = service.automatic;
  for (const auto& route : service.routing_rules)
    out.routing_rules.push_back({route.channel, route.countries, route.percent,
                                 provider_of(config, route.list.names.front()), further_of(config, route.list)});
  out.policies = service.policies;
  out.return_urls = service.return_urls;
  out.standing = service.standing;
  out.shared_with = service.shared_with;
  out.objection = service.objection;
  out.risk = risk_rules_of(config.risk, service.account, service.name);
  out.local_hour = [zone = service.time_zone](WallTime at) {
    constexpr int kHours = 24;
    const auto local = at.time_since_epoch() + zone.at(at).east;
    const auto hour = std::chrono::floor<std::chrono::hours>(local).count() % kHours;
    return static_cast<int>((hour + kHours) % kHours);
  };
  return out;
}

domain::Budget budget_of(std::int64_t limit, const MoneyConfig& money) {
  return {limit, limit / 100 * money.reserve + limit % 100 * money.reserve / 100};
}

usecase::MoneySettings money_of(const Config& config) {
  usecase::MoneySettings out;
  out.exchange = exchange_of(config.money);
  std::optional<std::int64_t> cheapest;
  for (const auto& [name, prices] : config.prices) {
    for (const auto& [country, price] : prices) {
      const auto micros = domain::exchanged(price, out.exchange).value_or(0);
      out.dearest = std::max(out.dearest, micros);
      if (micros > 0) cheapest = std::min(cheapest.value_or(micros), micros);
    }
  }
  out.cheapest = cheapest.value_or(1);
  return out;
}

/// Without those of services.
usecase::Budgets budgets_of(const AccountConfig& account, const MoneyConfig& money) {
  usecase::Budgets out;
  if (account.budgets.day) out.account = budget_of(*account.budgets.day, money);
  for (const auto& [country, limit] : account.budgets.countries) out.countries[country] = budget_of(limit, money);
  return out;
}

std::string node_name(Random& random) {
  char host[256] = "node";
  static_cast<void>(gethostname(host, sizeof host - 1));
  return fmt::format("{}-{}", host, to_hex(random.bytes(4)));
}

}  // namespace

delivery::TwilioAccount account_of(const TwilioCredentials& credentials) {
  delivery::TwilioAccount account{credentials.account_sid,       credentials.user,
                                  credentials.password,          credentials.base_url,
                                  delivery::PlainHttp::kRefused, credentials.timeout};
  // Plain HTTP only if the configuration names another host: a test double or another Countersign.
  if (credentials.base_url.starts_with("http://")) account.plain_http = delivery::PlainHttp::kAllowed;
  return account;
}

namespace {

std::vector<contact::Channel> channels_of(const Config& config, const std::string& provider) {
  std::vector<contact::Channel> channels;
  for (const auto& service : config.services) {
    for (const auto& [channel, first] : service.channels) {
      const auto names = providers_of(service, channel);
      if (std::ranges::find(names, provider) != names.end()) channels.push_back(channel);
    }
  }
  return channels;
}

delivery::SmtpTls tls_of(MailTls tls) {
  if (tls == MailTls::kNone) return delivery::SmtpTls::kNone;
  return tls == MailTls::kImplicit ? delivery::SmtpTls::kImplicit : delivery::SmtpTls::kStartTls;
}

/// Constructs the provider of one entry of the configuration.
struct Build {
  const Config& config;
  const std::string& name;
  delivery::HttpClient& http;
  Clock& clock;
  delivery::InboxSink& inbox;
  delivery::InboxOutage* outage;
  BuiltProviders& built;

  void add(std::unique_ptr<delivery::Sender> sender) const {
    built.by_name.senders[name] = sender.get();
    built.senders.push_back(std::move(sender));
  }
  void operator()(const TwilioVerifyConfig& c) const {
    delivery::TwilioVerifyOptions options{account_of(c.twilio), c.service_sid};
    options.psd2 = c.psd2;
    options.friendly_name = c.custom_friendly_name;
    auto verifier = std::make_unique<delivery::TwilioVerify>(http, clock, std::move(options));
    built.by_name.verifiers[name] = verifier.get();
    built.verifiers.push_back(std::move(verifier));
  }
  void operator()(const TwilioMessagingConfig& c) const {
    // Callbacks are signed with the auth token, even if calls are made with an API key.
    if (!c.twilio.auth_token.expose().empty()) built.twilio_tokens[name] = c.twilio.auth_token;
    add(std::make_unique<delivery::TwilioMessaging>(
        http, clock,
        delivery::TwilioMessagingOptions{account_of(c.twilio), c.from, c.messaging_service_sid, c.whatsapp_from,
                                         c.whatsapp_content}));
  }
  void operator()(const HttpHookConfig& c) const {
    delivery::HttpHookOptions options;
    options.url = c.url;
    for (const auto& secret : c.secrets) {
      auto parsed = crypto::WebhookSecret::parse(secret.expose());
      CS_CHECK(parsed.has_value());  // Validated with the configuration.
      options.secrets.push_back(*std::move(parsed));
    }
    options.channels = channels_of(config, name);
    if (c.private_addresses) options.addresses = delivery::AddressPolicy::kAny;
    if (c.url.starts_with("http://")) options.plain_http = delivery::PlainHttp::kAllowed;
    options.timeout = c.timeout;
    add(std::make_unique<delivery::HttpHook>(http, clock, std::move(options)));
  }
  void operator()(const HttpGatewayConfig& c) const {
    auto options = c.gateway;
    options.channels = channels_of(config, name);
    if (options.reports) built.gateway_reports[name] = *options.reports;
    if (options.inbound) built.gateway_inbound[name] = *options.inbound;
    add(std::make_unique<delivery::HttpGateway>(http, clock, std::move(options)));
  }
  void operator()(const SmtpConfig& c) const {
    delivery::SmtpSenderOptions options;
    options.server = {.host = c.host,
                      .port = c.port,
                      .tls = tls_of(c.tls),
                      .user = c.user,
                      .password = c.password,
                      .helo = c.from.substr(c.from.find('@') + 1),
                      .ca_bundle = c.ca_file.string(),
                      .timeout = c.timeout,
                      .connections_max = static_cast<std::size_t>(c.connections)};
    options.from = c.from;
    options.from_name = c.from_name;
    options.return_path = c.return_path;
    options.tags_returns = c.tags_returns;
    add(std::make_unique<delivery::SmtpSender>(clock, std::move(options)));
  }
  void operator()(const TwilioVoiceConfig& c) const {
    built.twilio_tokens[name] = c.twilio.auth_token;
    built.call_voices[name] = c.voices;
    add(std::make_unique<delivery::TwilioVoice>(http, clock,
                                                delivery::TwilioVoiceOptions{account_of(c.twilio), c.from, c.voices}));
  }
  void operator()(const WhatsappCloudConfig& c) const {
    built.whatsapp_hooks[name] = {c.app_secret, c.verify_token, c.previous_app_secret, c.phone_number_id};
    delivery::WhatsappCloudOptions options{.phone_number_id = c.phone_number_id,
                                           .access_token = c.access_token,
                                           .api_version = c.api_version,
                                           .template_name = c.template_name,
                                           .languages = c.languages,
                                           .base_url = c.base_url};
    if (c.base_url.starts_with("http://")) options.plain_http = delivery::PlainHttp::kAllowed;
    options.timeout = c.timeout;
    add(std::make_unique<delivery::WhatsappCloud>(http, clock, std::move(options)));
  }
  void operator()(const InboxConfig&) const { add(std::make_unique<delivery::Inbox>(inbox, outage)); }
};

/// With a margin, and at least what the defaults need: three requests to Twilio Verify. A webhook has 5 s, which is
/// fixed.
Duration longest_call_of(const Config& config) {
  Duration longest = std::chrono::seconds(30);
  for (const auto& [name, provider] : config.providers) {
    Duration call{};
    if (const auto* verify = std::get_if<TwilioVerifyConfig>(&provider)) call = 3 * Duration(verify->twilio.timeout);
    if (const auto* messaging = std::get_if<TwilioMessagingConfig>(&provider)) call = messaging->twilio.timeout;
    if (const auto* hook = std::get_if<HttpHookConfig>(&provider)) call = hook->timeout;
    if (const auto* gateway = std::get_if<HttpGatewayConfig>(&provider)) call = gateway->gateway.timeout;
    if (const auto* mail = std::get_if<SmtpConfig>(&provider)) call = mail->timeout;
    if (const auto* voice = std::get_if<TwilioVoiceConfig>(&provider)) call = voice->twilio.timeout;
    if (const auto* whatsapp = std::get_if<WhatsappCloudConfig>(&provider)) call = whatsapp->timeout;
    longest = std::max(longest, call + std::chrono::seconds(5));
  }
  return longest;
}

}  // namespace

namespace {

usecase::SignalSettings signal_of(const std::string& name, const SignalConfig& config) {
  const bool is_model = std::holds_alternative<HttpModelConfig>(config.source);
  const auto* lookup = std::get_if<TwilioLookupConfig>(&config.source);
  usecase::SignalSettings signal;
  signal.name = name;
  signal.types = {config.types.begin(), config.types.end()};
  signal.about_line = !is_model;
  signal.tells_sim_swap = lookup != nullptr ? lookup->sim_swap : !is_model;
  signal.tells_line_type = lookup != nullptr && lookup->line_type;
  signal.tells_score = is_model;
  signal.cost = config.cost;
  return signal;
}

/// Everything except the accounts.
usecase::Settings settings_without_accounts(const Config& config, Random& random) {
  usecase::Settings settings;
  settings.public_url = config.public_url;
  settings.node = node_name(random);
  settings.longest_call = longest_call_of(config);
  settings.transactions = config.transactions;
  settings.money = money_of(config);
  settings.notices_per_contact = config.notices.per_contact;
  settings.test_mode = config.test_mode.enabled;
  settings.test_data_kept = config.test_mode.keep;
  for (const auto& [name, signal] : config.signals) settings.signals.push_back(signal_of(name, signal));
  settings.sim_swap_acts = config.sim_swap_acts;
  settings.private_webhooks = config.webhooks_private_addresses;
  settings.risk_guard = config.risk.guard;
  settings.review_within = config.risk.review_within;
  settings.review_by_two = config.risk.review_by_two;
  if (auto keys = push_keys_of(config.secrets, config.push.subject); !keys.empty())
    settings.push = {std::make_shared<delivery::PushKeys>(std::move(keys)), push_endpoints_of(config)};
  for (const auto& [name, policy] : config.policies) settings.policies[name] = policy;
  return settings;
}

constexpr std::int64_t kExpectedAtHome = 1'000;  ///< As limits.sends_per_country has it unless it is set.

/// `account_id(name)` and `service_id(account, name)` return the id, or nothing for one to be left out.
template <class AccountIdOf, class ServiceIdOf>
std::map<AccountId, usecase::AccountSettings> accounts_of(const Config& config, AccountIdOf account_id,
                                                          ServiceIdOf service_id) {
  std::map<AccountId, usecase::AccountSettings> accounts;
  for (const auto& account : config.accounts) {
    const std::optional<AccountId> id = account_id(account.name);
    if (!id) continue;
    usecase::AccountSettings out{*id, account.name, account.limits, IpFilter(account.ip_allow, account.ip_deny), {}};
    out.budgets = budgets_of(account, config.money);
    for (const auto& service : config.services) {
      if (service.account != account.name) continue;
      const std::optional<ServiceId> known = service_id(*id, service.name);
      if (!known) continue;
      out.services.push_back(service_of(config, service, *known));
      if (service.budget) out.budgets.services[*known] = budget_of(*service.budget, config.money);
    }
    if (out.services.empty()) continue;
    out.pumping = account.pumping;
    // Where its people are expected to be, unless the configuration says what is.
    for (const auto& service : out.services) out.pumping.expected.try_emplace(service.default_region, kExpectedAtHome);
    out.risk = risk_rules_of(config.risk, account.name, "");
    out.settle();
    // Even if test mode is off: test data must be deleted.
    bool whole = true;
    auto twin = usecase::test_twin_of(out, [&](const usecase::ServiceSettings& service) {
      const std::optional<ServiceId> known = service_id(test_twin_of(*id), service.name);
      whole = whole && known.has_value();
      return known.value_or(ServiceId{});
    });
    if (whole) accounts.emplace(twin.id, std::move(twin));
    accounts.emplace(*id, std::move(out));
  }
  return accounts;
}

}  // namespace

std::optional<AccountId> account_named(const usecase::Settings& settings, std::string_view name) {
  for (const auto& [id, account] : settings.accounts) {
    if (account.name == name && !is_test(id)) return id;
  }
  return std::nullopt;
}

Result<usecase::Settings, store::StoreError> make_settings(const Config& config, store::Store& store, Clock& clock,
                                                           Random& random) {
  usecase::Settings settings = settings_without_accounts(config, random);
  auto accounts = store.transact_now([&](store::Tx& tx) {
    Moment moment{clock.now(), random};
    return accounts_of(
        config, [&](const std::string& name) { return store::ensure_account(tx, name, moment); },
        [&](const AccountId& id, const std::string& name) { return store::ensure_service(tx, id, name, moment); });
  });
  if (!accounts) return fail(accounts.error());
  settings.accounts = *std::move(accounts);
  for (const auto& [name, told] : config.shared_signals) {
    if (const auto id = account_named(settings, told.account)) settings.shared_signals.insert(*id);
  }
  return settings;
}

usecase::Settings settings_of_known(const Config& config, store::Tx& tx, Random& random) {
  usecase::Settings settings = settings_without_accounts(config, random);
  settings.accounts = accounts_of(
      config, [&](const std::string& name) { return store::find_account(tx, name); },
      [&](const AccountId& id, const std::string& name) { return store::find_service(tx, id, name); });
  return settings;
}

BuiltProviders build_providers(const Config& config, delivery::HttpClient& for_codes, delivery::HttpClient& for_others,
                               Clock& clock, delivery::InboxSink inbox, delivery::InboxOutage* outage) {
  BuiltProviders built;
  BuiltProviders again;
  for (const auto& [name, provider] : config.providers) {
    std::visit(Build{config, name, for_codes, clock, inbox, outage, built}, provider);
    std::visit(Build{config, name, for_others, clock, inbox, outage, again}, provider);
  }
  std::ranges::move(again.senders, std::back_inserter(built.senders));
  built.by_name.notice_senders = std::move(again.by_name.senders);
  return built;
}

}  // namespace countersign::main
