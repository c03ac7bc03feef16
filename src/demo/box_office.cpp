#include "demo/box_office.h"

#include <curl/curl.h>

#include "assets/assets.h"
#include "base/worker.h"
#include "demo/files.h"
#include "demo/pages/pages.h"
#include "demo/webhook.h"
#include "http/own_hosts.h"
#include "http/server.h"

namespace countersign::demo {

namespace {

constexpr std::string_view kWebhookPath = "/webhooks/countersign";
constexpr auto kDrain = std::chrono::seconds(5);
constexpr auto kNoTick = std::chrono::hours(1);
constexpr std::int64_t kWebhookMemoryMicros = std::int64_t{7} * 24 * 3600 * 1'000'000;

using Page = http::Response (*)(Visit&);

/// `https://verify.example.com` for any URL there.
std::string origin_of(std::string_view url) { return std::string(url.substr(0, url.find('/', url.find("://") + 3))); }

http::Response asset(const http::Request& request) {
  const auto* found = assets::find(request.params.front());
  if (found == nullptr) return {404};
  return {200,
          std::string(found->content_type),
          std::string(found->plain),
          {{"Cache-Control", "public, max-age=31536000, immutable"}}};
}

template <class T, class E>
T must(Result<T, E> result, std::string_view what) {
  if (!result) throw std::runtime_error(std::string(what));
  return std::move(*result);
}

html::Catalogue load_catalogue() { return must(html::Catalogue::load(locales()), "the box office's texts"); }

html::Templates load_templates(const html::Catalogue& catalogue) {
  auto parsed = html::Templates::parse(templates(), catalogue);
  if (!parsed) throw std::logic_error(parsed.error().sentence);
  return *std::move(parsed);
}

}  // namespace

/// 404 and 405: not found; anything else: failed, or not accepted.
http::Response failure(const html::Templates& templates, const html::Language& language, int status,
                       std::string_view request_id) {
  const std::string kind = status == 404 || status == 405 ? "not_found" : status < 500 ? "refused" : "broken";
  http::Response response{status, "text/html; charset=utf-8"};
  response.headers = {{"Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; base-uri 'none'; form-action "
                       "'self'; frame-ancestors 'none'"},
                      {"Referrer-Policy", "same-origin"}};
  try {
    const html::Object values{{"lang", language.tag()},
                              {"languages", html::List{}},
                              {"css", assets::url("demo.css")},
                              {"established", false},
                              {"notice", ""},
                              {"refresh", ""},
                              {"title", language.text(kind + ".title")},
                              {"text", language.text(kind + ".text")},
                              {"reference", std::string(request_id)}};
    response.body = templates.render("failure", values, language);
  } catch (const std::exception&) {  // Rendering the frame failed.
    response.body = "<!doctype html><meta charset=\"utf-8\"><title>Palco</title><h1>" + language.text(kind + ".title") +
                    "</h1><p>" + std::string(request_id) + "</p><p><a href=\"/\">Palco</a></p>";
  }
  return response;
}

/// Not for the sender of webhooks, and not for assets.
bool wants_page(std::string_view path, std::string_view accept) {
  return accept.find("text/html") != std::string_view::npos && !path.starts_with("/webhooks/") &&
         !path.starts_with("/assets/");
}

class BoxOffice::Impl {
 public:
  Impl(BoxOfficeOptions options, Clock& clock, Random& random)
      : options_(std::move(options)),
        clock_(clock),
        random_(random),
        catalogue_(load_catalogue()),
        templates_(load_templates(catalogue_)),
        worker_(kNoTick, {}) {}

  Result<Done, std::string> start();
  void stop();

  BoxOfficeOptions options_;

 private:
  Result<Done, std::string> open();
  http::Router routes();
  void add(http::Router& router, http::Method method, std::string_view path, std::string_view name, Page page);
  http::Response answer(const http::Request& request, Page page);
  http::Response take_webhook(const http::Request& request);
  void on_worker(http::Request request, http::Reply reply, std::function<http::Response(const http::Request&)> work);
  std::unique_ptr<CountersignClient> make_client() {
    return std::make_unique<CountersignClient>(options_.countersign_url, options_.api_key);
  }

  Clock& clock_;
  Random& random_;
  html::Catalogue catalogue_;
  html::Templates templates_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<CountersignClient> countersign_;
  std::unique_ptr<Clerk> clerk_;
  std::unique_ptr<Desk> desk_;
  Worker worker_;  ///< Renders pages: they wait for the database, and some for Countersign.
  std::unique_ptr<http::Server> http_;
};

/// Two connections: pages and the clerk each have their own thread.
Result<Done, std::string> BoxOffice::Impl::open() {
  std::error_code error;
  if (std::filesystem::create_directories(options_.data_dir, error))
    std::filesystem::permissions(options_.data_dir, std::filesystem::perms::owner_all, error);
  const auto path = options_.data_dir / "box-office.db";
  auto for_pages = Database::open(path);
  if (!for_pages) return fail(for_pages.error());
  auto for_clerk = Database::open(path);
  if (!for_clerk) return fail(for_clerk.error());
  database_ = *std::move(for_pages);
  countersign_ = make_client();
  Clerk::Parts parts{
      *std::move(for_clerk), make_client(), options_.public_url + std::string(kWebhookPath), clock_, random_,
      options_.on_problem};
  clerk_ = std::make_unique<Clerk>(std::move(parts));
  return Done{};
}

Result<Done, std::string> BoxOffice::Impl::start() {
  if (options_.public_url.empty()) options_.public_url = "http://localhost:" + std::to_string(options_.port);
  if (options_.countersign_pages.empty()) options_.countersign_pages = options_.countersign_url;
  if (auto opened = open(); !opened) return opened;
  Moment moment{clock_.now(), random_};
  seed_events(*database_, moment);
  desk_ = std::make_unique<Desk>(Desk{*database_, *countersign_, *clerk_, catalogue_, templates_, clock_, random_,
                                      options_.on_problem, options_.public_url, origin_of(options_.countersign_pages),
                                      options_.confirm_seconds});
  worker_.start();
  http::ServerOptions http_options;
  http_options.listeners = {{options_.address, options_.port, false}};
  http::ServerHooks hooks;
  hooks.on_problem = options_.on_problem;
  hooks.error_body = [this](const http::Failure& failed) {
    if (!wants_page(failed.path, failed.accept)) return http::plain_problem(failed.status, failed.code);
    return failure(templates_, language_for(catalogue_, failed.accept_language), failed.status, failed.request_id);
  };
  http_ = std::make_unique<http::Server>(std::move(http_options), routes(), std::move(hooks), clock_, random_);
  if (auto started = http_->start(); !started) return started;
  clerk_->start();
  return Done{};
}

void BoxOffice::Impl::stop() {
  if (http_) http_->drain(kDrain);
  worker_.stop();
  if (clerk_) clerk_->stop();
  http_.reset();
}

http::Router BoxOffice::Impl::routes() {
  using enum http::Method;
  http::Router router;
  add(router, kGet, "/", "home", home_page);
  add(router, kGet, "/eventos/{id}", "event", event_page);
  add(router, kGet, "/organizar", "organize", dashboard);
  add(router, kGet, "/organizar/painel", "dashboard", dashboard);
  add(router, kPost, "/organizar/seguranca", "add_authenticator", add_authenticator);
  add(router, kPost, "/organizar/seguranca/aparelho", "add_device", add_device);
  add(router, kPost, "/organizar/seguranca/formas", "open_security", open_security);
  add(router, kGet, "/organizar/conta", "account", account_step);
  add(router, kPost, "/organizar/conta", "save_account", save_account_step);
  add(router, kGet, "/organizar/evento", "event_step", event_step);
  add(router, kPost, "/organizar/evento", "save_event", save_event_step);
  add(router, kGet, "/organizar/repasse", "payout", payout_step);
  add(router, kPost, "/organizar/repasse", "save_payout", save_payout_step);
  add(router, kGet, "/organizar/revisao", "review", review_page);
  add(router, kPost, "/organizar/confirmar", "confirm", confirm);
  add(router, kGet, "/organizar/confirmacao/{id}", "confirmation", confirmation_page);
  add(router, kPost, "/organizar/confirmacao/{id}/desistir", "give_up", give_up);
  router.add(kGet, "/assets/{name}", "asset",
             [](const http::Request& request, http::Reply reply) { reply.send(asset(request)); });
  router.add(kGet, "/favicon.ico", "asset", [](const http::Request&, http::Reply reply) {
    reply.send(
        {200, "image/svg+xml", std::string(file("data/icon.svg")), {{"Cache-Control", "public, max-age=86400"}}});
  });
  router.add(kPost, kWebhookPath, "webhook", [this](http::Request request, http::Reply reply) {
    on_worker(std::move(request), std::move(reply), [this](const http::Request& r) { return take_webhook(r); });
  });
  router.on_not_found([this](http::Request request, http::Reply reply) {
    on_worker(std::move(request), std::move(reply), [this](const http::Request& r) {
      return answer(
          r, [](Visit& visit) { return visit.page("not_found", {{"title", visit.text("not_found.title")}}, 404); });
    });
  });
  router.on_method_not_allowed([this](const http::Request& request, http::Reply reply, std::string allow) {
    auto response = wants_page(request.path, request.header("accept").value_or(""))
                        ? failure(templates_, language_of(catalogue_, request), 405, request.id)
                        : http::plain_problem(405, "method_not_allowed");
    response.headers.emplace_back("Allow", std::move(allow));
    reply.send(std::move(response));
  });
  return router;
}

void BoxOffice::Impl::add(http::Router& router, http::Method method, std::string_view path, std::string_view name,
                          Page page) {
  router.add(method, path, name, [this, page](http::Request request, http::Reply reply) {
    on_worker(std::move(request), std::move(reply), [this, page](const http::Request& r) { return answer(r, page); });
  });
}

void BoxOffice::Impl::on_worker(http::Request request, http::Reply reply,
                                std::function<http::Response(const http::Request&)> work) {
  if (!http::OwnHosts(options_.public_url).serve(request)) return reply.send({421});
  worker_.post([this, request = std::move(request), reply = std::move(reply), work = std::move(work)]() mutable {
    try {
      auto response = work(request);
      return reply.send(std::move(response));
    } catch (const std::exception& broken) {
      options_.on_problem(broken.what());
      if (wants_page(request.path, request.header("accept").value_or("")))
        return reply.send(failure(templates_, language_of(catalogue_, request), 500, request.id));
      // Otherwise the reply's destructor answers 500.
    }
  });
}

http::Response BoxOffice::Impl::answer(const http::Request& request, Page page) {
  // Cookies belong to one host name, and people return to the public one.
  const auto host = "://" + std::string(request.header("host").value_or(""));
  if (request.method == http::Method::kGet && !origin_of(options_.public_url).ends_with(host))
    return {302, "", "", {{"Location", options_.public_url + request.path}}};
  Visit visit(*desk_, request);
  return page(visit);
}

/// Accepts only signed messages, each one once, and answers at once: the clerk does the work. A message about an
/// unknown transaction gets the same answer.
http::Response BoxOffice::Impl::take_webhook(const http::Request& request) {
  static constexpr std::string_view kForget = "DELETE FROM webhooks_seen WHERE seen_at < :before";
  static constexpr std::string_view kSeen = R"sql(
      INSERT INTO webhooks_seen (id, seen_at)
      VALUES (:id, :now)
      ON CONFLICT DO NOTHING
  )sql";
  const auto row = database_->one("SELECT secret FROM webhook_endpoint");
  const WebhookMessage message{request.header("webhook-id").value_or(""),
                               request.header("webhook-timestamp").value_or(""),
                               request.header("webhook-signature").value_or(""), request.body};
  const auto now = clock_.now();
  if (!row || !is_genuine(message, row->text("secret"), now)) return {401};
  database_->run(kForget, {{"before", to_micros(now) - kWebhookMemoryMicros}});
  const bool is_new = database_->run(kSeen, {{"id", std::string(message.id)}, {"now", to_micros(now)}}) == 1;
  const auto transaction = transaction_of(message.body);
  if (is_new && transaction) {
    look_soon(*database_, *transaction, now);
    clerk_->nudge();
  }
  return {204};
}

BoxOffice::BoxOffice(BoxOfficeOptions options, Clock& clock, Random& random)
    : impl_(std::make_unique<Impl>(std::move(options), clock, random)) {}
BoxOffice::~BoxOffice() { impl_->stop(); }
Result<Done, std::string> BoxOffice::start() { return impl_->start(); }
void BoxOffice::stop() { impl_->stop(); }
const std::string& BoxOffice::url() const { return impl_->options_.public_url; }

}  // namespace countersign::demo
