#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "domain/display.h"
#include "domain/message.h"
#include "domain/return_url.h"
#include "main/config/parts.h"
#include "main/config/units.h"

namespace countersign::main {

namespace {

using contact::Channel;
using std::chrono::minutes;

constexpr std::string_view kDefault = "default";
constexpr std::string_view kTwilio = "twilio";
constexpr std::string_view kChannelForm = "one of sms, call, whatsapp, email, push";

template <class Named>
bool has_named(const std::vector<Named>& list, std::string_view name) {
  return std::ranges::find(list, name, &Named::name) != list.end();
}

AccountConfig read_account(Section section, const Config& config) {
  AccountConfig account;
  account.limits = config.limits;
  account.pumping = config.pumping;
  section.text("name", account.name);
  if (!is_name(account.name)) section.fail("name", "must be a short name of a-z, 0-9, - and _");
  section.parsed_list("ip_allow", account.ip_allow, Cidr::parse, "a network such as 203.0.113.0/24 or an address");
  section.parsed_list("ip_deny", account.ip_deny, Cidr::parse, "a network such as 203.0.113.0/24 or an address");
  read_limits(section.section("limits"), account.limits);
  account.budgets = config.money.budgets;
  read_budgets(section.section("money"), config.money.currency, account.budgets);
  auto fraud = section.section("risk");
  read_pumping(fraud, account.pumping);
  fraud.finish();
  section.finish();
  return account;
}

bool serves(const ProviderConfig& provider, Channel channel) {
  if (std::holds_alternative<TwilioVerifyConfig>(provider)) return channel != Channel::kPush;
  if (const auto* messaging = std::get_if<TwilioMessagingConfig>(&provider)) {
    if (channel == Channel::kSms) return !messaging->from.empty() || !messaging->messaging_service_sid.empty();
    return channel == Channel::kWhatsapp &&
           (!messaging->whatsapp_from.empty() || !messaging->messaging_service_sid.empty());
  }
  if (std::holds_alternative<SmtpConfig>(provider)) return channel == Channel::kEmail;
  if (std::holds_alternative<HttpGatewayConfig>(provider)) return channel == Channel::kSms;
  return true;
}

void read_channels(Section section, const Config& config, ServiceConfig& service) {
  for (const auto& name : section.names()) {
    const auto channel = contact::parse_channel(name);
    if (!channel) {
      section.fail(name, fmt::format("is no channel; it must be {}", kChannelForm));
      continue;
    }
    auto list = read_provider_list(section, name, config);
    for (const auto& provider : list.names) {
      const auto found = config.providers.find(provider);
      if (found != config.providers.end() && !serves(found->second, *channel))
        section.fail(name, fmt::format("names the provider \"{}\", which does not serve this channel", provider));
    }
    if (list.names.empty()) continue;
    service.channels[*channel] = list.names.front();
    if (list.names.size() > 1) service.lists[*channel] = std::move(list);
  }
}

/// A mailbox is another source than a telephone line, and is chosen by nobody for it.
void read_automatic(Section& section, ServiceConfig& service) {
  if (!section.has("auto")) return;
  section.parsed_list("auto", service.automatic, contact::parse_channel, "a list of sms, whatsapp and call");
  for (auto channel = service.automatic.begin(); channel != service.automatic.end(); ++channel) {
    if (!contact::uses_phone(*channel))
      section.fail("auto", fmt::format("names {}, which is no channel of a telephone line; name sms, whatsapp and call",
                                       contact::to_text(*channel)));
    if (std::find(service.automatic.begin(), channel, *channel) != channel)
      section.fail("auto", fmt::format("names {} twice", contact::to_text(*channel)));
  }
}

std::optional<std::string> parse_region(std::string_view text) {
  const bool is_region = text.size() == 2 && std::ranges::all_of(text, is_upper);
  return is_region ? std::optional(std::string(text)) : std::nullopt;
}

/// A routing rule diverts, so its channel must have a provider of its own; and the rule's providers must support the
/// messages that they may get.
void check_route(Section& section, std::string_view key, const Config& config, const ServiceConfig& service,
                 const RoutingRuleConfig& route) {
  if (route.channel && !service.channels.contains(*route.channel)) {
    section.fail("channel", "has no provider in the service's channels; a route only diverts what has one");
  }
  for (const auto& name : route.list.names) {
    const auto found = config.providers.find(name);
    if (found == config.providers.end()) return;  // Said already.
    for (const auto& [channel, provider] : service.channels) {
      if ((!route.channel || *route.channel == channel) && !serves(found->second, channel)) {
        section.fail(key,
                     fmt::format("names \"{}\", which does not serve the channel {}", name, contact::to_text(channel)));
      }
    }
  }
}

/// One of the three ways to name providers.
std::string_view key_of_route(Section& section) {
  std::string_view key = "provider";
  int named = 0;
  for (const std::string_view way : {"provider", "providers", "weights"}) {
    if (!section.has(way)) continue;
    key = way;
    ++named;
  }
  if (named > 1) section.fail(key, "cannot stand beside another of provider, providers and weights");
  return key;
}

void read_routes(Section& service_section, const Config& config, ServiceConfig& service) {
  for (auto& section : service_section.sections("routes")) {
    RoutingRuleConfig route;
    const auto key = key_of_route(section);
    route.list = read_provider_list(section, key, config);
    section.parsed("channel", route.channel, contact::parse_channel, kChannelForm);
    section.parsed_list("countries", route.countries, parse_region, "two capital letters such as BR");
    section.integer("percent", route.percent, 0, 100);
    check_route(section, key, config, service, route);
    section.finish();
    if (!route.list.names.empty()) service.routing_rules.push_back(std::move(route));
  }
}

/// Twilio's three variables alone are enough to send real messages: they replace the phone channels of the service
/// called default, in development mode too.
void let_environment_choose_twilio(const Section& whole, ServiceConfig& service) {
  if (service.name != kDefault || !whole.is_named_apart("providers.twilio.service_sid")) return;
  for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp}) {
    service.channels[channel] = kTwilio;
    service.lists.erase(channel);
  }
}

void read_codes(Section& section, ServiceConfig& service) {
  section.flag("allow_short_codes", service.loosened.short_codes);
  section.flag("allow_wide_totp_window", service.loosened.wide_totp_window);
  const auto widest = domain::code_length_bounds({.short_codes = true, .wide_totp_window = false});
  section.integer("code_length", service.code_length, static_cast<int>(widest.least), static_cast<int>(widest.most));
  if (!domain::code_length_bounds(service.loosened).hold(service.code_length)) {
    section.fail("code_length",
                 fmt::format("is {}; codes below 6 digits are guessed too easily, so allow_short_codes = true "
                             "must say that this is meant",
                             service.code_length));
  }
  const auto ttl = domain::code_ttl_bounds();
  section.duration("code_ttl", service.code_ttl, ttl.least, ttl.most);
}

std::optional<std::string> parse_locale(std::string_view text) {
  for (const std::string_view locale : {"en", "pt-BR", "es"}) {
    if (text == locale) return std::string(locale);
  }
  return std::nullopt;
}

/// An ASCII host without scheme or port. [SMS-2]
std::optional<std::string> parse_host(std::string_view text) {
  const auto origin = parse_origin(fmt::format("https://{}", text));
  return origin && text.find_first_of(":/") == std::string_view::npos ? std::optional(host_of_origin(*origin))
                                                                      : std::nullopt;
}

std::optional<std::string> parse_return_url(std::string_view text) {
  return domain::is_return_prefix(text) ? std::optional(std::string(text)) : std::nullopt;
}

/// Whether one of the providers of text messages sends ours.
bool writes_texts(const Config& config, const ServiceConfig& service) {
  return std::ranges::any_of(providers_of(service, Channel::kSms), [&](const std::string& name) {
    const auto provider = config.providers.find(name);
    return provider != config.providers.end() && !std::holds_alternative<TwilioVerifyConfig>(provider->second);
  });
}

/// Our text must fit into one text message, whatever is displayed. [SMS-3] Twilio Verify writes its own.
void check_text_messages(Section& section, const Config& config, const ServiceConfig& service) {
  if (!writes_texts(config, service)) return;
  const std::string& name = service.branding.name.empty() ? service.friendly_name : service.branding.name;
  const auto septets =
      domain::longest_text_message(name, service.origin_host, static_cast<std::size_t>(service.code_length));
  if (septets <= 160) return;
  section.fail(
      "origin_host",
      fmt::format("is {}, with which a text message can have {} characters where one holds 160; "
                  "choose a host of {} characters or fewer",
                  service.origin_host, septets,
                  service.origin_host.size() - std::min<std::size_t>(septets - 160, service.origin_host.size())));
}

}  // namespace

domain::MethodSet offered_by(const ServiceConfig& service) {
  domain::MethodSet methods{domain::Method::kTotp, domain::Method::kPush, domain::Method::kRecoveryCode};
  if (service.webauthn) methods.add(domain::Method::kWebauthn);
  for (const auto& [channel, provider] : service.channels) methods.add(domain::method_of(channel));
  return methods;
}

bool can_meet(const domain::Policy& policy, const ServiceConfig& service) {
  using enum domain::PushAnswers;
  return domain::can_be_met(policy, offered_by(service),
                            service.push_page.empty() && !service.push_on_pages ? kBare : kWithNumber);
}

namespace {

void read_policy_names(Section& section, const Config& config, ServiceConfig& service) {
  service.policies.clear();
  section.texts("policies", service.policies);
  const bool all = service.policies.empty() && config.policies.contains(std::string(kDefault));
  if (all) service.policies.emplace_back(kDefault);
  if (service.policies.empty())
    section.fail("policies", "is missing; name at least one of [policies.…], the first is the default");
  for (const auto& name : service.policies) {
    const auto policy = config.policies.find(name);
    if (policy == config.policies.end()) {
      section.fail("policies", fmt::format("names \"{0}\", which is not there; add [policies.{0}]", name));
      continue;
    }
    if (!can_meet(policy->second, service)) {
      section.fail("policies",
                   fmt::format("names \"{}\", which can never be met: the service has no provider for enough "
                               "of its channels, and a push from the mobile SDKs is never enough alone",
                               name));
    }
  }
  for (const auto& [name, policy] : config.policies) {
    // The default is all policies, so one that cannot be met at this service is left out.
    if (all && name != kDefault && can_meet(policy, service)) service.policies.push_back(name);
  }
}

/// How long new sources wait, and which are founding. [STD-2, STD-3, STD-5]
void read_standing(Section section, domain::standing::Rules& rules) {
  using std::chrono::hours;
  constexpr Duration kLongest = hours(24 * 365);
  section.duration("founding", rules.founding, Duration::zero(), hours(24 * 30));
  section.duration("wait", rules.wait, minutes(1), kLongest);
  rules.wait_alone = std::max(rules.wait_alone, rules.wait);
  section.duration("wait_alone", rules.wait_alone, minutes(1), kLongest);
  section.duration("vouch_wait", rules.vouch_wait, hours(1), kLongest);
  section.duration("no_notice", rules.no_notice, minutes(1), hours(24 * 7));
  section.duration("remember", rules.remember, hours(24), kLongest);
  section.duration("operation", rules.operation, minutes(2), hours(1));
  section.duration("lapse", rules.lapse, hours(1), kLongest);
  if (const auto fault = domain::standing::rules_fault(rules))
    section.fail_here(fmt::format("does not work: {}", *fault));
  section.finish();
}

/// Which other services may count its sources. [STD-12]
void read_sharing(Section section, std::map<std::string, Duration, std::less<>>& shared_with) {
  for (const auto& name : section.names()) {
    Duration wait{};
    section.duration(name, wait, minutes(1), std::chrono::hours(24 * 365));
    shared_with.emplace(name, wait);
  }
  section.finish();
}

/// The largest `min_kinds` of its policies: adding a source needs that many kinds. [STD-4]
void note_kinds(const Config& config, ServiceConfig& service) {
  for (const auto& name : service.policies) {
    const auto policy = config.policies.find(name);
    if (policy != config.policies.end())
      service.standing.max_min_kinds = std::max(service.standing.max_min_kinds, policy->second.min_kinds);
  }
}

ServiceConfig read_service(Section section, const Config& config) {
  ServiceConfig service;
  service.account = kDefault;
  section.text("account", service.account);
  if (!has_named(config.accounts, service.account)) {
    section.fail("account", fmt::format("names \"{}\", which is not there; add it as [[accounts]]", service.account));
  }
  section.text("name", service.name);
  if (!is_name(service.name)) section.fail("name", "must be a short name of a-z, 0-9, - and _");
  service.friendly_name = service.name;
  section.text("friendly_name", service.friendly_name);
  if (!domain::is_showable(service.friendly_name, 64)) {
    section.fail("friendly_name", "must be 1 to 64 characters without control characters");
  }
  read_codes(section, service);
  section.parsed("default_region", service.default_region, parse_region, "two capital letters such as BR");
  section.parsed("locale", service.locale, parse_locale, "en, pt-BR or es");
  service.totp_issuer = service.friendly_name;
  section.text("totp_issuer", service.totp_issuer);
  if (!domain::is_showable(service.totp_issuer, 64) || service.totp_issuer.find(':') != std::string::npos) {
    section.fail("totp_issuer", "must be 1 to 64 characters without a colon or control characters");  // URI-1
  }
  service.origin_host = host_of_origin(config.public_url);
  section.parsed("origin_host", service.origin_host, parse_host, "a host such as verify.example.com");
  read_channels(section.section("channels"), config, service);
  read_automatic(section, service);
  let_environment_choose_twilio(section, service);
  read_routes(section, config, service);
  read_webauthn(section.section("webauthn"), config, service);
  read_push_page(section, config, service);
  read_policy_names(section, config, service);
  section.parsed_list("return_urls", service.return_urls, parse_return_url,
                      "an http or https URL without query and fragment, such as https://app.example.com/");
  note_kinds(config, service);
  read_standing(section.section("standing"), service.standing);
  read_sharing(section.section("shared_with"), service.shared_with);
  read_service_budget(section.section("money"), config.money.currency, service.budget);
  read_time_zone(section, service);
  read_branding(section.section("branding"), service);
  read_objection(section.section("notices"), config, service);
  check_text_messages(section, config, service);
  section.finish();
  return service;
}

}  // namespace

void add_development_defaults(Config& config) {
  config.providers["inbox"] = InboxConfig{};
  domain::Policy policy;
  policy.any_of = {domain::Method::kSms, domain::Method::kCall, domain::Method::kWhatsapp, domain::Method::kTotp};
  policy.enrol = {domain::Method::kTotp};
  if (!config.secrets.push_key.expose().empty()) policy.any_of.add(domain::Method::kPush);
  config.policies[std::string(kDefault)] = policy;
}

void read_accounts(Section& whole, Config& config) {
  for (auto& section : whole.sections("accounts")) {
    auto account = read_account(section, config);
    if (has_named(config.accounts, account.name)) section.fail("name", "is the name of another account, too");
    config.accounts.push_back(std::move(account));
  }
  if (config.accounts.empty() && !whole.has("accounts")) {
    config.accounts.push_back({.name = std::string(kDefault),
                               .ip_allow = {},
                               .ip_deny = {},
                               .limits = config.limits,
                               .budgets = config.money.budgets,
                               .pumping = config.pumping});
  }
}

void read_services(Section& whole, Config& config) {
  for (auto& section : whole.sections("services")) {
    auto service = read_service(section, config);
    if (has_named(config.services, service.name)) section.fail("name", "is the name of another service, too");
    check_verify_services(section, config, service);
    config.services.push_back(std::move(service));
  }
  if (config.services.empty() && config.mode == Mode::kDevelopment) {
    ServiceConfig service;
    service.account = config.accounts.empty() ? kDefault : config.accounts.front().name;
    service.name = kDefault;
    // Looks like an application's own service: with a brand and a time zone. Palco is the box office's brand.
    service.friendly_name = service.totp_issuer = service.branding.name = "Palco";
    service.time_zone = html::Zone::by_rule("<-03>3", "America/Sao_Paulo").value_or(html::Zone());
    service.origin_host = host_of_origin(config.public_url);
    service.webauthn = default_webauthn(config);
    service.push_on_pages = !config.secrets.push_key.expose().empty();
    for (const auto channel : {Channel::kSms, Channel::kCall, Channel::kWhatsapp, Channel::kEmail}) {
      service.channels[channel] = "inbox";
    }
    service.objection = config.notices.objection.empty() ? "support" : config.notices.objection;
    let_environment_choose_twilio(whole, service);
    service.policies = {std::string(kDefault)};
    note_kinds(config, service);
    config.services.push_back(std::move(service));
  }
  for (const auto& service : config.services) {
    for (const auto& [name, wait] : service.shared_with) {
      const auto other = std::ranges::find(config.services, name, &ServiceConfig::name);
      if (other == config.services.end() || other->account != service.account || name == service.name)
        whole.fail("services",
                   fmt::format("has shared_with at \"{}\" for \"{}\", which is no other service of its account",
                               service.name, name));
    }
  }
  if (config.services.empty()) {
    whole.fail("services", "is missing; add [[services]] with at least a name, channels and policies");
  }
}

}  // namespace countersign::main
