// Long because all parts are put together here.

#include "main/server/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include "api/assets/assets.h"
#include "api/client.h"
#include "api/operations/operations.h"
#include "api/pages/pages.h"
#include "api/twilio/twilio.h"
#include "api/v1/prompt_watch.h"
#include "base/encoding.h"
#include "base/worker.h"
#include "delivery/code_limits.h"
#include "delivery/trace_exporter.h"
#include "main/build_info.h"
#include "main/commands/admin_server.h"
#include "main/commands/spending_operations.h"
#include "main/config/keys.h"
#include "main/config/metadata_file.h"
#include "main/config/tls_files.h"
#include "main/log.h"
#include "main/open_store.h"
#include "main/page_settings.h"
#include "main/server/auth_tokens.h"
#include "main/server/budget_watch.h"
#include "main/server/credential_watch.h"
#include "main/server/development.h"
#include "main/server/development_desk.h"
#include "main/server/error_answers.h"
#include "main/server/key_upkeep.h"
#include "main/server/listening.h"
#include "main/server/live_keys.h"
#include "main/server/provider_state.h"
#include "main/server/risk_state.h"
#include "main/server/signals.h"
#include "main/server/sweeper.h"
#include "main/server/tracing.h"
#include "main/settings.h"
#include "main/site_links.h"
#include "usecase/outbox/provider_board.h"
#include "usecase/outbox/push_dispatch.h"
#include "usecase/passkey/asked_lately.h"
#include "usecase/passkey/parsed_keys.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::main {

namespace {

/// Requests to providers and endpoints end within the drain time of running requests, but have at least this.
constexpr auto kOutboundDrain = std::chrono::seconds(2);
constexpr auto kLastWrites = std::chrono::seconds(1);
constexpr auto kUntilWrittenDown = std::chrono::seconds(1);  // Time to write the result of a message or webhook.
/// How long a start waits for a command that has the SQLite file open, which on a slow disk is seconds.
constexpr auto kCommandsTake = std::chrono::seconds(10);
constexpr auto kCommandPause = std::chrono::milliseconds(50);
constexpr auto kTraceFlush = std::chrono::seconds(1);

}  // namespace

class Server::Impl {
 public:
  Impl(Config config, Parts parts)
      : config_(with_real_port(std::move(config), held_ports_)),
        clock_(parts.clock),
        random_(parts.random),
        more_senders_(std::move(parts.senders)),
        read_secrets_(std::move(parts.read_secrets)),
        live_keys_(config_.secrets, clock_.now()),
        keys_(live_keys_.digester()),
        errors_(config_, clock_) {
    metrics_.set_build(kBuild.version, kBuild.commit);
    show_metadata();
  }

  Result<Done, std::string> start(const WhileAway& while_away);
  Result<Done, std::string> reload();
  Result<Done, std::string> stop_spending();
  void close_after_responses();
  void stop();

  std::vector<HeldPort> held_ports_;
  Config config_;
  Clock& clock_;
  Random& random_;
  Credentials credentials_;
  api::HomeBoard home_;  ///< Used only in development mode.

 private:
  Result<Done, StartFailure> prepare();
  OpenedStore open();
  void listen_for_commands();
  Result<Done, std::string> answer_meanwhile();
  http::ServerHooks http_hooks();
  void wire();
  Result<Done, std::string> listen();
  Result<Done, std::string> reload_secrets();
  Result<Done, std::string> reload_metadata();
  void show_metadata();
  void wire_pushes(const usecase::Background& with);
  [[nodiscard]] store::Vault vault() const { return {live_keys_.sealer(), live_keys_.digester()}; }
  http::Router routes();
  void add_api_routes(http::Router& router);
  void add_metrics(http::Router& router);
  Result<Done, std::string> listen_for_metrics();

  std::map<std::string, delivery::Sender*> more_senders_;
  const ReadSecrets read_secrets_;
  LiveKeys live_keys_;
  usecase::KeyTable keys_;
  api::twilio::AuthTokens auth_tokens_;
  store::EventIds event_ids_;
  api::Metrics metrics_;
  const ErrorAnswers errors_;
  usecase::Settings settings_;
  std::unique_ptr<delivery::TraceExporter> tracer_;  ///< Null: tracing is off. Outlives everything that holds spans.
  std::unique_ptr<store::Store> store_;
  usecase::ParsedKeys passkey_keys_;
  usecase::AskedLately passkeys_asked_;
  usecase::ProviderBoard board_;
  usecase::ConversionBook conversion_;
  RiskState risk_;
  std::unique_ptr<usecase::Context> context_;
  std::unique_ptr<delivery::HttpClient> code_http_;   ///< Codes, checks and ends at providers.
  std::unique_ptr<delivery::HttpClient> other_http_;  ///< Webhooks and notices.
  std::unique_ptr<delivery::WebhookSender> webhooks_;
  std::unique_ptr<Signals> signals_;                 ///< Null: there are none.
  std::unique_ptr<delivery::HttpClient> push_http_;  ///< Null, like the next two, without a push key.
  std::unique_ptr<delivery::PushSender> push_sender_;
  std::unique_ptr<usecase::PushDispatch> pushes_;
  std::unique_ptr<DevelopmentDesk> desk_;  ///< Only in development mode.
  BuiltProviders providers_;
  std::unique_ptr<usecase::Courier> courier_;
  std::unique_ptr<usecase::TestWorker> test_worker_;  ///< Null if test mode is off.
  std::unique_ptr<Sweeper> sweeper_;
  std::unique_ptr<BudgetWatch> budget_watch_;
  std::unique_ptr<KeyUpkeep> key_upkeep_;
  std::unique_ptr<Worker> housekeeper_;  ///< Stores messages of the inbox.
  std::unique_ptr<CredentialWatch> credential_watch_;
  std::unique_ptr<AdminServer> admin_;  ///< Only with SQLite.
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<api::twilio::Twilio> twilio_;
  std::unique_ptr<http::Server> http_;
  std::unique_ptr<http::Server> metrics_http_;
  std::atomic<bool> draining_ = false;
  std::atomic<bool> stopped_ = false;
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

/// Answers requests while the database is not available, so that monitoring sees a waiting server.
Result<Done, std::string> Server::Impl::answer_meanwhile() {
  if (http_) return Done{};
  http::Router router;
  api::add_waiting_routes(router, [this](const http::Request& request) { return errors_.store_away(request); });
  auto hooks = http_hooks();
  // Metrics hold names of routes, and these routes are destroyed.
  hooks.on_finished = [where = config_.log_requests](const auto& record) { log_request(record, where); };
  http_ = std::make_unique<http::Server>(http_options(config_), std::move(router), std::move(hooks), clock_, random_);
  http_->close_after_responses();
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

/// Everything that needs the database.
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
  if (auto loaded = risk_.load(*store_, clock_.now()); !loaded) return gone(loaded.error());
  return Done{};
}

/// Constructs the parts and connects them.
void Server::Impl::wire() {
  context_ = std::make_unique<usecase::Context>(usecase::Context{
      settings_, vault(), event_ids_, &metrics_, &passkey_keys_, &passkeys_asked_, &board_, &conversion_});
  risk_.give_to(*context_);
  const auto code_limits = delivery::code_limits(config_.at_once);
  code_http_ = std::make_unique<delivery::HttpClient>(code_limits.http, clock_);
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
  credential_watch_ = std::make_unique<CredentialWatch>(CredentialWatch::Parts{
      *store_, context_->vault, settings_, keys_, auth_tokens_, clock_, &board_, &risk_.rules()});
  delivery::InboxSink into_inbox = [](const auto&, auto kept) { kept(false); };  // No provider uses it in production.
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
  hooks.on_share = [](const usecase::ShareChange& change) { log_share(change); };
  hooks.on_set_aside = [this](const store::SetAsideRow& row) {
    metrics_.on_set_aside(row.table);
    log(Level::kError, "row_set_aside", fmt::format("{} {}: {}", row.table, to_hex(row.key), row.why));
  };
  const usecase::Background with{*store_, *context_, clock_, random_};
  courier_ = std::make_unique<usecase::Courier>(with, providers_.by_name, *webhooks_, usecase::verify_api::hook_attempt,
                                                std::move(hooks), code_limits.queue);
  if (config_.test_mode.enabled)
    test_worker_ = std::make_unique<usecase::TestWorker>(
        with, *webhooks_, [](std::string_view what) { log(Level::kError, "test_mode", what); });
  SweeperHooks found;
  found.on_unacknowledged = [this](const AccountId& account, const store::Unacknowledged& claims) {
    metrics_.on_unacknowledged(settings_.account(account).name, claims.count, claims.oldest);
  };
  found.on_space = [this](const store::Tx::Space& space) { metrics_.on_space(space); };
  found.on_queue = [this](std::string_view queue, std::optional<WallTime> due) { metrics_.on_queue(queue, due); };
  wire_pushes(with);
  sweeper_ = std::make_unique<Sweeper>(with, config_.retention, std::move(found));
  budget_watch_ = std::make_unique<BudgetWatch>(with);
  key_upkeep_ = std::make_unique<KeyUpkeep>(with, live_keys_);
  api_ = std::make_unique<api::Api>(api::Api{*store_, *context_, *courier_, keys_, live_keys_.signing_keys(), clock_,
                                             random_, config_.trusted_proxies});
  api_->test_signing_keys = &live_keys_.test_signing_keys();
  api_->test_worker = test_worker_.get();
  signals_ = make_signals(config_, clock_, random_, metrics_);
  if (signals_) api_->signals = &signals_->panel();
  api_->prompt_watch = api::PromptWatch::make(*api_);
  twilio_ = std::make_unique<api::twilio::Twilio>(api::twilio::Twilio{*api_, auth_tokens_});
}

/// Push services are few, and each answers for many devices: a pool of their own, wide for each.
void Server::Impl::wire_pushes(const usecase::Background& with) {
  if (!settings_.push) return;
  delivery::HttpClientOptions pool{.concurrent_max = 256, .concurrent_per_host_max = 128};
  pool.waiting_max = pool.waiting_per_host_max = usecase::PushDispatch::kWaitingMax;
  push_http_ = std::make_unique<delivery::HttpClient>(pool, clock_);
  push_sender_ = std::make_unique<delivery::PushSender>(*push_http_, clock_, random_, settings_.push->keys,
                                                        delivery::PushSenderOptions{push_endpoints_of(config_)});
  pushes_ = std::make_unique<usecase::PushDispatch>(with, *push_sender_,
                                                    [](std::string_view what) { log(Level::kWarning, "push", what); });
  context_->push_outbox = desk_ ? &desk_->keep_pushes(*pushes_, clock_, !config_.push.hosts.empty()) : pushes_.get();
}

/// The routes of APIs, and their "not found" answers.
void Server::Impl::add_api_routes(http::Router& router) {
  api::add_v1_routes(router, *api_);
  api::add_twilio_routes(router, *twilio_);
  api::add_health_routes(router, *api_, [this] { return draining_.load(); });
  router.on_not_found(
      [this](const http::Request& request, http::Reply reply) { reply.send(errors_.not_found(request)); });
  router.on_method_not_allowed([this](const http::Request& request, http::Reply reply, std::string allow) {
    reply.send(errors_.method_not_allowed(request, std::move(allow)));
  });
}

http::Router Server::Impl::routes() {
  http::Router router;
  add_api_routes(router);
  api::add_page_routes(router, *api_, page_settings(config_, settings_));
  api::add_asset_routes(router);
  api::add_site_link_routes(router, site_links(config_));
  api::add_callback_routes(router, *api_, providers_.twilio_tokens);
  api::add_voice_routes(router, *api_, providers_.twilio_tokens, providers_.call_voices);
  api::add_whatsapp_routes(router, *api_, providers_.whatsapp_hooks);
  api::add_gateway_routes(router, *api_, providers_.gateway_reports);
  api::add_gateway_inbound_routes(router, *api_, providers_.gateway_inbound);
  std::vector<api::SharedSignals> receivers;
  if (signals_) receivers = signals_->receivers(config_, settings_, clock_);
  api::add_shared_signal_routes(router, *api_, std::move(receivers));
  if (desk_) {
    auto apis = std::make_shared<http::Router>();
    add_api_routes(*apis);
    add_development_routes(router, *desk_, {config_, credentials_, *api_, home_, errors_.pages(), std::move(apis)});
  }
  return router;
}

void Server::Impl::add_metrics(http::Router& router) {
  const auto figures = [this] {
    const auto [codes, others] = std::pair(code_http_->load(), other_http_->load());
    return api::Figures{store_->stats(),
                        http_->connections(),
                        http_->refused_connections(),
                        {codes.running + others.running, codes.waiting + others.waiting},
                        tracer_ ? tracer_->figures() : delivery::TraceFigures{},
                        provider_figures(config_, board_),
                        budget_watch_->figures(),
                        stopped_accounts(settings_, board_)};
  };
  api::add_metrics_route(router, metrics_, figures, config_.metrics.token);
}

/// Metrics on a separate address, which is reachable from the operator's network and not from the Internet.
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

http::ServerHooks Server::Impl::http_hooks() {
  http::ServerHooks hooks;
  hooks.on_finished = [this](const http::AccessRecord& record) {
    metrics_.on_request(record);
    log_request(record, config_.log_requests);
    if (desk_) desk_->note(record);
  };
  hooks.client = [this](const http::Request& request) { return api::client_of(request, config_.trusted_proxies); };
  if (tracer_) hooks.begin_span = [this](const http::Request& request) { return span_of(request, *tracer_); };
  hooks.error_body = [this](const http::Failure& failure) { return errors_.of(failure); };
  hooks.on_problem = [](std::string_view what) { log(Level::kError, "http", what); };
  return hooks;
}

Result<Done, std::string> Server::Impl::listen() {
  http_ = std::make_unique<http::Server>(http_options(config_), routes(), http_hooks(), clock_, random_);
  if (auto started = listen_for_metrics(); !started) return started;
  listen_for_commands();
  if (config_.mode == Mode::kDevelopment) {
    // Before the server answers: whoever waits for that reads the file.
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

/// A command cannot open the file while we have it. If this fails, the server runs anyway.
void Server::Impl::listen_for_commands() {
  if (is_postgres(config_)) return;
  const AdminContext context{*store_,    config_, context_->vault, live_keys_.digester(),
                             event_ids_, clock_,  random_,         &board_};
  admin_ = std::make_unique<AdminServer>(context, [this](Task then) { credential_watch_->refresh(std::move(then)); });
  if (const auto started = admin_->start(); !started) log(Level::kWarning, "admin_socket", started.error());
}

Result<Done, std::string> Server::Impl::stop_spending() {
  const AdminContext context{*store_,    config_, context_->vault, live_keys_.digester(),
                             event_ids_, clock_,  random_,         &board_};
  const auto done = switch_spending(context, {{"stopped", true}});
  credential_watch_->refresh();
  return done ? Result<Done, std::string>(Done{}) : fail(done.error());
}

Result<Done, std::string> Server::Impl::reload() {
  credential_watch_->refresh();
  // Independently: a bad certificate must not block new keys, and vice versa.
  const auto secrets = reload_secrets();
  const auto tls = config_.tls ? http_->reload_tls() : Done{};
  const auto metadata = reload_metadata();
  show_metadata();
  std::string failures;
  for (const auto* one : {&secrets, &tls, &metadata}) {
    if (*one) continue;
    if (!failures.empty()) failures += "; and ";
    failures += one->error();
  }
  metrics_.on_reload(failures.empty());
  if (!failures.empty()) return fail(std::move(failures));
  return Done{};
}

/// Of authenticators; each file once, and on an error it stays as it was.
Result<Done, std::string> Server::Impl::reload_metadata() {
  std::set<MetadataFile*> files;
  for (const auto& service : config_.services) {
    if (service.webauthn && service.webauthn->metadata) files.insert(service.webauthn->metadata.get());
  }
  for (auto* file : files) {
    if (const auto read = file->read(clock_.now()); !read)
      return fail(fmt::format("the metadata in use stays: {} {}", file->path().string(), read.error()));
  }
  return Done{};
}

/// Tells the metrics how old it is.
void Server::Impl::show_metadata() {
  for (const auto& service : config_.services) {
    const auto known = service.webauthn && service.webauthn->metadata ? service.webauthn->metadata->current() : nullptr;
    if (known) metrics_.on_metadata({service.account, service.name}, known->next_update());
  }
}

/// Replaces the keys by those of their sources; on an error, one sentence, nothing changes.
Result<Done, std::string> Server::Impl::reload_secrets() {
  if (!read_secrets_) return Done{};
  const auto next = read_secrets_();
  if (!next) return fail(fmt::format("the keys in force stay: {}", next.error().sentence));
  auto push_keys = push_keys_of(*next, config_.push.subject);
  if (settings_.push && push_keys.empty()) return fail(std::string("the keys in force stay: push_key is missing"));
  const auto changed = live_keys_.take(*next, *store_, clock_.now());
  if (!changed) return fail(fmt::format("the keys in force stay: {}", changed.error()));
  if (settings_.push && settings_.push->keys->take(std::move(push_keys)))
    log(Level::kInfo, "push_keys_taken", "browsers subscribe with " + push_key_name(*next));
  if (!*changed) return Done{};
  log(Level::kInfo, "keys_taken", name_keys(*next));
  if (const auto announced = key_upkeep_->announce(); !announced)
    log(Level::kWarning, "keys_not_announced", announced.error().detail);
  return Done{};
}

void Server::Impl::close_after_responses() {
  draining_ = true;
  if (http_) http_->close_after_responses();
}

void Server::Impl::stop() {
  if (stopped_.exchange(true)) return;  // A courier that has ended writes nothing more, and would be waited for.
  draining_ = true;
  if (desk_) desk_->feed.stop();
  if (api_ && api_->prompt_watch) api_->prompt_watch->stop();
  // From the outside in: first stop accepting, then finish work in progress, then stop the parts it uses.
  const MonotonicTime ends = clock_.monotonic() + config_.drain;
  if (http_) http_->drain(config_.drain);
  if (metrics_http_) metrics_http_->stop();
  if (sweeper_) sweeper_->stop();
  if (budget_watch_) budget_watch_->stop();
  // Requests in progress would be sent again after the next start, if their results were not written.
  if (courier_) courier_->drain(std::max(ends, clock_.monotonic() + kOutboundDrain));
  for (auto* http : {code_http_.get(), other_http_.get(), push_http_.get()}) {
    if (http != nullptr) http->stop(std::chrono::milliseconds(0));
  }
  if (signals_) signals_->stop();
  for (const auto& sender : providers_.senders) sender->stop();
  if (courier_) courier_->drain(clock_.monotonic() + kLastWrites);
  if (courier_) courier_->stop();
  if (pushes_) pushes_->stop();
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
Result<Done, std::string> Server::stop_spending() { return impl_->stop_spending(); }
void Server::close_after_responses() { impl_->close_after_responses(); }
void Server::say_box_office(std::string url) { impl_->home_.set_box_office(std::move(url)); }
const Server::Credentials& Server::credentials() const { return impl_->credentials_; }
void Server::stop() { impl_->stop(); }

std::string Server::url() const {
  const auto& first = impl_->config_.listen.front();
  return fmt::format("{}://{}", impl_->config_.tls ? "https" : "http", first.to_text());
}

}  // namespace countersign::main
