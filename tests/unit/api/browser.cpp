#include "unit/api/browser.h"

#include <algorithm>
#include <future>

#include "base/encoding.h"
#include "support/settings.h"
#include "usecase/verify_api/hooks.h"

namespace countersign::testing {

namespace {

/// Runs what it is given at once, on whichever thread brings it.
class Inline final : public Executor {
 public:
  /// What escapes is for the log of a real one.
  void post(Task task) override {
    try {
      task();
    } catch (const std::exception&) {
    }
  }
  void post_all(std::vector<Task> tasks) override {
    for (auto& task : tasks) post(std::move(task));
  }
};

class Waiting final : public http::ReplySink {
 public:
  void answer(std::uint64_t, http::Response response) override { promise_.set_value(std::move(response)); }
  void abandon(std::uint64_t) override { promise_.set_value({500, "", "abandoned", {}}); }
  Executor& executor() override { return executor_; }
  http::Response wait() { return promise_.get_future().get(); }

 private:
  std::promise<http::Response> promise_;
  Inline executor_;
};

}  // namespace

void KeepingSender::send(delivery::OutgoingMessage message, delivery::ProviderDone<delivery::Accepted> done) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  done(delivery::Accepted{"SM1"});
}

std::vector<delivery::OutgoingMessage> KeepingSender::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

void KnowingVerifier::start(delivery::VerificationStart, delivery::ProviderDone<delivery::Accepted> done) {
  done(delivery::Accepted{"VE1"});
}
void KnowingVerifier::check(delivery::VerificationCheck check, delivery::ProviderDone<delivery::VerifierVerdict> done) {
  done(check.code.expose() == "424242" ? delivery::VerifierVerdict::kApproved : delivery::VerifierVerdict::kWrongCode);
}
void KnowingVerifier::cancel(std::string, delivery::ProviderDone<Done> done) { done(Done{}); }

PageHouse::PageHouse(std::string public_url, std::unique_ptr<store::Store> store)
    : fixture_(std::move(store)),
      providers_{{{"double", &sender_}}, {{"verifier", &verifier_}}, {{"double", &sender_}}},
      outbound_({}, fixture_.clock()),
      webhooks_(outbound_, fixture_.clock()),
      courier_({fixture_.store(), fixture_.context(), fixture_.clock(), fixture_.random()}, providers_, webhooks_,
               usecase::verify_api::hook_attempt, {}),
      digester_(test_keyring()),
      keys_(digester_),
      signing_keys_({crypto::SigningKey::generate(crypto::JwsAlgorithm::kEdDsa, fixture_.random()), {}, {}}),
      api_{fixture_.store(), fixture_.context(), courier_,          keys_,
           signing_keys_,    fixture_.clock(),   fixture_.random(), {}} {
  fixture_.settings().public_url = std::move(public_url);
  Moment moment{fixture_.now(), fixture_.random()};
  key_ = usecase::issue_key(digester_, fixture_.account(), "application", std::nullopt, moment);
  keys_.replace({key_.row});
}

PageHouse::~PageHouse() {
  courier_.stop();
  fixture_.store().stop();  // It may have units of the courier yet.
}

std::string PageHouse::hold() {
  auto held = fixture_.try_hold();
  if (!held) ADD_FAILURE() << held.error().field << ' ' << held.error().detail;
  CS_CHECK(held.has_value());
  return held->verify_url.substr(fixture_.settings().public_url.size());
}

std::string PageHouse::hold(std::string_view policy) {
  fixture_.request().policy = std::string(policy);
  return hold();
}

std::string PageHouse::code() const {
  const auto all = messages();
  // Notices, which the courier sends when it comes to it, have none.
  const auto last = std::find_if(all.rbegin(), all.rend(), [](const auto& m) { return !m.code.expose().empty(); });
  CS_CHECK(last != all.rend());
  return last->code.expose();
}

http::Response PageHouse::ask(http::Request request) {
  if (!router_) {
    router_ = std::make_unique<http::Router>();
    api::add_page_routes(*router_, api_, brands_);
    api::add_v1_routes(*router_, api_);
  }
  auto sink = std::make_shared<Waiting>();
  request.id = "request-1";
  router_->dispatch(std::move(request), http::Reply(sink, 1));
  return sink->wait();
}

http::Response PageHouse::call(std::string path, std::string body, std::string idempotency_key) {
  http::Request request;
  request.method = http::Method::kPost;
  request.path = std::move(path);
  request.body = std::move(body);
  request.peer = *IpAddress::parse("203.0.113.9");
  request.add_header("authorization", "Bearer " + key_.text.expose());
  request.add_header("content-type", "application/json");
  request.add_header("idempotency-key", std::move(idempotency_key));
  return ask(std::move(request));
}

std::string Browser::Page::field(std::string_view name) const {
  const std::string start = "name=\"" + std::string(name) + "\" value=\"";
  const auto at = body.find(start);
  if (at == std::string::npos) return {};
  const auto from = at + start.size();
  return body.substr(from, body.find('"', from) - from);
}

std::string Browser::Page::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Browser::Page::heading() const {
  const auto at = body.find("<h1");
  const auto from = at == std::string::npos ? at : body.find('>', at) + 1;
  const std::string markup = at == std::string::npos ? "" : body.substr(from, body.find("</h1>") - from);
  std::string words;
  bool in_tag = false;
  for (const char c : markup) {
    if (c == '<') in_tag = true;
    if (!in_tag) words += c;
    if (c == '>') in_tag = false;
  }
  return words;
}

Browser::Page Browser::ask(http::Request request) {
  request.peer = IpAddress::parse(peer).value_or(IpAddress());
  std::string cookies;
  for (const auto& [name, value] : cookies_) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
  if (!cookies.empty()) request.add_header("Cookie", cookies);
  for (const auto& [name, value] : extra_) request.add_header(name, value);
  http::Response response = pages_.ask(std::move(request));
  Page page;
  page.status = response.status;
  page.body = std::move(response.body);
  for (auto& [name, value] : response.headers) {
    if (name == "Location") page.location = value;
    if (name == "Set-Cookie") {
      const auto equals = value.find('=');
      const std::string cookie = value.substr(0, equals);
      cookies_[cookie] = value.substr(equals + 1, value.find(';') - equals - 1);
      if (value.find("Max-Age=0") != std::string::npos) cookies_.erase(cookie);
    }
    page.headers.emplace(name, value);
  }
  return page;
}

Browser::Page Browser::get(std::string_view url, http::Method method) {
  http::Request request;
  request.method = method;
  request.path = url.substr(0, url.find('?'));
  if (request.path.size() < url.size()) request.query = url.substr(request.path.size() + 1);
  return ask(std::move(request));
}

Browser::Page Browser::post_alone(std::string_view url,
                                  const std::vector<std::pair<std::string, std::string>>& fields) {
  http::Request request;
  request.method = http::Method::kPost;
  request.path = url.substr(0, url.find('?'));
  if (request.path.size() < url.size()) request.query = url.substr(request.path.size() + 1);
  request.add_header("Content-Type", "application/x-www-form-urlencoded");
  for (const auto& [name, value] : fields) {
    if (!request.body.empty()) request.body += '&';
    request.body += percent_encode(name) + '=' + percent_encode(value);
  }
  return ask(std::move(request));
}

Browser::Page Browser::post(std::string_view url, const std::vector<std::pair<std::string, std::string>>& fields) {
  const Page answer = post_alone(url, fields);
  if (answer.status != 303) return answer;
  Page page = get(answer.location);
  page.location = answer.location;
  return page;
}

Browser::Page Browser::check(std::string_view link, const Page& page, std::string_view code) {
  return post(
      std::string(link) + "/check",
      {{"t", page.field("t")}, {"for", page.field("for")}, {"way", page.field("way")}, {"code", std::string(code)}});
}

Browser::Page Browser::send(std::string_view link, const Page& page) {
  return post(std::string(link) + "/send", {{"t", page.field("t")}, {"way", page.field("way")}});
}

std::string one_more_from_her_address(PageHouse& pages, Browser& browser) {
  pages.fixture().limits().sends_per_ip = {1, std::chrono::minutes(10)};
  const std::string first = pages.hold();
  static_cast<void>(browser.send(first, browser.get(first)));
  pages.fixture().request().contacts = {{Channel::kSms, "+5521998765432"}};
  pages.fixture().request().identity = "somebody-else";
  return pages.hold();
}

}  // namespace countersign::testing
