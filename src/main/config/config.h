#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "base/secret.h"
#include "contact/channel.h"
#include "crypto/foreign_token.h"
#include "crypto/keyring.h"
#include "delivery/gateway/options.h"
#include "domain/budget.h"
#include "domain/ceilings.h"
#include "domain/guessing.h"
#include "domain/limits.h"
#include "domain/policy.h"
#include "domain/price.h"
#include "domain/standing/history.h"
#include "domain/verification.h"
#include "html/zone.h"
#include "main/config/environment.h"
#include "risk/guard.h"
#include "risk/pumping.h"
#include "risk/rule.h"
#include "webauthn/ceremony.h"

namespace countersign::main {

// The configuration of one server, read once at start and never changed. docs/configuration.md documents every key;
// deploy/countersign.example.toml is the annotated file that `countersign init` writes. A value looser than a ceiling
// of the standards is refused, not clamped: a setting must never silently not apply.

enum class Mode { kProduction, kDevelopment };

struct ListenAddress {
  IpAddress address;
  std::uint16_t port;

  /// `127.0.0.1:8080`, `[::1]:8080`.
  [[nodiscard]] static std::optional<ListenAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

/// `http://localhost:8080`: the URL of a development server on its own machine, and the only one it shows. Browsers
/// treat localhost as a secure context, which passkeys require.
[[nodiscard]] std::string development_url(std::uint16_t port, bool tls);

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM, the server's own first, then the chain.
  std::filesystem::path key;          ///< PEM.
};

struct MetricsConfig {
  std::optional<ListenAddress> listen;  ///< Only for /metrics, never the API's; empty: there is no /metrics.
  SecretString token;                   ///< Bearer token for /metrics; empty: not required.
};

/// Where traces are sent, and which. [docs/adr/0025]
struct TracingConfig {
  std::string endpoint;  ///< `http://127.0.0.1:4318/v1/traces`; empty: tracing is off.
  double sample_ratio = 1;
  std::vector<std::pair<std::string, SecretString>> headers;  ///< Of every request to the collector.
};

struct StoreConfig {
  std::filesystem::path sqlite_path;  ///< Used when `postgres_url` is empty.
  SecretString postgres_url;          ///< `postgresql://…`; secret because it may carry a password.
  bool advisory_locks = true;         ///< Whether that database has them.
};

struct SecretsConfig {
  std::vector<crypto::KeyringEntry> seal_keys;  ///< At least one, 32 bytes each, with unique ids.
  std::uint32_t current_seal_key = 0;           ///< The id of one of them.
  SecretString lookup_key;                      ///< 32 bytes.
  SecretString signing_key;                     ///< Signs receipts: Ed25519 or P-256, PKCS#8 in PEM.
  SecretString next_signing_key;                ///< Published, but not used for signing yet; empty: none.
  std::string retired_signing_keys;             ///< Published for old receipts: public keys in PEM, concatenated.
  SecretString push_key;           ///< Browsers subscribe to pushes with it: P-256, PKCS#8 in PEM; empty: no Web Push.
  SecretString previous_push_key;  ///< Some are subscribed with it still; empty: none.
};

/// In millionths of the currency of budgets, for one UTC day.
struct BudgetsConfig {
  std::optional<std::int64_t> day;                             ///< All messages of the account.
  std::map<std::string, std::int64_t, std::less<>> countries;  ///< "" for each other country.
};

/// What messages may cost. [ADR 51]
struct MoneyConfig {
  std::string currency;                                    ///< Of budgets; empty: what messages cost is not counted.
  std::map<std::string, std::int64_t, std::less<>> rates;  ///< Of one unit of another currency, in millionths.
  int reserve = 20;       ///< Percent of a budget, beyond it, for people who have proved the contact.
  BudgetsConfig budgets;  ///< Of each account that has none of its own.
};

struct AccountConfig {
  std::string name;
  std::vector<Cidr> ip_allow;  ///< Empty: all addresses are allowed.
  std::vector<Cidr> ip_deny;
  domain::Limits limits;          ///< The server's, with the account's overrides.
  BudgetsConfig budgets;          ///< Likewise.
  risk::PumpingSettings pumping;  ///< Likewise.
};

struct BrandingConfig {
  std::string name;             ///< On pages and in messages; default: the service's friendly name.
  std::string logo_type;        ///< image/png, image/jpeg or image/webp, detected from the content; empty: no logo.
  std::string logo_bytes;       ///< Read at start, served by us.
  std::string accent;           ///< `#rrggbb`, readable on white; empty: the default.
  std::string support_url;      ///< https:, mailto: or tel:; empty: none.
  std::string support_contact;  ///< As shown to people; empty: none.
  std::string home_url;         ///< https: or http:, fallback for a page's link back; empty: none.
};

/// Providers of which one carries a message; all are in Config::providers.
struct ProviderListConfig {
  std::vector<std::string> names = {};  ///< At least one, without repetition.
  std::vector<int> weights = {};        ///< Of each; empty: one after the other.
};

/// Of a message, by the country of its number; "" for all others.
using Prices = std::map<std::string, domain::Price, std::less<>>;

/// Sends some of a service's messages through other providers than the channel's own.
struct RoutingRuleConfig {
  ProviderListConfig list = {};
  std::optional<contact::Channel> channel;
  std::vector<std::string> countries;
  int percent = 100;
};

/// Passkeys and security keys of a service.
/// An app on Android that may use a service's passkeys.
struct AndroidApp {
  std::string package;
  std::string fingerprint;  ///< SHA-256 of the certificate that signs it, 32 bytes.
};
/// By which it answers: "android:apk-key-hash:…".
[[nodiscard]] std::string origin_of(const AndroidApp& app);

class MetadataFile;

struct WebauthnConfig {
  std::string rp_id;                 ///< A host name in lower-case ASCII that nobody else can register below.
  std::vector<std::string> origins;  ///< Of pages at that name or below it, exactly as browsers write them.
  std::vector<std::string>
      related_origins;  ///< Of pages elsewhere, which the browser accepts by /.well-known/webauthn.
  std::vector<AndroidApp> android_apps;
  std::vector<std::string> apple_apps;  ///< "TEAM.bundle".
  webauthn::UserVerification user_verification = webauthn::UserVerification::kPreferred;
  bool strict_counter = false;
  bool trusted_attestation = false;  ///< Only authenticators whose maker one of `anchors` vouches for.
  std::vector<webauthn::Certificate> anchors;
  std::shared_ptr<MetadataFile> metadata;  ///< Null: none. Services may share it.
  std::vector<std::string> aaguid_allow;   ///< 16 bytes each; empty: all.
  std::vector<std::string> aaguid_deny;
};
/// Whether the hosted page, which runs at `public_url`, is one of the pages that may ask for them.
[[nodiscard]] bool page_may_ask(const WebauthnConfig& webauthn, std::string_view public_url);

/// A fraud rule, and where it holds.
struct RiskRuleConfig {
  std::string account = {};             ///< Empty: of all.
  std::string service = {};             ///< Empty: of all.
  std::optional<risk::Rule> rule = {};  ///< Never empty.
};

struct RiskConfig {
  std::vector<risk::Change> changes = {};  ///< Of built-in rules.
  std::vector<RiskRuleConfig> rules = {};
  Duration review_within = std::chrono::hours(24);  ///< For an operator's word; nobody's word refuses.
  bool review_by_two = false;                       ///< Two operators must allow it.
  risk::GuardTerms guard = {};                      ///< When a rule has gone wild.
};
/// What holds for all services of an account (`service` empty), or what one service has over that.
[[nodiscard]] risk::RuleSet risk_rules_of(const RiskConfig& config, std::string_view account, std::string_view service);

struct ServiceConfig {
  std::string account;
  std::string name;
  std::string friendly_name;
  int code_length = 6;
  Duration code_ttl = std::chrono::minutes(10);
  domain::Loosened loosened;
  std::string default_region = "BR";
  std::string locale = "en";
  std::string totp_issuer;
  std::string origin_host;  ///< The host of the `@host #code` line; empty: the host of the public URL.
  std::map<contact::Channel, std::string> channels;      ///< First provider of each; all are in Config::providers.
  std::map<contact::Channel, ProviderListConfig> lists;  ///< The whole list, of a channel that has more than one.
  /// The channels that `auto` chooses among, the preferred one first.
  std::vector<contact::Channel> automatic{contact::Channel::kSms, contact::Channel::kWhatsapp, contact::Channel::kCall};
  std::vector<RoutingRuleConfig> routing_rules;  ///< The first rule that matches a message applies.
  std::vector<std::string> policies;             ///< By name; the first is the default of a hold.
  std::vector<std::string> return_urls;          ///< Where pages may link back to; empty: anywhere.
  std::string objection;                         ///< Whom to contact about an unrequested change.
  BrandingConfig branding;
  std::optional<WebauthnConfig> webauthn;  ///< nullopt: the host of the public URL cannot have passkeys.
  std::string push_page;                   ///< What a notification of Web Push opens; empty: none.
  bool push_on_pages = false;              ///< The hosted page instead.
  html::Zone time_zone;                    ///< Of the times on pages; default UTC.
  domain::standing::Rules standing;        ///< `max_min_kinds` is taken from its policies.
  std::map<std::string, Duration, std::less<>> shared_with;  ///< The wait of each service that may count its sources.
  std::optional<std::int64_t> budget;  ///< What its messages may cost on a UTC day, as in BudgetsConfig.
};

struct TwilioCredentials {
  std::string account_sid;
  std::string user;         ///< The account SID again, or an API key's SID.
  SecretString password;    ///< The auth token, or the API key's secret.
  SecretString auth_token;  ///< Key of the signatures of Twilio's callbacks; empty if only an API key is set.
  std::string base_url;     ///< Empty: Twilio's own.
  std::chrono::milliseconds timeout{10'000};
};

struct TwilioVerifyConfig {
  TwilioCredentials twilio;
  std::string service_sid;
  bool psd2 = false;
  bool custom_friendly_name = false;
};

struct TwilioMessagingConfig {
  TwilioCredentials twilio;
  std::string from;
  std::string messaging_service_sid;
  std::string whatsapp_from;
  std::map<std::string, std::string, std::less<>> whatsapp_content;  ///< By locale: HX…; empty: free text.
};

struct HttpHookConfig {
  std::string url;
  std::vector<SecretString> secrets;  ///< `whsec_…`, at least one.
  bool private_addresses = false;
  std::chrono::milliseconds timeout{10'000};
};

/// A gateway that the configuration describes.
struct HttpGatewayConfig {
  delivery::GatewayOptions gateway;  ///< Without its channels.
  contact::Reports reports = contact::Reports::kNone;
  bool bounds_life = false;  ///< The gateway is told when the code ends.
};

enum class MailTls : std::uint8_t { kStartTls, kImplicit, kNone };

/// A mail server that accepts submissions.
struct SmtpConfig {
  std::string host;
  int port = 0;  ///< 587, or 465 with TLS from the first byte.
  MailTls tls = MailTls::kStartTls;
  std::string user;  ///< Empty: no sign-in.
  SecretString password;
  std::string from;
  std::string from_name;
  std::string return_path;    ///< Default: `from`.
  bool tags_returns = false;  ///< `bounces+{message}@…`: each message has a return path of its own.
  std::filesystem::path ca_file;
  int connections = 8;
  std::chrono::milliseconds timeout{10'000};
};

/// Codes by telephone, through Twilio's Calls API.
struct TwilioVoiceConfig {
  TwilioCredentials twilio;  ///< With its auth token: Twilio asks for the code with its signature.
  std::string from;
  std::map<std::string, std::string, std::less<>> voices;  ///< By locale: a voice of Twilio's.
};

/// Codes by WhatsApp, through Meta's Cloud API.
struct WhatsappCloudConfig {
  std::string phone_number_id;
  SecretString access_token;
  SecretString app_secret;
  SecretString previous_app_secret;  ///< Believed beside it, while it is replaced at Meta.
  SecretString verify_token;
  std::string api_version = "v26.0";
  std::string template_name;
  std::map<std::string, std::string, std::less<>> languages;  ///< By locale: the template's language as Meta writes it.
  std::string base_url;                                       ///< Empty: Meta's own.
  std::chrono::milliseconds timeout{10'000};
};

struct InboxConfig {};

using ProviderConfig = std::variant<TwilioVerifyConfig, TwilioMessagingConfig, HttpHookConfig, HttpGatewayConfig,
                                    SmtpConfig, TwilioVoiceConfig, WhatsappCloudConfig, InboxConfig>;

/// A carrier's or aggregator's SIM Swap API (CAMARA).
struct CamaraSimSwapConfig {
  std::string base_url;
  std::string token_url;
  std::string client_id;
  SecretString client_secret;
  std::string scope = "sim-swap";
  bool check = false;  ///< Asks whether, within `max_age`, in place of when.
  std::chrono::hours max_age{72};
};

struct TwilioLookupConfig {
  TwilioCredentials twilio;
  bool line_type = true;
  bool sim_swap = true;
};

/// An operator's own model.
struct HttpModelConfig {
  HttpHookConfig hook;
};

/// A source of signals, asked before transactions of these types are held. [docs/fraud.md]
struct SignalConfig {
  std::variant<CamaraSimSwapConfig, TwilioLookupConfig, HttpModelConfig> source;
  std::vector<std::string> types;          ///< `*`: all.
  std::optional<domain::Price> cost = {};  ///< Of a question.
  std::chrono::milliseconds within{1'500};
  Duration remember = std::chrono::minutes(10);
  int per_hour = 3'600;
};

/// An issuer of Shared Signals (CAEP, RISC) that tells of people by push. [docs/fraud.md]
struct SharedSignalsConfig {
  std::string account;  ///< A configured name.
  std::string issuer;
  std::string audience;
  std::string subject_issuer;
  std::string jwks_url;                  ///< Empty: `keys`.
  std::vector<crypto::ForeignKey> keys;  ///< Of a file; empty: `jwks_url`.
  std::vector<crypto::ForeignAlgorithm> algorithms;
  SecretString authorization;
  bool runs_mailboxes = false;
  bool runs_lines = false;
};

struct RetentionConfig {
  Duration messages = std::chrono::hours(24 * 30);
  Duration transactions = std::chrono::hours(24 * 180);
  Duration audit = std::chrono::hours(24 * 180);
};

/// Test keys, and the data of tests. [ADR 26]
struct TestModeConfig {
  bool enabled = true;
  Duration keep = std::chrono::hours(24 * 7);
};

/// Web Push. [ADR 49]
struct PushConfig {
  std::string subject;             ///< Of VAPID: whom a push service contacts, `mailto:` or `https:`.
  std::vector<std::string> hosts;  ///< Of push services, lower case; with a dot before it, all below. Empty: any.
};

/// Notices to people about changes of their sources. [STD-7]
struct NoticesConfig {
  std::string objection;  ///< Whom to contact, as shown to people; a service's own overrides it.
  domain::Rate per_contact = {10, std::chrono::hours(24)};  ///< To one phone number or mailbox, codes not included.
};

/// The level at which requests are logged. Server errors (5xx) are always warnings; routine requests (health, assets,
/// polling of open pages) are logged only at debug.
enum class RequestLog : std::uint8_t { kInfo, kDebug, kOff };

struct Config {
  Mode mode = Mode::kProduction;
  std::vector<ListenAddress> listen;
  std::string public_url;  ///< Scheme, host and port, without a trailing slash.
  std::filesystem::path data_dir;
  std::vector<Cidr> trusted_proxies;
  int connections_per_peer =
      256;             ///< Open connections from one address (IPv6: one /64) that is not a trusted proxy; 0: no limit.
  int io_threads = 1;  ///< Each serves a share of the connections.
  Duration idle_timeout = std::chrono::seconds(75);  ///< For a connection without a request; then it is closed.
  Duration lame_duck = std::chrono::seconds(5);      ///< From SIGTERM, still serving; none in development.
  Duration drain = std::chrono::seconds(15);         ///< After that: the maximum for running requests.
  std::optional<TlsFiles> tls;
  StoreConfig store;
  std::string log_level = "info";
  RequestLog log_requests = RequestLog::kInfo;
  MetricsConfig metrics;
  TracingConfig tracing;
  SecretsConfig secrets;
  domain::Limits limits;
  risk::PumpingSettings pumping;
  RetentionConfig retention;
  domain::TransactionTimes transactions;
  NoticesConfig notices;
  PushConfig push;
  MoneyConfig money;
  RiskConfig risk;
  TestModeConfig test_mode;
  bool webhooks_private_addresses = false;
  std::map<std::string, ProviderConfig> providers;
  std::map<std::string, Prices> prices;  ///< Of providers whose prices are known.
  std::map<std::string, int> at_once;    ///< Messages that one of these providers gets at a time, other than usual.
  std::map<std::string, domain::Policy> policies;
  std::map<std::string, SignalConfig> signals;
  std::map<std::string, SharedSignalsConfig> shared_signals;
  Duration sim_swap_acts = std::chrono::hours(72);  ///< A swap that old makes a line wait anew; 0: none does.
  std::vector<AccountConfig> accounts;
  std::vector<ServiceConfig> services;
};

/// Whether what is approved is in the messages of a provider on that channel: not where a template of the carrier, or a
/// text of the provider's own, shows the code alone.
[[nodiscard]] bool shows_display(const ProviderConfig& provider, contact::Channel channel);
/// What is still missing for a provider to work, a sentence each: languages without a template, callbacks that cannot
/// arrive. For check-config.
[[nodiscard]] std::vector<std::string> lacks_of(const std::string& name, const ProviderConfig& provider,
                                                const Config& config);

/// Why the server does not start: one sentence with place, key and remedy.
struct ConfigError {
  std::string sentence;
};

/// The sources of a configuration. A later one overrides: defaults, `config_file`, `secrets_file`, credentials of
/// systemd, environment, `flags`.
struct ConfigSources {
  bool development = false;                           ///< `--dev`
  std::optional<std::filesystem::path> config_file;   ///< Absent: only defaults, which are enough for development mode.
  std::optional<std::filesystem::path> secrets_file;  ///< Absent: see default_secrets_file(); it need not exist.
  std::map<std::string, std::string> flags;           ///< By key, e.g. `listen`; named in errors as `--listen`.
  Environment environment;
};

/// Reads only the keys, from the same sources. Ignores other errors in them.
[[nodiscard]] Result<SecretsConfig, ConfigError> load_secrets(const ConfigSources& sources);

/// Reads everything, and checks all that can be checked without a connection. Writes no files.
[[nodiscard]] Result<Config, ConfigError> load_config(const ConfigSources& sources);

/// `countersign.secrets.toml` beside the configuration file; without one, in the data directory.
[[nodiscard]] std::filesystem::path default_secrets_file(const ConfigSources& sources);

/// The data directory set by these sources, default `data`. For preparations before load_config().
[[nodiscard]] std::filesystem::path data_dir_of(const ConfigSources& sources);

/// The expected successes per year of guessing against one person of the service (docs/security-budget.md).
struct GuessExpectation {
  domain::GuessBudget by_source;
  double together = 0;  ///< With all kinds of sources that the service's policies and channels allow to guess at.
};
[[nodiscard]] GuessExpectation guesses_at(const ServiceConfig& service, const Config& config);

/// The output of `countersign check-config`: the configuration in a dozen lines, without secrets. `store` comes from
/// describe_store(). Warns about each service whose codes are easier to guess than domain::kGuessBudgetMax.
[[nodiscard]] std::string summary(const Config& config, std::string_view store);

}  // namespace countersign::main
