#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "base/ascii.h"
#include "base/number.h"
#include "main/config/config.h"
#include "main/config/parts.h"
#include "main/config/reader.h"
#include "main/config/sources.h"
#include "main/config/units.h"

namespace countersign::main {

namespace {

constexpr std::string_view kListenForm = "an address and a port such as 127.0.0.1:8080 or [::1]:8080";
constexpr std::string_view kCidrForm = "a network such as 10.0.0.0/8 or an address";

std::optional<Mode> parse_mode(std::string_view text) {
  if (text == "production") return Mode::kProduction;
  if (text == "development") return Mode::kDevelopment;
  return std::nullopt;
}

/// --dev with a production configuration is an error: it must not become a server that shows codes.
void read_mode(Section& whole, const ConfigSources& sources, Config& config) {
  config.mode = sources.development ? Mode::kDevelopment : Mode::kProduction;
  Mode written = config.mode;
  whole.parsed("mode", written, parse_mode, "\"production\" or \"development\"");
  if (sources.development && written == Mode::kProduction) {
    whole.fail("mode", "says production, but the command line says --dev; leave one of them out");
  }
  config.mode = written;
}

void read_addresses(Section& whole, const ConfigSources& sources, Config& config) {
  const bool development = config.mode == Mode::kDevelopment;
  config.listen = {*ListenAddress::parse("127.0.0.1:8080")};
  whole.parsed_list("listen", config.listen, ListenAddress::parse, kListenForm);
  if (config.listen.empty()) whole.fail("listen", "must name at least one address");
  for (const auto& address : config.listen) {
    if (address.port == 0 && !development) whole.fail("listen", "must name a port; port 0 is for development mode");
  }
  whole.parsed_list("trusted_proxies", config.trusted_proxies, Cidr::parse, kCidrForm);

  whole.integer("connections_per_peer", config.connections_per_peer, 0, 10'000);
  whole.integer("io_threads", config.io_threads, 1, 64);

  if (development && !config.listen.empty() && config.listen.front().port != 0) {
    config.public_url = development_url(config.listen.front().port, whole.has("tls"));
  }
  whole.parsed("public_url", config.public_url, parse_origin, "an origin such as https://verify.example.com");
  if (development) return;
  if (!whole.has("public_url")) {
    whole.fail(
        "public_url",
        sources.config_file
            ? "is missing; set the address that people's browsers use, such as https://verify.example.com"
            : "is missing, and no configuration file was named: use --config FILE or COUNTERSIGN_CONFIG, or --dev "
              "for the development mode");
  } else if (!config.public_url.starts_with("https://")) {
    whole.fail("public_url",
               fmt::format("must start with https:// in production mode, but is \"{}\"", config.public_url));
  }
}

void read_tls(Section section, Config& config) {
  TlsFiles files;
  section.path("certificate", files.certificate);
  section.path("key", files.key);
  if (files.certificate.empty() != files.key.empty()) {
    section.fail(files.key.empty() ? "key" : "certificate", "is missing; TLS needs both tls.certificate and tls.key");
  }
  if (!files.key.empty()) config.tls = std::move(files);
  section.finish();
}

void read_lifetimes(Section& whole, Config& config) {
  using namespace std::chrono_literals;
  if (config.mode == Mode::kDevelopment) config.lame_duck = Duration::zero();
  whole.duration("idle_timeout", config.idle_timeout, 1s, 1h);
  whole.duration("lame_duck", config.lame_duck, 0s, 5min);
  whole.duration("drain", config.drain, 1s, 5min);
}

bool is_loopback(const IpAddress& address) {
  static const Cidr v4 = *Cidr::parse("127.0.0.0/8");
  static const Cidr v6 = *Cidr::parse("::1/128");
  return v4.contains(address) || v6.contains(address);
}

/// Without its own TLS the server is behind a proxy; then only the proxy may reach it.
void check_exposure(Section& whole, const Config& config) {
  if (config.mode == Mode::kDevelopment || config.tls || !config.trusted_proxies.empty()) return;
  for (const auto& listen : config.listen) {
    if (!is_loopback(listen.address)) {
      whole.fail("listen", fmt::format("offers plain HTTP on {}; set tls.certificate and tls.key, or name the proxy in "
                                       "front of it in trusted_proxies",
                                       listen.to_text()));
    }
  }
}

bool has_password(std::string_view url) {
  const auto scheme = url.find("://");
  const auto authority = url.substr(scheme == std::string_view::npos ? 0 : scheme + 3);
  const auto at = authority.find('@');
  return (at != std::string_view::npos && authority.substr(0, at).find(':') != std::string_view::npos) ||
         url.find("password=") != std::string_view::npos;
}

void read_store(Section section, Config& config) {
  config.store.sqlite_path = config.data_dir / "countersign.db";
  const bool has_url = section.has("url");
  if (has_url && section.has("path")) section.fail("path", "and store.url are both set; leave one out");
  section.path("path", config.store.sqlite_path);
  config.store.sqlite_path = absolute_path(config.store.sqlite_path);
  std::string url;
  section.text("url", url);
  // A URL without a password is not secret, and may be in the main file.
  if (has_password(url) && !section.may_be_secret("url")) section.secret("url", config.store.postgres_url);
  if (has_url && !url.starts_with("postgresql://") && !url.starts_with("postgres://")) {
    section.fail("url", "must start with postgresql://");
  }
  config.store.postgres_url = SecretString(url);
  if (section.has("advisory_locks") && !has_url) section.fail("advisory_locks", "is for store.url alone; leave it out");
  section.flag("advisory_locks", config.store.advisory_locks);
  section.finish();
}

std::optional<std::string> parse_log_level(std::string_view text) {
  for (const std::string_view level : {"debug", "info", "warning", "error"}) {
    if (text == level) return std::string(level);
  }
  return std::nullopt;
}

std::optional<RequestLog> parse_request_log(std::string_view text) {
  if (text == "info") return RequestLog::kInfo;
  if (text == "debug") return RequestLog::kDebug;
  if (text == "off") return RequestLog::kOff;
  return std::nullopt;
}

/// Nothing for "off".
std::optional<std::optional<ListenAddress>> parse_metrics_listen(std::string_view text) {
  if (text == "off") return std::optional<ListenAddress>();
  const auto address = ListenAddress::parse(text);
  return address ? std::optional(address) : std::nullopt;
}

void read_metrics(Section metrics, Config& config) {
  const bool development = config.mode == Mode::kDevelopment;
  // In development any free port, because several servers may run on a machine; the port is in dev-credentials.json.
  config.metrics.listen = ListenAddress::parse(development ? "127.0.0.1:0" : "127.0.0.1:9464");
  metrics.parsed("listen", config.metrics.listen, parse_metrics_listen,
                 "\"off\", or an address and a port such as 127.0.0.1:9464");
  if (config.metrics.listen && config.metrics.listen->port == 0 && !development)
    metrics.fail("listen", "must name a port; port 0 is for development mode");
  metrics.secret("token", config.metrics.token);
  metrics.finish();
}

void read_operations(Section& whole, Config& config) {
  auto log = whole.section("log");
  log.parsed("level", config.log_level, parse_log_level, "debug, info, warning or error");
  log.parsed("requests", config.log_requests, parse_request_log, "info, debug or off");
  log.finish();

  read_metrics(whole.section("metrics"), config);
  read_tracing(whole.section("tracing"), config);

  auto webhooks = whole.section("webhooks");
  config.webhooks_private_addresses = config.mode == Mode::kDevelopment;
  webhooks.flag("private_addresses", config.webhooks_private_addresses);
  webhooks.finish();
}

/// Quoted values can contain line breaks; an error stays one line, so that a file cannot forge another line. [LOG-6]
ConfigError on_one_line(ConfigError error) {
  std::ranges::replace_if(error.sentence, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, ' ');
  return error;
}

}  // namespace

std::string development_url(std::uint16_t port, bool tls) {
  return fmt::format("{}://localhost:{}", tls ? "https" : "http", port);
}

std::optional<ListenAddress> ListenAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port_text = text.substr(colon + 1);
  if (host.starts_with('[') != host.ends_with(']')) return std::nullopt;
  const bool bracketed = host.starts_with('[');
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = IpAddress::parse(host);
  if (!address || address->is_v4() == bracketed) return std::nullopt;
  const auto port = parse_number<std::uint16_t>(port_text);
  return port ? std::optional(ListenAddress{*address, *port}) : std::nullopt;
}

std::string ListenAddress::to_text() const {
  return address.is_v4() ? fmt::format("{}:{}", address.to_text(), port)
                         : fmt::format("[{}]:{}", address.to_text(), port);
}

bool is_name(std::string_view text) {
  const auto is_plain = [](char c) { return is_lower(c) || is_digit(c); };
  return !text.empty() && text.size() <= 40 && is_plain(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_plain(c) || c == '-' || c == '_'; });
}

std::optional<std::string> parse_origin(std::string_view text) {
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return std::nullopt;
  const auto& url = *parsed;
  const bool is_http = url.scheme_id() == boost::urls::scheme::http || url.scheme_id() == boost::urls::scheme::https;
  const bool is_bare = !url.has_userinfo() && !url.has_query() && !url.has_fragment() &&
                       (url.encoded_path().empty() || url.encoded_path() == "/");
  if (!is_http || !is_bare || url.encoded_host().empty() || (url.has_port() && url.port_number() == 0)) {
    return std::nullopt;
  }
  std::string origin = lower_case(text);
  if (origin.ends_with('/')) origin.pop_back();
  return origin;
}

std::string host_of_origin(std::string_view origin) {
  const auto parsed = boost::urls::parse_uri({origin.data(), origin.size()});
  return parsed ? std::string(parsed->encoded_host()) : std::string();
}

Result<SecretsConfig, ConfigError> load_secrets(const ConfigSources& sources) {
  auto layers = read_layers(sources);
  if (!layers) return fail(on_one_line(layers.error()));
  Reader reader(std::move(*layers));
  Section whole(reader);
  SecretsConfig secrets;
  read_secrets(whole.section("secrets"), where_keys_should_be(sources), secrets);
  if (reader.error()) return fail(on_one_line(*reader.error()));
  return secrets;
}

Result<Config, ConfigError> load_config(const ConfigSources& sources) {
  auto layers = read_layers(sources);
  if (!layers) return fail(on_one_line(layers.error()));
  Reader reader(std::move(*layers));
  Section whole(reader);
  Config config;

  read_mode(whole, sources, config);
  config.data_dir = data_dir_of(sources);
  whole.path("data_dir", config.data_dir);
  config.data_dir = absolute_path(config.data_dir);
  read_addresses(whole, sources, config);
  read_lifetimes(whole, config);
  read_tls(whole.section("tls"), config);
  check_exposure(whole, config);
  read_store(whole.section("store"), config);
  read_operations(whole, config);
  read_secrets(whole.section("secrets"), where_keys_should_be(sources), config.secrets);
  read_limits(whole.section("limits"), config.limits);
  read_retention(whole.section("retention"), config.retention);
  read_transactions(whole.section("transactions"), config.transactions);
  read_notices(whole.section("notices"), config.notices);
  read_push(whole.section("push"), config);
  auto fraud = whole.section("risk");
  // In development nothing costs money, and whoever tries things out asks for many codes.
  config.pumping.mode =
      config.mode == Mode::kDevelopment ? risk::PumpingSettings::Mode::kShadow : risk::PumpingSettings::Mode::kOn;
  read_pumping(fraud, config.pumping);
  read_money(fraud.section("money"), config);
  read_signals(fraud, config);
  read_risk_rules(fraud, config);
  fraud.finish();
  read_test_mode(whole.section("test_mode"), config.test_mode);
  if (config.mode == Mode::kDevelopment) add_development_defaults(config);
  read_providers(whole, config);
  read_policies(whole, config);
  read_accounts(whole, config);
  read_services(whole, config);
  check_money(whole, config);
  read_shared_signals(whole, config);
  check_risk_rules(whole, config);
  whole.finish();

  if (reader.error()) return fail(on_one_line(*reader.error()));
  return config;
}

}  // namespace countersign::main
