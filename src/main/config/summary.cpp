#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "domain/message.h"
#include "main/config/config.h"
#include "main/config/metadata_file.h"
#include "main/config/parts.h"
#include "main/config/units.h"

namespace countersign::main {

std::string_view kind_of(const ProviderConfig& provider) {
  if (std::holds_alternative<TwilioVerifyConfig>(provider)) return "Twilio Verify";
  if (std::holds_alternative<TwilioMessagingConfig>(provider)) return "Twilio Messaging";
  if (std::holds_alternative<HttpHookConfig>(provider)) return "HTTP hook";
  if (std::holds_alternative<HttpGatewayConfig>(provider)) return "HTTP gateway";
  if (std::holds_alternative<SmtpConfig>(provider)) return "mail server";
  if (std::holds_alternative<TwilioVoiceConfig>(provider)) return "Twilio Voice";
  if (std::holds_alternative<WhatsappCloudConfig>(provider)) return "WhatsApp Cloud API";
  return "development inbox";
}

namespace {

/// [STD-7] Who can be notified of changes, and the effect if nobody can.
std::string describe_notices(const ServiceConfig& service, const Config& config) {
  const auto sends_text = [&](const std::string& provider, contact::Channel channel) {
    const auto& found = config.providers.at(provider);
    return !std::holds_alternative<TwilioVerifyConfig>(found) && shows_display(found, channel);
  };
  std::string by;
  for (const auto& [channel, provider] : service.channels) {
    const auto carries = [&](const std::string& one) { return sends_text(one, channel); };
    if (channel == contact::Channel::kPush || std::ranges::none_of(providers_of(service, channel), carries)) continue;
    by += fmt::format("{}{}", by.empty() ? "" : ", ", contact::to_text(channel));
  }
  if (!by.empty()) return fmt::format("\n  notices   by {}; \"{}\"", by, service.objection);
  return fmt::format(
      "\n  notices   NOBODY CAN BE TOLD of changes: the providers of this service send only their own codes. Add a"
      "\n            webhook endpoint that takes subject.source_added: a source that comes later then counts {} after"
      "\n            your answer 2xx. Without one it never does by itself, and your support must vouch for it.",
      to_text(service.standing.wait_alone));
}

std::string list_of(const std::vector<domain::Method>& methods) {
  std::string text;
  for (const auto method : methods) text += fmt::format("{}{}", text.empty() ? "" : ", ", domain::to_text(method));
  return text;
}

std::string describe_policy(const std::string& name, const domain::Policy& policy) {
  std::string text = fmt::format("\n  policy    {}: any of {}; {} kind{}", name, list_of(policy.any_of.list()),
                                 policy.min_kinds, policy.min_kinds == 1 ? "" : "s");
  if (policy.any_of.contains(domain::Method::kTotp)) text += policy.totp_alone ? "; totp alone" : "; totp not alone";
  if (policy.any_of.contains(domain::Method::kEmail))
    text += policy.email_alone ? "; email alone" : "; email not alone";
  if (policy.any_of.contains(domain::Method::kWebauthn)) {
    text += policy.user_verification ? "; passkeys verify the person" : "; passkeys by presence";
    if (policy.device_bound) text += ", of one device";
  }
  if (!policy.display_required) text += "; auto may hide what is approved";
  if (policy.trust_on_first_use) text += "; trust on first use";
  if (!policy.enrol.empty()) text += "; the page may add " + list_of(policy.enrol.list());
  if (policy.wait > Duration::zero()) text += "; a new source waits " + to_text(policy.wait) + " at least";
  return text;
}

/// Methods without a provider, and channels that no policy allows: usually a mistake.
std::string warn_of_ways(const ServiceConfig& service, const Config& config) {
  std::string text;
  domain::MethodSet used;
  const auto offered = offered_by(service);
  for (const auto& name : service.policies) {
    std::vector<domain::Method> idle;
    for (const auto method : config.policies.at(name).any_of.list()) {
      used.add(method);
      if (!offered.contains(method)) idle.push_back(method);
    }
    if (!idle.empty())
      text +=
          fmt::format("\n  warning   policy {} takes {}, for which the service has no provider", name, list_of(idle));
  }
  for (const auto& [channel, provider] : service.channels) {
    if (!used.contains(domain::method_of(channel)))
      text += fmt::format("\n  warning   {} is in no policy of the service: nothing is released by it",
                          contact::to_text(channel));
  }
  return text;
}

/// Providers that cannot work as they are set, and channels whose messages do not say what they approve.
std::string warn_of_carriers(const ServiceConfig& service, const Config& config) {
  std::string text;
  std::set<std::string_view> seen;
  for (const auto& [channel, name] : service.channels) {
    const auto& provider = config.providers.at(name);
    if (!shows_display(provider, channel) && !std::holds_alternative<TwilioVerifyConfig>(provider))
      text += fmt::format("\n  note      {} shows the code alone: what it approves is on the page",
                          contact::to_text(channel));
    if (!seen.insert(name).second) continue;
    for (const auto& lack : lacks_of(name, provider, config)) text += fmt::format("\n  warning   {}", lack);
  }
  return text;
}

std::string warn_of_unused_policies(const Config& config) {
  std::string text;
  for (const auto& [name, policy] : config.policies) {
    const bool used = std::ranges::any_of(config.services, [&name = name](const ServiceConfig& service) {
      return std::ranges::find(service.policies, name) != service.policies.end();
    });
    if (used) continue;
    const bool has_way = std::ranges::any_of(
        config.services, [&policy = policy](const ServiceConfig& service) { return can_meet(policy, service); });
    text += fmt::format("warning   policy {} {}\n", name,
                        has_way ? "is named by no service"
                                : "can be met at no service: none has a provider for enough of its channels");
  }
  return text;
}

/// The room that text messages leave for `display.short`, in the language with the least. Twilio Verify writes its own.
std::string describe_texts(const ServiceConfig& service, const Config& config) {
  const auto sms = service.channels.find(contact::Channel::kSms);
  if (sms == service.channels.end() || std::holds_alternative<TwilioVerifyConfig>(config.providers.at(sms->second)))
    return "";
  const domain::Display display{"-", domain::Amount{"99999.99", "BRL"}, "", {}, "-"};
  const int longest_code = std::max(service.code_length, domain::kSlowedCodeLength);
  std::size_t most = std::numeric_limits<std::size_t>::max();
  for (const std::string_view locale : {"pt-BR", "en", "es"}) {
    const domain::MessageParts parts{service.branding.name, locale, service.origin_host, 10};
    most = std::min(most, domain::short_line_room(display, static_cast<std::size_t>(longest_code), parts).most);
  }
  return fmt::format("\n  texts     a display.short of up to {} characters fits beside an amount of 99999.99", most);
}

std::string describe_metadata(const MetadataFile& file) {
  const auto known = file.current();
  if (!known) return "";
  const std::string next = to_rfc3339(known->next_update()).substr(0, 10);
  std::string text = fmt::format("\n  metadata  number {} of FIDO, {} models, the next due by {}", known->number(),
                                 known->size(), next);
  if (known->is_stale(file.read_at()))
    text += fmt::format(
        "\n  warning   {} is out of date since {}: what became known of authenticators since then is not in it",
        file.path().string(), next);
  return text;
}

/// The RP ID cannot be changed later, so it is shown before anybody has a passkey.
std::string describe_passkeys(const ServiceConfig& service, const Config& config) {
  const bool used = std::ranges::any_of(service.policies, [&](const std::string& name) {
    return config.policies.at(name).any_of.contains(domain::Method::kWebauthn);
  });
  if (!used || !service.webauthn) return "";
  std::string text = fmt::format("\n  passkeys  bound to {} for good, asked for at", service.webauthn->rp_id);
  for (const auto& origin : service.webauthn->origins) text += fmt::format(" {}", origin);
  const auto& elsewhere = *service.webauthn;
  for (const auto& origin : elsewhere.related_origins) text += fmt::format(" {}", origin);
  for (const auto& app : elsewhere.android_apps) text += fmt::format(" {}", app.package);
  for (const auto& app : elsewhere.apple_apps) text += fmt::format(" {}", app);
  if (!elsewhere.related_origins.empty() || !elsewhere.android_apps.empty() || !elsewhere.apple_apps.empty())
    text += fmt::format("\n            https://{}/.well-known/ must lead here, without a redirect", elsewhere.rp_id);
  if (elsewhere.metadata) text += describe_metadata(*elsewhere.metadata);
  if (!page_may_ask(elsewhere, config.public_url))
    text += fmt::format("\n  warning   the hosted page cannot ask for passkeys: {}",
                        way_to_ask_on_page(elsewhere, config.public_url));
  return text;
}

/// What a policy that names `push` gets, and what it takes to get more. [PUSH-8]
std::string describe_push(const ServiceConfig& service, const Config& config) {
  std::string alone;
  std::string beside;
  const bool by_page = service.push_on_pages || !service.push_page.empty();
  for (const auto& name : service.policies) {
    const auto& policy = config.policies.at(name);
    if (!policy.any_of.contains(domain::Method::kPush)) continue;
    std::string& list = by_page && policy.min_kinds == 1 ? alone : beside;
    list += fmt::format("{}{}", list.empty() ? "" : ", ", name);
  }
  if (alone.empty() && beside.empty()) return "";
  const std::string said =
      (alone.empty() ? "" : "; alone in " + alone) + (beside.empty() ? "" : "; beside another kind in " + beside);
  if (!service.push_page.empty()) return fmt::format("\n  push      devices open {}{}", service.push_page, said);
  if (by_page) return "\n  push      devices are enrolled and asked on the hosted pages" + said;
  const bool has_key = !config.secrets.push_key.expose().empty();
  return fmt::format("\n  push      only phones with the mobile SDKs{}\n            browsers need {}", said,
                     has_key ? "[push] subject: a mailbox or page that push services can reach"
                             : "secrets.push_key, which `countersign keys add --push` makes");
}

std::string describe_route(const RoutingRuleConfig& route) {
  std::string what(route.channel ? contact::to_text(*route.channel) : "messages");
  if (route.percent < 100) what = fmt::format("{} % of {}", route.percent, what);
  std::string countries;
  for (const auto& country : route.countries) countries += fmt::format(" {}", country);
  return fmt::format("\n  route     {}{}{}: {}", what, countries.empty() ? "" : " to", countries, to_text(route.list));
}

std::string describe(const ServiceConfig& service, const Config& config) {
  std::string text = fmt::format("service {} of account {}: codes of {} digits for {}", service.name, service.account,
                                 service.code_length, to_text(service.code_ttl));
  for (const auto& [channel, provider] : service.channels) {
    text +=
        fmt::format("\n  {:<9} {} ({}){}", contact::to_text(channel), provider, kind_of(config.providers.at(provider)),
                    contact::uses_phone(channel) ? ", restricted" : "");  // PSTN-1
    if (const auto list = service.lists.find(channel); list != service.lists.end())
      text += fmt::format("\n            {}", to_text(list->second));
  }
  for (const auto& route : service.routing_rules) text += describe_route(route);
  text += describe_passkeys(service, config);
  text += describe_push(service, config);
  text += describe_texts(service, config);
  text += describe_notices(service, config);
  for (const auto& policy : service.policies) text += describe_policy(policy, config.policies.at(policy));
  for (const auto& url : service.return_urls) text += fmt::format("\n  back to   {}", url);
  if (service.return_urls.empty())
    text += "\n  warning   return_urls is not set: whoever may hold can lead people from the page to any site";
  for (const auto& warning : weak_approvals(config, service)) text += fmt::format("\n  warning   {}", warning);
  for (const auto& warning : doubts_about_rules(config, service)) text += fmt::format("\n  warning   {}", warning);
  text += warn_of_ways(service, config);
  text += warn_of_carriers(service, config);
  const auto guesses = guesses_at(service, config).together;
  text += fmt::format("\n  guessing  {:.1e} right guesses a year against one person, at most", guesses);
  if (guesses > domain::kGuessBudgetMax) {
    text += fmt::format(
        "\n  warning   codes are guessed more easily than {:.0e} a year: longer codes, fewer attempts or no allow_… "
        "bring"
        " it down (docs/security-budget.md)",
        domain::kGuessBudgetMax);
  }
  return text;
}

/// What a day can cost at most, and what has no price.
std::string describe_money(const Config& config) {
  const auto& money = config.money;
  if (money.currency.empty())
    return "money     not counted: risk.money.currency is not set, so nothing stops at a sum\n";
  const auto sum = [&](std::int64_t micros) { return domain::to_text(domain::Price{micros, money.currency}); };
  std::string text;
  for (const auto& account : config.accounts) {
    const auto& day = account.budgets.day;
    text += day ? fmt::format(
                      "money     account {}: {} a UTC day for everybody, and {} % of it more for people with "
                      "proved contacts\n",
                      account.name, sum(*day), money.reserve)
                : fmt::format("warning   account {} has no budget: set risk.money.day\n", account.name);
  }
  std::string names;
  for (const auto& name : unpriced(config)) names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
  if (!names.empty())
    text += fmt::format(
        "warning   no price is known of {}: each message counts as the dearest of all; set "
        "providers.NAME.cost.default\n",
        names);
  return text;
}

const domain::Limits& limits_of(const ServiceConfig& service, const Config& config) {
  const auto found = std::ranges::find(config.accounts, service.account, &AccountConfig::name);
  return found == config.accounts.end() ? config.limits : found->limits;
}

bool any_policy_names(const ServiceConfig& service, const Config& config, domain::Method method) {
  return std::ranges::any_of(service.policies, [&](const std::string& name) {
    const auto found = config.policies.find(name);
    return found != config.policies.end() && found->second.any_of.contains(method);
  });
}

/// The worst of the channels of one kind, depending on who makes its codes; zero if there is none.
double guesses_by_channels(const ServiceConfig& service, const Config& config, const domain::GuessBudget& budget,
                           bool phone) {
  double worst = 0;
  for (const auto& [channel, provider] : service.channels) {
    if (contact::uses_phone(channel) != phone || channel == contact::Channel::kPush) continue;
    for (const auto& name : providers_of(service, channel)) {
      const bool theirs = std::holds_alternative<TwilioVerifyConfig>(config.providers.at(name));
      worst = std::max(worst, theirs ? budget.provider_line : budget.line);
    }
  }
  return worst;
}

}  // namespace

GuessExpectation guesses_at(const ServiceConfig& service, const Config& config) {
  const auto& limits = limits_of(service, config);
  const domain::GuessTerms terms{.code_length = service.code_length,
                                 .attempts_max = limits.attempts_max,
                                 .failures = limits.failures,
                                 .app_skew = service.loosened.wide_totp_window ? 2 : 1};
  GuessExpectation out{domain::guesses_in_a_year(terms), 0};
  out.together = guesses_by_channels(service, config, out.by_source, true) +
                 guesses_by_channels(service, config, out.by_source, false);
  if (any_policy_names(service, config, domain::Method::kTotp)) out.together += out.by_source.app;
  return out;
}

std::string summary(const Config& config, std::string_view store) {
  std::string text = fmt::format("mode      {}\n", config.mode == Mode::kProduction ? "production" : "development");
  for (const auto& listen : config.listen) {
    text += fmt::format("listen    {}{}\n", listen.to_text(), config.tls ? " (TLS)" : " (plain HTTP)");
  }
  text += fmt::format("metrics   {}\n", config.metrics.listen ? config.metrics.listen->to_text() : "off");
  if (!config.tracing.endpoint.empty())
    text +=
        fmt::format("traces    {} of what begins here, to {}\n", config.tracing.sample_ratio, config.tracing.endpoint);
  text += fmt::format("public    {}\n", config.public_url);
  text += fmt::format("data      {}\n", config.data_dir.string());
  text += fmt::format("store     {}\n", store);
  text += fmt::format("keys      {} sealing, current {}\n", config.secrets.seal_keys.size(),
                      config.secrets.current_seal_key);
  text += config.test_mode.enabled ? fmt::format("test mode on, its data kept for {}\n", to_text(config.test_mode.keep))
                                   : "test mode off\n";
  text += describe_money(config);
  for (const auto& service : config.services) text += describe(service, config) + "\n";
  for (const auto& [name, provider] : config.providers) {
    const auto* gateway = std::get_if<HttpGatewayConfig>(&provider);
    if (gateway == nullptr) continue;
    for (const auto& lack : lacks_of(name, *gateway)) text += fmt::format("warning   {}\n", lack);
  }
  for (const auto& [name, signal] : config.signals) {
    text += fmt::format("signal    {}: {}\n", name, to_text(signal));
    for (const auto& lack : lacks_of(name, signal, config)) text += fmt::format("warning   {}\n", lack);
  }
  for (const auto& [name, told] : config.shared_signals)
    text += fmt::format("told by   {}: {} at {}/v1/shared-signals/{}, keys {}\n", name, told.issuer, config.public_url,
                        name, told.jwks_url.empty() ? "of a file" : told.jwks_url);
  return text + warn_of_unused_policies(config);
}

}  // namespace countersign::main
