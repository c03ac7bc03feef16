#pragma once

#include <string_view>

#include "main/config/reader.h"

namespace countersign::main {

// One function for each part of the configuration. They report errors to the section's reader.

/// `where`, for a missing key: which file should hold it.
void read_secrets(Section section, std::string_view where, SecretsConfig& out);
void read_limits(Section section, domain::Limits& out);
void read_retention(Section section, RetentionConfig& out);
void read_test_mode(Section section, TestModeConfig& out);
void read_transactions(Section section, domain::TransactionTimes& out);
void read_notices(Section section, NoticesConfig& out);
/// `pumping` and `expected` of the table `risk`, of the server or of an account.
void read_pumping(Section& section, risk::PumpingSettings& out);
/// Needs mode and public_url.
void read_push(Section section, Config& config);
/// Fraud rules, reviews and the guard, of `risk`.
void read_risk_rules(Section& risk, Config& config);
/// Refuses rules for accounts and services that are not there. Needs all that is read.
void check_risk_rules(Section& whole, const Config& config);
/// The rules that the text of a file, named `file`, gives an account: its `[[risk.rules]]` and `[risk.built_in.NAME]`
/// over the built-in ones. Otherwise a sentence.
[[nodiscard]] Result<std::vector<risk::Rule>, std::string> rules_of_file(std::string_view text, const std::string& file,
                                                                         std::string_view account);
/// What check-config warns of: rules that contradict each other, or match everybody. One sentence each.
[[nodiscard]] std::vector<std::string> doubts_about_rules(const Config& config, const ServiceConfig& service);
/// Whether push services accept that subject of VAPID: an address that can be reached. Apple answers 403 to others.
[[nodiscard]] bool is_push_subject(std::string_view text);
/// `push_page` of a service. Needs what read_push() reads, and secrets.
void read_push_page(Section& section, const Config& config, ServiceConfig& service);

/// Reads providers, policies, accounts and services in that order, because they refer to one another. Needs mode,
/// public_url and limits.
void read_providers(Section& whole, Config& config);
void read_policies(Section& whole, Config& config);
void read_accounts(Section& whole, Config& config);
void read_services(Section& whole, Config& config);

/// What messages may cost: `risk.money`, before accounts and services, which have budgets of their own.
void read_money(Section section, Config& config);
void read_budgets(Section section, const std::string& currency, BudgetsConfig& out);
void read_service_budget(Section section, const std::string& currency, std::optional<std::int64_t>& out);
/// Once everything is read: whether each price can be counted.
void check_money(Section& whole, const Config& config);
[[nodiscard]] domain::Exchange exchange_of(const MoneyConfig& money);
/// For check-config: providers of which a price is not known.
[[nodiscard]] std::vector<std::string> unpriced(const Config& config);
/// `signals` and `sim_swap_acts` of the table `risk`. Needs mode.
void read_signals(Section& risk, Config& config);
/// The tables `shared_signals`. Needs mode, public_url and the accounts.
void read_shared_signals(Section& whole, Config& config);
/// What check-config warns of: a source that nobody asks, and what else it lacks. One sentence each.
[[nodiscard]] std::vector<std::string> lacks_of(const std::string& name, const SignalConfig& signal,
                                                const Config& config);
/// For check-config: `CAMARA SIM Swap, within 1500ms, for payout.change`.
[[nodiscard]] std::string to_text(const SignalConfig& signal);

/// A provider of the type http_gateway.
[[nodiscard]] HttpGatewayConfig read_http_gateway(Section& section, Mode mode);
/// What check-config warns of: what a gateway can do, but is not told. One sentence each.
[[nodiscard]] std::vector<std::string> lacks_of(const std::string& name, const HttpGatewayConfig& config);
/// `key` of the section: a provider's name, a list in order, or a table of weights.
[[nodiscard]] ProviderListConfig read_provider_list(Section& section, std::string_view key, const Config& config);
void read_prices(Section section, Prices& out);
/// For people: `Twilio Messaging`.
[[nodiscard]] std::string_view kind_of(const ProviderConfig& provider);
/// All that may carry messages of that channel, once each, the channel's own first.
[[nodiscard]] std::vector<std::string> providers_of(const ServiceConfig& service, contact::Channel channel);
/// For check-config: `a, then b`, or `a (weight 3), b (weight 1)`.
[[nodiscard]] std::string to_text(const ProviderListConfig& list);

/// A Verify service of Twilio holds one pending verification per number: refuses a service that shares one with another
/// account. `service` is not in the configuration yet.
void check_verify_services(Section& section, const Config& config, const ServiceConfig& service);

/// The methods available at the service: by its channels, and by apps, passkeys and phones with the
/// mobile SDKs, which need no provider.
[[nodiscard]] domain::MethodSet offered_by(const ServiceConfig& service);
/// Whether these can satisfy the policy. A device with a page to open answers with the number of the asking page.
[[nodiscard]] bool can_meet(const domain::Policy& policy, const ServiceConfig& service);

/// Warnings of check-config about transactions whose approval is not bound to anything displayed. One sentence each.
[[nodiscard]] std::vector<std::string> weak_approvals(const Config& config, const ServiceConfig& service);

/// A service's look on the pages, and its time zone.
void read_branding(Section section, ServiceConfig& service);
void read_time_zone(Section& section, ServiceConfig& service);

/// Passkeys of a service: the table `webauthn` and its defaults, from the public URL.
void read_webauthn(Section section, const Config& config, ServiceConfig& service);
/// Of it, the pages elsewhere and the apps. Needs RP ID and origins.
void read_elsewhere(Section& section, WebauthnConfig& out);
/// Those defaults alone; nothing where the public URL has no host that passkeys can be bound to.
[[nodiscard]] std::optional<WebauthnConfig> default_webauthn(const Config& config);
/// What to change if not page_may_ask(): part of a sentence.
[[nodiscard]] std::string way_to_ask_on_page(const WebauthnConfig& webauthn, std::string_view public_url);

/// Whom to contact about a change: the service's own text, the server's, or the support contact. Needs the branding.
void read_objection(Section section, const Config& config, ServiceConfig& service);

/// Defaults of development mode: the inbox for every channel, an account, a service and a policy, each called
/// `default`.
void add_development_defaults(Config& config);

/// Whether a configured name may be shown, logged and used in paths: `[a-z0-9][a-z0-9_-]{0,39}`.
[[nodiscard]] bool is_name(std::string_view text);

/// The origin in canonical form: http or https, a host, an optional port, and nothing more. Nothing if invalid.
[[nodiscard]] std::optional<std::string> parse_origin(std::string_view text);
[[nodiscard]] std::string host_of_origin(std::string_view origin);

/// Reads the whole `[tracing]` table.
void read_tracing(Section tracing, Config& config);

}  // namespace countersign::main
