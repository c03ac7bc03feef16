#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/ip.h"
#include "base/result.h"
#include "base/secret.h"
#include "contact/channel.h"
#include "crypto/keyring.h"
#include "domain/ceilings.h"
#include "domain/guessing.h"
#include "domain/limits.h"
#include "domain/policy.h"
#include "domain/standing/history.h"
#include "domain/verification.h"
#include "html/zone.h"
#include "main/environment.h"

namespace countersign::app {

// The configuration of one server, read once at start and never changed. docs/configuration.md is the reference of
// every key; deploy/countersign.example.toml is the annotated file that `countersign init` writes. A value that is
// looser than a ceiling of the standards is refused, not capped: nobody should believe in a setting that is not in
// force.

enum class Mode { kProduction, kDevelopment };

struct ListenAddress {
  IpAddress address;
  std::uint16_t port;

  /// `127.0.0.1:8080`, `[::1]:8080`.
  [[nodiscard]] static std::optional<ListenAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_text() const;
};

/// `http://localhost:8080`: where a development server is found from its own machine, the one address that it gives for
/// itself. Browsers treat localhost as a safe context, which passkeys ask for.
[[nodiscard]] std::string development_url(std::uint16_t port, bool tls);

struct TlsFiles {
  std::filesystem::path certificate;  ///< PEM, the server's own first, then the chain.
  std::filesystem::path key;          ///< PEM.
};

struct MetricsConfig {
  std::optional<ListenAddress> listen;  ///< Of /metrics alone, never the API's; empty: there is no /metrics.
  SecretString token;                   ///< Bearer token for /metrics; empty: none is asked for.
};

/// Where traces go, and which. [docs/adr/0025]
struct TracingConfig {
  std::string endpoint;  ///< `http://127.0.0.1:4318/v1/traces`; empty: nothing is traced.
  double sample_ratio = 1;
  std::vector<std::pair<std::string, SecretString>> headers;  ///< Of every post to the collector.
};

struct StoreConfig {
  std::filesystem::path sqlite_path;  ///< Used when `postgres_url` is empty.
  SecretString postgres_url;          ///< `postgresql://…`; secret because it may carry a password.
};

struct SecretsConfig {
  std::vector<crypto::KeyringEntry> seal_keys;  ///< At least one, each of 32 bytes, no id twice.
  std::uint32_t current_seal_key = 0;           ///< The id of one of them.
  SecretString lookup_key;                      ///< 32 bytes.
  SecretString signing_key;                     ///< Signs receipts: Ed25519 or P-256, PKCS#8 in PEM.
  SecretString next_signing_key;                ///< Published and signs nothing yet; empty: there is none.
  std::string retired_signing_keys;             ///< Published for old receipts: public keys in PEM, in a row.
};

struct LimitsConfig {
  int attempts_max = 5;
  int sends_max = 5;
  std::vector<Duration> resend_waits = {std::chrono::seconds(30), std::chrono::seconds(60), std::chrono::seconds(120),
                                        std::chrono::seconds(300)};
  domain::Rate sends_per_contact = {5, std::chrono::minutes(10)};
  domain::Rate sends_per_subject = {10, std::chrono::hours(1)};
  domain::Rate sends_per_address = {20, std::chrono::hours(1)};
  domain::Rate sends_per_ip = {20, std::chrono::minutes(10)};
  domain::Rate sends_per_account = {10'000, std::chrono::hours(24)};
  domain::Rate sends_per_country = {1'000, std::chrono::hours(24)};
  int strangers_share = 80;  ///< Percent of the three above that strangers may use.
  domain::Rate checks_per_ip = {60, std::chrono::minutes(10)};
  domain::Rate checks_per_account;  ///< Unlimited unless set: guesses are bounded where they are made.
  domain::FailureRules failures;
};

struct AccountConfig {
  std::string name;
  std::vector<Cidr> ip_allow;  ///< Empty: from everywhere.
  std::vector<Cidr> ip_deny;
  LimitsConfig limits;  ///< The server's, with the account's own changes.
};

struct BrandingConfig {
  std::string name;             ///< On pages and in messages; the service's friendly name unless set.
  std::string logo_type;        ///< image/png, image/jpeg or image/webp, by the file's own bytes; empty: no logo.
  std::string logo_bytes;       ///< Read at start, served by us.
  std::string accent;           ///< `#rrggbb`, readable on white; empty: the default.
  std::string support_url;      ///< https:, mailto: or tel:; empty: none.
  std::string support_contact;  ///< As people read it; empty: none.
  std::string home_url;         ///< https: or http:, where pages lead back to that know no better; empty: nowhere.
};

/// Which of a service's messages another provider carries than the channel's own.
struct RouteConfig {
  std::string provider;  ///< Is in Config::providers.
  std::optional<contact::Channel> channel;
  std::vector<std::string> countries;
  int percent = 100;
};

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
  std::map<contact::Channel, std::string> channels;  ///< By which provider; each is in Config::providers.
  std::vector<RouteConfig> routes;                   ///< The first that fits a message takes it.
  std::vector<std::string> policies;                 ///< By name; the first one is used when a hold names none.
  std::vector<std::string> return_urls;              ///< Where pages may lead back to; empty: anywhere.
  std::string objection;                             ///< Whom people contact about a change that they did not ask for.
  BrandingConfig branding;
  html::Zone time_zone;              ///< In which pages show times; UTC unless set.
  domain::standing::Rules standing;  ///< `max_min_kinds` is of its policies.
};

struct TwilioCredentials {
  std::string account_sid;
  std::string user;         ///< The account SID again, or an API key's SID.
  SecretString password;    ///< The auth token, or the API key's secret.
  SecretString auth_token;  ///< What Twilio signs its callbacks with; empty where only an API key is set.
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
};

struct HttpHookConfig {
  std::string url;
  std::vector<SecretString> secrets;  ///< `whsec_…`, at least one.
  bool private_addresses = false;
  std::chrono::milliseconds timeout{10'000};
};

struct InboxConfig {};

using ProviderConfig = std::variant<TwilioVerifyConfig, TwilioMessagingConfig, HttpHookConfig, InboxConfig>;

struct RetentionConfig {
  Duration messages = std::chrono::hours(24 * 30);
  Duration transactions = std::chrono::hours(24 * 180);
  Duration audit = std::chrono::hours(24 * 180);
};

/// Test keys, and what they leave behind. [ADR 26]
struct TestModeConfig {
  bool enabled = true;
  Duration keep = std::chrono::hours(24 * 7);
};

/// What people are told of changes in their sources. [STD-7]
struct NoticesConfig {
  std::string objection;  ///< Whom to contact, as people read it; a service's own wins.
  domain::Rate per_contact = {10, std::chrono::hours(24)};  ///< To one telephone or mailbox, apart from codes.
};

struct TransactionsConfig {
  Duration expires_in = std::chrono::minutes(30);
  Duration expires_in_max = std::chrono::hours(24);
  Duration claim_window = std::chrono::minutes(5);  ///< After verification. [TXN-8]
  Duration acknowledge_within{};                    ///< After the claim; zero: no limit.
};

/// Where requests are logged. What failed by our fault (5xx) is always a warning; what comes by itself all day (health,
/// assets, the polling of open pages) is for the level debug alone.
enum class RequestLog : std::uint8_t { kInfo, kDebug, kOff };

struct Config {
  Mode mode = Mode::kProduction;
  std::vector<ListenAddress> listen;
  std::string public_url;  ///< Scheme, host and port, without a slash at the end.
  std::filesystem::path data_dir;
  std::vector<Cidr> trusted_proxies;
  int connections_per_peer = 256;  ///< Open at once from one address (IPv6: one /64) that is no trusted proxy; 0: any.
  Duration idle_timeout = std::chrono::seconds(75);  ///< A connection without a request; then it is closed.
  Duration lame_duck = std::chrono::seconds(5);      ///< From SIGTERM, still serving; none in development.
  Duration drain = std::chrono::seconds(15);         ///< Then: the most that running requests may take.
  std::optional<TlsFiles> tls;
  StoreConfig store;
  std::string log_level = "info";
  RequestLog log_requests = RequestLog::kInfo;
  MetricsConfig metrics;
  TracingConfig tracing;
  SecretsConfig secrets;
  LimitsConfig limits;
  RetentionConfig retention;
  TransactionsConfig transactions;
  NoticesConfig notices;
  TestModeConfig test_mode;
  bool webhooks_private_addresses = false;
  std::map<std::string, ProviderConfig> providers;
  std::map<std::string, domain::Policy> policies;
  std::vector<AccountConfig> accounts;
  std::vector<ServiceConfig> services;
};

/// Why the server does not start: one sentence that names the place and the key and says what to do.
struct ConfigError {
  std::string sentence;
};

/// Where a configuration comes from. A later one wins: defaults, `config_file`, `secrets_file`, credentials of systemd,
/// environment, `flags`.
struct ConfigSources {
  bool development = false;                           ///< `--dev`
  std::optional<std::filesystem::path> config_file;   ///< Absent: defaults alone, which suffice in development mode.
  std::optional<std::filesystem::path> secrets_file;  ///< Absent: see default_secrets_file(); it may be missing.
  std::map<std::string, std::string> flags;           ///< By key, e.g. `listen`; each named in errors as `--listen`.
  Environment environment;
};

/// Reads the keys alone, from the same sources. What else is wrong with them does not matter.
[[nodiscard]] Result<SecretsConfig, ConfigError> load_secrets(const ConfigSources& sources);

/// Reads everything, and checks all that can be known without connecting to anything. Reads files, writes none.
[[nodiscard]] Result<Config, ConfigError> load_config(const ConfigSources& sources);

/// `countersign.secrets.toml` beside the configuration file; without one, in the data directory.
[[nodiscard]] std::filesystem::path default_secrets_file(const ConfigSources& sources);

/// The data directory that these sources name, `data` when none does. For what must be there before load_config().
[[nodiscard]] std::filesystem::path data_dir_of(const ConfigSources& sources);

/// What somebody who guesses can expect of one person of the service in a year (docs/security-budget.md).
struct GuessExpectation {
  domain::GuessBudget by_source;
  double together = 0;  ///< By every kind of source that the service's policies and channels let be guessed at.
};
[[nodiscard]] GuessExpectation guesses_at(const ServiceConfig& service, const Config& config);

/// What `countersign check-config` prints: the configuration in a dozen lines, without a secret. `store` is what people
/// call the store (describe_store()). A warning for each service whose codes are guessed more easily than
/// domain::kGuessBudgetMax.
[[nodiscard]] std::string summary(const Config& config, std::string_view store);

}  // namespace countersign::app
