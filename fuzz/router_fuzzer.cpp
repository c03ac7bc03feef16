// Links: cs_settings
//
// Complete requests, through parser, router and every route, over a fresh database in memory: whatever the requests and
// their order, each gets one answer that can be sent, is not a 500, and contains JSON where it says so; and no
// invariant fails.
//
// Input: lines. `METHOD target` begins a request, ` Name: value` (with the space) adds a header, `=text` is its body;
// `!b`, `!t`, `!x` select the caller: bearer key, account SID and auth token, none. Words in braces stand for values
// that an input cannot know: `{TX}` the last held transaction, `{LINK}` its page, `{TOKEN}` the form token of the last
// page, `{CODE}` the last code sent, `{FACTOR}`, `{SERVICE}`, `{VERIFICATION}`.

#include <stdlib.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "api/assets/assets.h"
#include "api/guide/guide.h"
#include "api/home/home.h"
#include "api/inbox/inbox.h"
#include "api/operations/operations.h"
#include "api/pages/pages.h"
#include "api/twilio/twilio.h"
#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "http/request_parser.h"
#include "http/response_writer.h"
#include "main/config/init.h"
#include "main/config/keys.h"
#include "main/page_settings.h"
#include "main/server/auth_tokens.h"
#include "main/server/development.h"
#include "main/settings.h"
#include "store/migrations/migrations.h"
#include "store/sqlite/sqlite_store.h"
#include "usecase/verify_api/hooks.h"

namespace {

using namespace countersign;  // NOLINT(google-build-using-namespace): the fuzzer is above every module.

constexpr std::size_t kRequestsMax = 40;
constexpr auto kPatience = std::chrono::seconds(8);

/// Runs tasks at once: the store in memory finishes its work inside the call.
class Inline final : public Executor {
 public:
  void post(Task task) override { task(); }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) task();
  }
};

/// Receives the single answer of a request, from any thread.
class Sink final : public http::ReplySink {
 public:
  void answer(std::uint64_t, http::Response response) override {
    const std::lock_guard lock(mutex_);
    CS_CHECK(!response_);
    response_ = std::move(response);
    answered_.notify_all();
  }
  void abandon(std::uint64_t ticket) override { answer(ticket, {500}); }
  Executor& executor() override { return executor_; }

  std::optional<http::Response> wait(Duration patience) {
    std::unique_lock lock(mutex_);
    answered_.wait_for(lock, patience, [this] { return response_.has_value(); });
    return response_;
  }

 private:
  Inline executor_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::optional<http::Response> response_;
};

/// What is the same for all inputs: keys, and a configuration with two accounts.
struct Fixture {
  main::Config config;
  crypto::Keyring keyring;
  crypto::Sealer sealer;
  crypto::Digester digester;
  crypto::SigningKeys signing_keys;
  delivery::HttpClient outbound;

  explicit Fixture(main::Config given)
      : config(std::move(given)),
        keyring(main::keyring_of(config.secrets)),
        sealer(keyring),
        digester(keyring),
        signing_keys({*crypto::SigningKey::from_pkcs8_pem(config.secrets.signing_key.expose()), {}, {}}),
        // Nothing is sent: all calls go to a proxy that does not exist.
        outbound(delivery::HttpClientOptions{.proxy = "http://127.0.0.1:9"}, system_clock()) {}
};

Fixture& fixture() {
  static Fixture made = [] {
    std::string folder = (std::filesystem::temp_directory_path() / "countersign-fuzz-XXXXXX").string();
    CS_CHECK(::mkdtemp(folder.data()) != nullptr);
    main::ConfigSources sources;
    sources.development = true;
    sources.flags["data_dir"] = folder;
    CS_CHECK(main::prepare_development(sources, system_random()).has_value());
    auto config = main::load_config(sources);
    CS_CHECK(config.has_value());
    std::filesystem::remove_all(folder);
    return Fixture(*std::move(config));
  }();
  return made;
}

/// One server without sockets.
class World {
 public:
  World();
  ~World() {
    feed_.stop();
    courier_->stop();
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void ask(std::string_view request, char caller, const IpAddress& peer);
  std::string with_words(std::string_view text) const;

 private:
  void remember(const http::Response& response);
  void note(std::string_view body, std::string_view before, std::size_t size, const std::string& word);

  Fixture& fixture_ = fixture();
  std::unique_ptr<store::Store> store_;
  usecase::Settings settings_;
  store::EventIds event_ids_;
  main::Server::Credentials credentials_;
  std::optional<usecase::Context> context_;
  usecase::KeyTable keys_{fixture_.digester};
  api::twilio::AuthTokens tokens_;
  api::Metrics metrics_;
  api::Feed feed_{system_clock()};
  api::CallLog calls_{system_clock()};
  delivery::InboxOutage outage_{system_clock()};
  api::FailurePages failures_{"http://localhost:8080", true, system_clock()};
  api::HomeBoard home_;
  delivery::Inbox inbox_;
  usecase::Providers providers_;
  delivery::WebhookSender webhooks_{fixture_.outbound, system_clock(), {}};
  std::unique_ptr<usecase::Courier> courier_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<api::twilio::Twilio> twilio_;
  http::Router router_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string> words_;  // guarded by mutex_
};

World::World()
    : inbox_([this](const delivery::OutgoingMessage& message, auto kept) {
        {
          const std::lock_guard lock(mutex_);
          words_["CODE"] = message.code.expose();
        }
        kept(true);
      }) {
  auto& clock = system_clock();
  auto& random = system_random();
  store_ = *store::open_sqlite_in_memory();
  CS_CHECK(store::migrate(*store_, store::all_migrations(), clock.now()).has_value());
  settings_ = *main::make_settings(fixture_.config, *store_, clock, random);
  Moment moment{clock.now(), random};
  credentials_ = *main::development_credentials(fixture_.config, *store_, fixture_.digester, settings_, moment);
  context_.emplace(usecase::Context{settings_, store::Vault(fixture_.sealer, fixture_.digester), event_ids_});
  keys_.replace(*store_->read_now([](store::Tx& tx) { return store::all_api_keys(tx); }));
  tokens_.replace(*main::make_auth_tokens(*store_, context_->vault, settings_, credentials_, {clock.now(), random}));
  providers_.senders["inbox"] = &inbox_;
  providers_.notice_senders["inbox"] = &inbox_;
  courier_ = std::make_unique<usecase::Courier>(usecase::Background{*store_, *context_, clock, random}, providers_,
                                                webhooks_, usecase::verify_api::hook_attempt, usecase::CourierHooks{});
  api_ = std::make_unique<api::Api>(
      api::Api{*store_, *context_, *courier_, keys_, fixture_.signing_keys, clock, random, {}});
  twilio_ = std::make_unique<api::twilio::Twilio>(api::twilio::Twilio{*api_, tokens_});
  words_["SERVICE"] = credentials_.service_sid;
  words_["ACCOUNT"] = credentials_.account_sid;

  const http::OwnHosts hosts(fixture_.config.public_url);
  api::add_v1_routes(router_, *api_);
  api::add_twilio_routes(router_, *twilio_);
  api::add_page_routes(router_, *api_, main::page_settings(fixture_.config, settings_));
  api::add_health_routes(router_, *api_, [] { return false; });
  api::add_asset_routes(router_);
  api::add_callback_routes(router_, *api_, {{"inbox", SecretString("0123456789abcdef0123456789abcdef")}});
  api::add_voice_routes(router_, *api_, {{"inbox", SecretString("0123456789abcdef0123456789abcdef")}}, {});
  api::add_whatsapp_routes(router_, *api_, {{"inbox", {SecretString("0123456789abcdef"), SecretString("a word")}}});
  api::add_metrics_route(router_, metrics_, [] { return api::Figures{}; }, SecretString());
  auto apis = std::make_shared<http::Router>();
  api::add_v1_routes(*apis, *api_);
  api::add_twilio_routes(*apis, *twilio_);
  api::add_home_route(router_, home_, hosts, failures_);
  api::add_guide_routes(router_, hosts, failures_,
                        {std::move(apis),
                         SecretString(credentials_.api_key),
                         credentials_.account_sid,
                         SecretString(credentials_.auth_token),
                         credentials_.service_sid,
                         {},
                         {}});
  api::add_inbox_route(router_, *api_, calls_, hosts);
  api::add_inbox_page(router_, *api_, {feed_, calls_, outage_}, hosts, failures_, "dev-credentials.json");
}

/// Replaces each `{WORD}` with its current value.
std::string World::with_words(std::string_view text) const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (;;) {
    const auto open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) return out;
    const auto close = text.find('}', open);
    const auto known = close == std::string_view::npos
                           ? words_.end()
                           : words_.find(std::string(text.substr(open + 1, close - open - 1)));
    if (known == words_.end()) {
      out += '{';
      text.remove_prefix(open + 1);
    } else {
      out += known->second;
      text.remove_prefix(close + 1);
    }
  }
}

/// Stores the text after `before`: up to `size` characters of those used in ids and tokens.
void World::note(std::string_view body, std::string_view before, std::size_t size, const std::string& word) {
  const auto at = body.find(before);
  if (at == std::string_view::npos) return;
  std::string_view found = body.substr(at + before.size(), size);
  found = found.substr(0, found.find_first_of("\"&<> /?"));
  const std::lock_guard lock(mutex_);
  words_[word] = found;
}

void World::remember(const http::Response& response) {
  note(response.body, "\"id\":\"TX", 32, "TX");
  note(response.body, "/verify/", 120, "LINK");
  note(response.body, "name=\"t\" value=\"", 120, "TOKEN");
  note(response.body, "\"id\":\"YF", 32, "FACTOR");
  note(response.body, "\"sid\":\"VE", 32, "VERIFICATION");
  note(response.body, "\"sid\":\"YF", 32, "FACTOR");
  note(response.body, "\"fencing_token\":\"", 64, "FENCING");
  for (const auto& [name, value] : response.headers) {
    if (name != "Set-Cookie" || !value.starts_with("cs=")) continue;
    const std::lock_guard lock(mutex_);
    words_["COOKIE"] = value.substr(0, value.find(';'));
  }
}

void check(const http::Response& response) {
  CS_CHECK(response.status >= 200 && response.status < 600 && response.status != 500);
  CS_CHECK(http::is_writable(response));
  const bool json = response.content_type.find("json") != std::string::npos;
  CS_CHECK(!json || parse_json(response.body).has_value());
}

void World::ask(std::string_view text, char caller, const IpAddress& peer) {
  const auto line_end = text.find('\n');
  const std::string first = with_words(text.substr(0, line_end));
  std::string head = first + " HTTP/1.1\r\n";
  std::string body;
  bool has_host = false;
  std::string_view rest = line_end == std::string_view::npos ? std::string_view() : text.substr(line_end + 1);
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.starts_with('=')) {
      if (!body.empty()) body += '\n';
      body += with_words(line.substr(1));
    } else if (line.starts_with(' ')) {
      has_host = has_host || line.starts_with(" Host:");
      head += with_words(line.substr(1)) + "\r\n";
    }
  }
  if (!has_host) head += "Host: localhost\r\n";
  if (caller == 'b') head += "Authorization: Bearer " + credentials_.api_key + "\r\n";
  if (caller == 't')
    head += "Authorization: Basic " + to_base64(credentials_.account_sid + ":" + credentials_.auth_token) + "\r\n";
  if (!body.empty()) head += "Content-Length: " + std::to_string(body.size()) + "\r\n";

  http::RequestParser parser(http::ParserLimits{});
  const std::string bytes = head + "\r\n" + body;
  parser.feed(bytes);
  if (parser.state() != http::RequestParser::State::kComplete) return;
  http::Request request = parser.take();
  request.peer = peer;
  request.id = "r";
  request.received_at = system_clock().now();
  const bool waits = request.path == "/dev/inbox/events";
  auto sink = std::make_shared<Sink>();
  router_.dispatch(std::move(request), http::Reply(sink, 1));
  auto response = sink->wait(waits ? Duration{} : Duration(kPatience));
  if (!response && waits) {
    feed_.announce();
    response = sink->wait(kPatience);
  }
  CS_CHECK(response);
  check(*response);
  remember(*response);
}

bool begins_request(std::string_view line) {
  return !line.empty() && line.front() >= 'A' && line.front() <= 'Z' && line.find(' ') != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<IpAddress> kPeers{*IpAddress::parse("127.0.0.1"), *IpAddress::parse("2001:db8::1"),
                                             *IpAddress::parse("fe80::1"), IpAddress()};
  std::string_view text(reinterpret_cast<const char*>(data), size);
  World world;
  char caller = 'b';
  std::string request;
  std::size_t asked = 0;
  const auto ask = [&] {
    if (!request.empty() && asked++ < kRequestsMax) world.ask(request, caller, kPeers[asked % kPeers.size()]);
    request.clear();
  };
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.size() == 2 && line.front() == '!') {
      ask();
      caller = line[1];
    } else {
      if (begins_request(line)) ask();
      request.append(line).append(1, '\n');
    }
  }
  ask();
  return 0;
}
