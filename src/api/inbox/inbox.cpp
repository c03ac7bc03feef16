#include "api/inbox/inbox.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "api/inbox/page.h"
#include "api/own_hosts.h"
#include "api/page_headers.h"
#include "api/problem.h"
#include "http/form.h"
#include "usecase/inbox.h"

namespace countersign::api {

namespace {

constexpr auto kDelay = std::chrono::seconds(20);

std::string sample(const std::string& url, const std::string& credentials_file) {
  return fmt::format(R"sample(KEY=$(sed 's/.*"api_key":"\([^"]*\)".*/\1/' {file})
curl -s {url}/v1/transactions -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' -d '{{
  "type": "payout_account.change",
  "subject": {{"identity": "organizer-42", "contacts": [{{"channel": "sms", "address": "+5511987654321"}}]}},
  "display": {{"title": "New payout account", "lines": [{{"label": "Account", "value": "Itau, ending 3661"}}]}},
  "payload": {{"bank": "341", "account": "02366-1"}}
}}'
# Open the verify_url of the answer, and choose SMS.)sample",
                     fmt::arg("url", url), fmt::arg("file", credentials_file));
}

/// A form is answered with the page that it changed.
http::Response back_to_inbox() { return {303, {}, {}, {{"Location", "/dev/inbox"}}}; }

std::uint64_t seen_by(const http::Request& request) {
  const auto given = request.header("last-event-id");
  const std::string text = given ? std::string(*given) : request.query_value("after").value_or("");
  std::uint64_t seen = 0;
  std::from_chars(text.data(), text.data() + text.size(), seen);
  return seen;
}

std::string form_value(const http::Request& request, std::string_view name) {
  const auto form = http::parse_form(request.body);
  return form ? std::string(form->value(name).value_or("")) : "";
}

/// The handlers; one for the process, kept alive by the routes.
class InboxPage {
 public:
  InboxPage(const Api& api, Feed& feed, std::string sample) : api_(api), feed_(feed), sample_(std::move(sample)) {}

  void show(const http::Request& request, http::Reply reply);
  void clear(const http::Request& request, http::Reply reply);
  void report(const http::Request& request, http::Reply reply);
  void set_delay(const http::Request& request, http::Reply reply);

 private:
  const Api& api_;
  Feed& feed_;
  const std::string sample_;
};

void InboxPage::show(const http::Request& request, http::Reply reply) {
  InboxView view;
  view.query = request.query_value("q").value_or("");
  view.chosen = MessageId::parse(request.query_value("m").value_or(""));
  // Before the messages are read: news that comes between is then shown once too often, not never.
  view.revision = feed_.revision();
  view.delayed = feed_.delay() > Duration{};
  view.sample = sample_;
  Executor& home = reply.executor();
  api_.store.read(
      home, [this](store::Tx& tx) { return usecase::list_inbox(tx, api_.context, std::nullopt, api_.clock.now()); },
      [view = std::move(view),
       reply = std::move(reply)](Result<std::vector<usecase::InboxMessage>, store::StoreError> messages) mutable {
        if (!messages) return reply.send(problem_response(messages.error()));
        view.messages = *std::move(messages);
        reply.send(developer_page(render_inbox(view)));
      });
}

void InboxPage::clear(const http::Request&, http::Reply reply) {
  Executor& home = reply.executor();
  api_.store.transact(
      home,
      [](store::Tx& tx) {
        usecase::clear_inbox(tx);
        return Done{};
      },
      [this, reply = std::move(reply)](const Result<Done, store::StoreError>& done) mutable {
        if (!done) return reply.send(problem_response(done.error()));
        feed_.announce();
        reply.send(back_to_inbox());
      });
}

void InboxPage::report(const http::Request& request, http::Reply reply) {
  using usecase::SimulatedReport;
  static const std::map<std::string, SimulatedReport, std::less<>> kReports{{"delivered", SimulatedReport::kDelivered},
                                                                            {"failed", SimulatedReport::kFailed},
                                                                            {"opted_out", SimulatedReport::kOptedOut}};
  const auto id = MessageId::parse(form_value(request, "id"));
  const auto report = kReports.find(form_value(request, "report"));
  if (!id || report == kReports.end()) return reply.send(problem_response(400, "bad_request"));
  Executor& home = reply.executor();
  api_.store.transact(
      home,
      [this, id = *id, report = report->second](store::Tx& tx) {
        Moment moment = api_.moment();
        return usecase::simulate_report(tx, api_.context, id, report, moment);
      },
      [this, id = *id, reply = std::move(reply)](const Result<bool, store::StoreError>& done) mutable {
        if (!done) return reply.send(problem_response(done.error()));
        feed_.announce();
        reply.send({303, {}, {}, {{"Location", "/dev/inbox?m=" + id.text()}}});
      });
}

void InboxPage::set_delay(const http::Request& request, http::Reply reply) {
  feed_.set_delay(form_value(request, "delay") == "on" ? Duration(kDelay) : Duration{});
  feed_.announce();
  reply.send(back_to_inbox());
}

}  // namespace

void add_inbox_page(http::Router& router, const Api& api, Feed& feed, const http::OwnHosts& hosts,
                    const std::string& credentials_file) {
  using enum http::Method;
  const auto page = std::make_shared<InboxPage>(api, feed, sample(api.context.settings.public_url, credentials_file));
  const auto add = [&](http::Method method, std::string_view path, std::string_view name, http::Handler handler) {
    router.add(method, path, name, for_own_hosts(hosts, std::move(handler)));
  };
  add(kGet, "/dev/inbox", "inbox_page",
      [page](const http::Request& request, http::Reply reply) { page->show(request, std::move(reply)); });
  add(kGet, "/dev/inbox/events", "inbox_events",
      [&feed](const http::Request& request, http::Reply reply) { feed.wait(seen_by(request), std::move(reply)); });
  const auto add_form = [&](std::string_view path, std::string_view name, auto handler) {
    add(kPost, path, name, [page, handler](const http::Request& request, http::Reply reply) {
      if (is_from_another_site(request)) return reply.send(problem_response(403, "cross_site"));
      ((*page).*handler)(request, std::move(reply));
    });
  };
  add_form("/dev/inbox/delete", "inbox_delete", &InboxPage::clear);
  add_form("/dev/inbox/report", "inbox_report", &InboxPage::report);
  add_form("/dev/inbox/delay", "inbox_delay", &InboxPage::set_delay);
}

}  // namespace countersign::api
