#include "main/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

#include "api/assets/assets.h"
#include "api/client.h"
#include "api/operations/operations.h"
#include "api/pages/failure_page.h"
#include "api/pages/pages.h"
#include "api/problem.h"
#include "api/twilio/error.h"
#include "api/twilio/twilio.h"
#include "base/encoding.h"
#include "base/worker.h"
#include "delivery/trace_exporter.h"
#include "main/admin_server.h"
#include "main/auth_tokens.h"
#include "main/build_info.h"
#include "main/credential_watch.h"
#include "main/development.h"
#include "main/development_desk.h"
#include "main/key_upkeep.h"
#include "main/keys.h"
#include "main/live_keys.h"
#include "main/log.h"
#include "main/open_store.h"
#include "main/page_settings.h"
#include "main/settings.h"
#include "main/sweeper.h"
#include "main/tls_files.h"
#include "main/tracing.h"

namespace countersign::app {

namespace {

/// What is under way to providers and endpoints ends within the time of the running requests, and has this at least.
constexpr auto kOutboundDrain = std::chrono::seconds(2);
constexpr auto kLastWrites = std::chrono::seconds(1);
constexpr auto kUntilWrittenDown = std::chrono::seconds(1);  // What came of a message or a webhook.
/// How long a start waits for a command that has the SQLite file open.
constexpr auto kCommandsTake = std::chrono::seconds(1);
constexpr auto kCommandPause = std::chrono::milliseconds(50);
constexpr auto kTraceFlush = std::chrono::seconds(1);

/// Port 0 asks for any free one. It is chosen before anything else, because links are made with it.
std::uint16_t free_port(const IpAddress& address) {
  const int fd = socket(address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  sockaddr_storage storage{};
  socklen_t size = address.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (address.is_v4()) {
    auto* in = reinterpret_cast<sockaddr_in*>(&storage);
    in->sin_family = AF_INET;
    inet_pton(AF_INET, address.to_text().c_str(), &in->sin_addr);
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&storage);
    in->sin6_family = AF_INET6;
    inet_pton(AF_INET6, address.to_text().c_str(), &in->sin6_addr);
  }
  std::uint16_t port = 0;
  const bool bound = bind(fd, reinterpret_cast<sockaddr*>(&storage), size) == 0;
  if (bound && getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) == 0) {
    port = ntohs(address.is_v4() ? reinterpret_cast<sockaddr_in*>(&storage)->sin_port
                                 : reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port);
  }
  close(fd);
  return port;
}

Config with_real_port(Config config) {
  auto& first = config.listen.front();
  if (first.port != 0) return config;
  first.port = free_port(first.address);
  // Without a port, the configuration could not know where the pages will be.
  if (config.public_url.empty() || config.public_url.ends_with(":0"))
    config.public_url = development_url(first.port, config.tls.has_value());
  return config;
}

}  // namespace

class Server::Impl {
 public:
  Impl(Config config, Parts parts)
      : config_(with_real_port(std::move(config))),
        clock_(parts.clock),
        random_(parts.random),
        more_senders_(std::move(parts.senders)),
        read_secrets_(std::move(parts.read_secrets)),
        live_keys_(config_.secrets, clock_.now()),
        keys_(live_keys_.digester()),
        failures_(config_.public_url, config_.mode == Mode::kDevelopment, clock_) {
    metrics_.set_build(kBuild.version, kBuild.commit);
  }

  Result<Done, std::string> start(const WhileAway& while_away);
  Result<Done, std::string> reload();
  void announce_end();
  void stop();

  Config config_;
  Clock& clock_;
  Random& random_;
  Credentials credentials_;
  api::HomeBoard home_;  ///< Shown in development mode alone.

 private:
  Result<Done, StartFailure> prepare();
  OpenedStore open();
  void listen_for_commands();
  Result<Done, std::string> answer_meanwhile();
  [[nodiscard]] http::ServerOptions http_options() const;
  http::ServerHooks http_hooks();
  void wire();
  Result<Done, std::string> listen();
  Result<Done, std::string> reload_secrets();
  [[nodiscard]] store::Vault vault() const { return {live_keys_.sealer(), live_keys_.digester()}; }
  http::Router routes();
  void add_api_routes(http::Router& router);
  void add_metrics(http::Router& router);
  [[nodiscard]] delivery::HttpClientLoad outbound_load() const;
  Result<Done, std::string> listen_for_metrics();

  std::map<std::string, delivery::Sender*> more_senders_;
  const ReadSecrets read_secrets_;
  LiveKeys live_keys_;
  api::KeyTable keys_;
  api::twilio::AuthTokens auth_tokens_;
  store::EventIds event_ids_;
  api::Metrics metrics_;
  const api::FailurePages failures_;
  usecase::Settings settings_;
  std::unique_ptr<delivery::TraceExporter> tracer_;  ///< Null: nothing is traced. Outlives all that hold spans.
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<usecase::Context> context_;
  std::unique_ptr<delivery::HttpClient> code_http_;   ///< Codes, checks and ends at providers.
  std::unique_ptr<delivery::HttpClient> other_http_;  ///< Webhooks and notices.
  std::unique_ptr<delivery::WebhookSender> webhooks_;
  std::unique_ptr<DevelopmentDesk> desk_;  ///< In development mode alone.
  BuiltProviders providers_;
  std::unique_ptr<usecase::Courier> courier_;
  std::unique_ptr<usecase::TestWorker> test_worker_;  ///< Null where test mode is off.
  std::unique_ptr<Sweeper> sweeper_;
  std::unique_ptr<KeyUpkeep> key_upkeep_;
  std::unique_ptr<Worker> housekeeper_;  ///< What is delivered to the inbox comes back to it.
  std::unique_ptr<CredentialWatch> credential_watch_;
  std::unique_ptr<AdminServer> admin_;  ///< With SQLite alone.
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<api::twilio::Twilio> twilio_;
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<http::Server> metrics_http_;
  std::atomic<bool> draining_ = false;
};

Result<Done, std::string> Server::Impl::start(const WhileAway& while_away) {
  if (const auto tls = check_tls_files(config_); !tls) return fail(tls.error().sentence);
  while (true) {
    const auto prepared = prepare();
    if (prepared) break;
    store_.reset();
    const auto& failure = prepared.error();
    if (!failure.may_pass || !while_away) return fail(failure.sentence);
    if (auto answering = answer_meanwhile(); !answering) return answering;
    if (!while_away(failure.sentence)) return fail(failure.sentence);
  }
  http_.reset();
  wire();
  return listen();
}

/// What is asked while the database is away is answered, so that whoever watches sees a server that waits.
Result<Done, std::string> Server::Impl::answer_meanwhile() {
  if (http_) return Done{};
  http::Router router;
  api::add_waiting_routes(router, [this](const http::Request& request) {
    const store::StoreError away{store::StoreError::Code::kUnavailable, {}};
    if (failures_.takes(request)) {
      auto page = failures_.page(request, 503, "store_unavailable");
      page.headers.emplace_back("Retry-After", "1");
      return page;
    }
    return api::twilio::is_ours(request.path) ? api::twilio::error_response(away) : api::problem_response(away);
  });
  auto hooks = http_hooks();
  hooks.on_finished = [where = config_.log_requests](const auto& record) {
    log_request(record, where);
  };  // Metrics keep names of routes, and these routes go.
  http_ = std::make_unique<http::Server>(http_options(), std::move(router), std::move(hooks), clock_, random_);
  http_->announce_end();
  return http_->start();
}

OpenedStore Server::Impl::open() {
  const MonotonicTime end = clock_.monotonic() + kCommandsTake;
  while (true) {
    auto opened = open_store(config_, clock_, random_);
    if (opened || !opened.error().in_use || clock_.monotonic() >= end) return opened;
    std::this_thread::sleep_for(kCommandPause);
  }
}

/// Everything that the database has to say.
Result<Done, StartFailure> Server::Impl::prepare() {
  const auto gone = [&](const store::StoreError& error) { return fail(from_database(config_, error)); };
  auto opened = open();
  if (!opened) return fail(opened.error());
  store_ = *std::move(opened);
  auto settings = make_settings(config_, *store_, clock_, random_);
  if (!settings) return gone(settings.error());
  settings_ = *std::move(settings);
  if (config_.mode == Mode::kDevelopment) {
    Moment moment{clock_.now(), random_};
    auto credentials = development_credentials(config_, *store_, live_keys_.digester(), settings_, moment);
    if (!credentials) return fail(StartFailure{credentials.error()});
    credentials_ = *std::move(credentials);
  }
  const auto keys = store_->read_now([](store::Tx& tx) { return store::all_api_keys(tx); });
  if (!keys) return gone(keys.error());
  keys_.replace(*keys);
  auto tokens = make_auth_tokens(*store_, vault(), settings_, credentials_, {clock_.now(), random_});
  if (!tokens) return gone(tokens.error());
  auth_tokens_.replace(*std::move(tokens));
  return Done{};
}

/// The parts, each given what it needs.
void Server::Impl::wire() {
  context_ = std::make_unique<usecase::Context>(usecase::Context{settings_, vault(), event_ids_, &metrics_});
  // How many calls one provider or endpoint may have is the courier's to say; what is left above that is for checks.
  code_http_ = std::make_unique<delivery::HttpClient>(
      delivery::HttpClientOptions{.concurrent_max = 256, .concurrent_per_host_max = 128}, clock_);
  constexpr std::size_t kOthers =
      usecase::WebhookDispatch::kLimits.running_max + usecase::kNoticesAtOnce + usecase::TestWorker::kWebhooksAtOnce;
  other_http_ = std::make_unique<delivery::HttpClient>(delivery::webhook_client_options(kOthers), clock_);
  delivery::WebhookSenderOptions webhook_options;
  if (config_.webhooks_private_addresses) {
    webhook_options.addresses = delivery::AddressPolicy::kAny;
    webhook_options.plain_http = delivery::PlainHttp::kAllowed;
  }
  tracer_ = make_tracer(config_, settings_.node, clock_, random_);
  webhook_options.recorder = tracer_.get();
  webhooks_ = std::make_unique<delivery::WebhookSender>(*other_http_, clock_, webhook_options);
  housekeeper_ = std::make_unique<Worker>(std::chrono::hours(1), std::function<void()>());
  housekeeper_->start();
  credential_watch_ = std::make_unique<CredentialWatch>(
      CredentialWatch::Parts{*store_, context_->vault, settings_, keys_, auth_tokens_, clock_});
  delivery::InboxSink into_inbox = [](const auto&, auto kept) { kept(false); };  // Of no provider in production.
  if (config_.mode == Mode::kDevelopment) {
    desk_ = std::make_unique<DevelopmentDesk>(clock_);
    into_inbox = inbox_sink(*desk_, {*store_, *housekeeper_, *context_, clock_, random_});
  }
  providers_ = build_providers(config_, *code_http_, *other_http_, clock_, std::move(into_inbox),
                               desk_ ? &desk_->outage : nullptr);
  for (const auto& [name, sender] : more_senders_) {
    providers_.by_name.senders[name] = sender;
    providers_.by_name.notice_senders[name] = sender;
  }
  if (tracer_) trace_providers(providers_, *tracer_);
  usecase::CourierHooks hooks;
  hooks.on_message = [this](std::string_view provider, contact::Channel channel, std::string_view outcome) {
    metrics_.on_message(provider, channel, outcome);
    if (desk_) desk_->feed.announce(kUntilWrittenDown);  // Now it would show what stood there before.
  };
  hooks.on_delivery = [this](const WebhookEndpointId& endpoint, std::string_view outcome) {
    metrics_.on_delivery(endpoint.text(), outcome);
    if (desk_) desk_->feed.announce(kUntilWrittenDown);  // Now it would show what stood there before.
  };
  hooks.on_problem = [](std::string_view what) { log(Level::kError, "courier", what); };
  hooks.on_set_aside = [this](const store::SetAsideRow& row) {
    metrics_.on_set_aside(row.table);
    log(Level::kError, "row_set_aside", fmt::format("{} {}: {}", row.table, to_hex(row.key), row.why));
  };
  courier_ = std::make_unique<usecase::Courier>(*store_, *context_, providers_.by_name, *webhooks_, clock_, random_,
                                                std::move(hooks));
  if (config_.test_mode.enabled)
    test_worker_ =
        std::make_unique<usecase::TestWorker>(*store_, *context_, *webhooks_, clock_, random_,
                                              [](std::string_view what) { log(Level::kError, "test_mode", what); });
  sweeper_ = std::make_unique<Sweeper>(
      *store_, *context_, config_.retention, clock_, random_,
      [this](const AccountId& account, const store::Unacknowledged& found) {
        metrics_.on_unacknowledged(settings_.account(account).name, found.count, found.oldest);
      },
      [this](const store::Tx::Space& space) { metrics_.on_space(space); },
      [this](std::string_view queue, std::optional<WallTime> oldest_due) { metrics_.on_queue(queue, oldest_due); });
  key_upkeep_ = std::make_unique<KeyUpkeep>(*store_, *context_, live_keys_, clock_, random_);
  api_ = std::make_unique<api::Api>(api::Api{*store_, *context_, *courier_, keys_, live_keys_.signing_keys(), clock_,
                                             random_, config_.trusted_proxies});
  api_->test_signing_keys = &live_keys_.test_signing_keys();
  api_->test_worker = test_worker_.get();
  twilio_ = std::make_unique<api::twilio::Twilio>(api::twilio::Twilio{*api_, auth_tokens_});
}

/// What programs call, and how they are told that nothing is there.
void Server::Impl::add_api_routes(http::Router& router) {
  api::add_v1_routes(router, *api_);
  api::add_twilio_routes(router, *twilio_);
  api::add_health_routes(router, *api_, [this] { return draining_.load(); });
  router.on_not_found([this](const http::Request& request, http::Reply reply) {
    if (api::twilio::is_ours(request.path)) return reply.send(api::twilio::not_found_response(request.path));
    if (auto page = desk_ ? api::nothing_here(request) : std::nullopt) return reply.send(*std::move(page));
    if (failures_.takes(request)) return reply.send(failures_.page(request, 404, "not_found"));
    reply.send(api::problem_response(404, "not_found", "there is nothing at this path"));
  });
  router.on_method_not_allowed([this](const http::Request& request, http::Reply reply, std::string allow) {
    if (api::twilio::is_ours(request.path))
      return reply.send(api::twilio::method_not_allowed_response(std::move(allow)));
    auto response = failures_.takes(request) ? failures_.page(request, 405, "method_not_allowed")
                                             : api::problem_response(405, "method_not_allowed");
    response.headers.emplace_back("Allow", std::move(allow));
    reply.send(std::move(response));
  });
}

http::Router Server::Impl::routes() {
  http::Router router;
  add_api_routes(router);
  api::add_page_routes(router, *api_, page_settings(config_, settings_));
  api::add_asset_routes(router);
  api::add_callback_routes(router, *api_, providers_.twilio_tokens);
  if (desk_) {
    auto apis = std::make_shared<http::Router>();
    add_api_routes(*apis);
    add_development_routes(router, *desk_, {config_, credentials_, *api_, home_, failures_, std::move(apis)});
  }
  return router;
}

delivery::HttpClientLoad Server::Impl::outbound_load() const {
  const auto codes = code_http_->load();
  const auto others = other_http_->load();
  return {codes.running + others.running, codes.waiting + others.waiting};
}

void Server::Impl::add_metrics(http::Router& router) {
  const auto figures = [this] {
    return api::Figures{store_->stats(), http_->connections(), http_->refused_connections(), outbound_load(),
                        tracer_ ? tracer_->figures() : delivery::TraceFigures{}};
  };
  api::add_metrics_route(router, metrics_, figures, config_.metrics.token);
}

/// Figures on an address of their own, which the operator's network reaches and the Internet does not.
Result<Done, std::string> Server::Impl::listen_for_metrics() {
  if (!config_.metrics.listen) return Done{};
  http::ServerOptions options;
  options.listeners = {{config_.metrics.listen->address.to_text(), config_.metrics.listen->port, false}};
  http::Router router;
  add_metrics(router);
  metrics_http_ =
      std::make_unique<http::Server>(std::move(options), std::move(router), http::ServerHooks{}, clock_, random_);
  return metrics_http_->start();
}

http::ServerOptions Server::Impl::http_options() const {
  http::ServerOptions options;
  options.listeners.clear();
  for (const auto& address : config_.listen) {
    options.listeners.push_back({address.address.to_text(), address.port, config_.tls.has_value()});
  }
  // "localhost" names both, and many look at IPv6 first.
  const bool on_loopback = config_.listen.front().address.to_text() == "127.0.0.1";
  if (config_.mode == Mode::kDevelopment && on_loopback && free_port(*IpAddress::parse("::1")) != 0) {
    options.listeners.push_back({"::1", options.listeners.front().port, config_.tls.has_value()});
  }
  options.connections_per_peer_max = static_cast<std::size_t>(config_.connections_per_peer);
  options.not_counted_per_peer = config_.trusted_proxies;
  options.timeouts.idle = config_.idle_timeout;
  if (config_.lame_duck == Duration::zero()) options.timeouts.parting = Duration::zero();
  if (config_.tls) options.tls = {config_.tls->certificate.string(), config_.tls->key.string()};
  return options;
}

http::ServerHooks Server::Impl::http_hooks() {
  http::ServerHooks hooks;
  hooks.on_finished = [this](const http::AccessRecord& record) {
    metrics_.on_request(record);
    log_request(record, config_.log_requests);
    if (desk_) desk_->note(record);
  };
  hooks.client = [this](const http::Request& request) { return api::client_of(request, config_.trusted_proxies); };
  if (tracer_) hooks.begin_span = [this](const http::Request& request) { return span_of(request, *tracer_); };
  hooks.error_body = [this](const http::Failure& failure) {
    if (failures_.takes(failure.path, failure.accept)) return failures_.page(failure);
    return api::twilio::is_ours(failure.path) ? api::twilio::server_error_response(failure.status, failure.code)
                                              : api::problem_response(failure.status, failure.code);
  };
  hooks.on_problem = [](std::string_view what) { log(Level::kError, "http", what); };
  return hooks;
}

Result<Done, std::string> Server::Impl::listen() {
  http_ = std::make_unique<http::Server>(http_options(), routes(), http_hooks(), clock_, random_);
  if (auto started = listen_for_metrics(); !started) return started;
  listen_for_commands();
  if (config_.mode == Mode::kDevelopment) {
    // Before it answers: whoever has waited for that reads the file.
    credentials_.url = development_url(config_.listen.front().port, config_.tls.has_value());
    if (metrics_http_) {
      const ListenAddress metrics{config_.metrics.listen->address, metrics_http_->port(0)};
      credentials_.metrics_url = fmt::format("http://{}", metrics.to_text());
    }
    if (auto written = write_credentials(config_.data_dir, credentials_); !written) return written;
    home_.set({credentials_.url, config_.public_url,
               std::filesystem::absolute(credentials_file(config_.data_dir)).string(), credentials_.metrics_url, "",
               !credentials_.test_api_key.empty()});
  }
  return http_->start();
}

/// A command cannot open the file beside us. Without this the server serves all the same.
void Server::Impl::listen_for_commands() {
  if (is_postgres(config_)) return;
  const AdminHouse house{*store_, config_, context_->vault, live_keys_.digester(), event_ids_, clock_, random_};
  admin_ = std::make_unique<AdminServer>(house, [this](Task then) { credential_watch_->refresh(std::move(then)); });
  if (const auto started = admin_->start(); !started) log(Level::kWarning, "admin_socket", started.error());
}

Result<Done, std::string> Server::Impl::reload() {
  credential_watch_->refresh();
  // Each by itself: a bad certificate keeps no key out, and the other way round.
  const auto secrets = reload_secrets();
  const auto tls = config_.tls ? http_->reload_tls() : Done{};
  metrics_.on_reload(secrets && tls);
  if (!secrets && !tls) return fail(fmt::format("{}; and {}", secrets.error(), tls.error()));
  return secrets ? tls : secrets;
}

/// The keys of the sources, as they are now, in place of those in force; or one sentence, and those in force stay.
Result<Done, std::string> Server::Impl::reload_secrets() {
  if (!read_secrets_) return Done{};
  const auto next = read_secrets_();
  if (!next) return fail(fmt::format("the keys in force stay: {}", next.error().sentence));
  const auto changed = live_keys_.take(*next, *store_, clock_.now());
  if (!changed) return fail(fmt::format("the keys in force stay: {}", changed.error()));
  if (*changed) {
    log(Level::kInfo, "keys_taken", name_keys(*next));
    if (const auto announced = key_upkeep_->announce(); !announced)
      log(Level::kWarning, "keys_not_announced", announced.error().detail);
  }
  return Done{};
}

void Server::Impl::announce_end() {
  draining_ = true;
  if (http_) http_->announce_end();
}

void Server::Impl::stop() {
  draining_ = true;
  if (desk_) desk_->feed.stop();
  // From the outside in: first nothing new comes, then what is under way ends, then what it worked with.
  const MonotonicTime ends = clock_.monotonic() + config_.drain;
  if (http_) http_->drain(config_.drain);
  if (metrics_http_) metrics_http_->stop();
  if (sweeper_) sweeper_->stop();
  // What is under way would be sent again after the next start, if what comes of it were not written down.
  if (courier_) courier_->drain(std::max(ends, clock_.monotonic() + kOutboundDrain));
  for (auto* http : {code_http_.get(), other_http_.get()}) {
    if (http != nullptr) http->stop(std::chrono::milliseconds(0));
  }
  if (courier_) courier_->drain(clock_.monotonic() + kLastWrites);
  if (courier_) courier_->stop();
  if (desk_) desk_->outage.stop();
  if (test_worker_) test_worker_->stop();
  if (admin_) admin_->stop();
  if (credential_watch_) credential_watch_->stop();
  if (housekeeper_) housekeeper_->stop();
  if (key_upkeep_) key_upkeep_->stop();
  if (store_) store_->stop();
  http_.reset();
  if (tracer_) tracer_->stop(kTraceFlush);
}

Server::Server(Config config, Parts parts) : impl_(std::make_unique<Impl>(std::move(config), std::move(parts))) {}
Server::~Server() { impl_->stop(); }
Result<Done, std::string> Server::start(const WhileAway& while_away) { return impl_->start(while_away); }
Result<Done, std::string> Server::reload() { return impl_->reload(); }
void Server::announce_end() { impl_->announce_end(); }
void Server::say_box_office(std::string url) { impl_->home_.set_box_office(std::move(url)); }
const Server::Credentials& Server::credentials() const { return impl_->credentials_; }
void Server::stop() { impl_->stop(); }

std::string Server::url() const {
  const auto& first = impl_->config_.listen.front();
  return fmt::format("{}://{}", impl_->config_.tls ? "https" : "http", first.to_text());
}

}  // namespace countersign::app
