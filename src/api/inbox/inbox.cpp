#include "api/inbox/inbox.h"

#include <charconv>
#include <map>

#include "api/home/first_steps.h"
#include "api/inbox/page.h"
#include "api/own_hosts.h"
#include "api/page_headers.h"
#include "api/problem.h"
#include "api/run.h"
#include "http/form.h"
#include "usecase/development/inbox.h"

namespace countersign::api {

namespace {

constexpr auto kDelay = std::chrono::seconds(20);
constexpr int kRecent = 12;

/// A form is answered with a redirect to the changed page.
http::Response back_to_inbox() { return {303, {}, {}, {{"Location", "/dev/inbox"}}}; }

http::Response invalid(std::string_view field, std::string_view detail) {
  return problem_response(usecase::Problem{usecase::Code::kInvalidField, std::string(detail), std::string(field)});
}

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

/// The handlers; one per process, kept alive by the routes.
class InboxPage {
 public:
  InboxPage(const Api& api, const InboxParts& parts, std::string sample)
      : api_(api),
        feed_(parts.feed),
        calls_(parts.calls),
        outage_(parts.outage),
        pushes_(parts.pushes),
        sample_(std::move(sample)) {}

  void show(const http::Request& request, http::Reply reply);
  void clear(const http::Request& request, http::Reply reply);
  void report(const http::Request& request, http::Reply reply);
  void set_delay(const http::Request& request, http::Reply reply);
  void set_outage(const http::Request& request, http::Reply reply);

 private:
  [[nodiscard]] InboxView fill(store::Tx& tx, InboxView view) const;

  const Api& api_;
  Feed& feed_;
  const CallLog& calls_;
  delivery::InboxOutage& outage_;
  const usecase::KeptPushes* pushes_;
  const std::string sample_;
};

void InboxPage::show(const http::Request& request, http::Reply reply) {
  InboxView view;
  view.query = request.query_value("q").value_or("");
  view.chosen = MessageId::parse(request.query_value("m").value_or(""));
  // Set before the messages are read: a change in between is then shown twice, never lost.
  view.revision = feed_.revision();
  view.delayed = feed_.delay() > Duration{};
  view.outage = outage_.now();
  view.transaction = request.query_value("t").value_or("");
  view.sample = sample_;
  if (pushes_ != nullptr) view.pushes = pushes_->all();
  run_on_snapshot(
      api_, std::move(reply), [this, view = std::move(view)](store::Tx& tx) { return fill(tx, view); },
      [](const Result<InboxView, store::StoreError>& filled) {
        return filled ? developer_page(render_inbox(*filled)) : problem_response(filled.error());
      });
}

/// Adds what is in the database.
InboxView InboxPage::fill(store::Tx& tx, InboxView view) const {
  const WallTime now = api_.clock.now();
  view.messages = usecase::list_inbox(tx, api_.context, std::nullopt, now);
  view.recent = usecase::recent_transactions(tx, api_.context, kRecent, now);
  std::string about = view.transaction;
  if (const auto* shown = shown_message(view)) {
    if (shown->transaction)
      about = shown->transaction->text();
    else if (shown->verification)
      about = shown->verification->text();
  }
  if (!about.empty()) view.timeline = read_timeline(tx, api_.context, about, calls_.all(), now);
  return view;
}

void InboxPage::clear(const http::Request&, http::Reply reply) {
  run(
      api_, std::move(reply),
      [](store::Tx& tx) {
        usecase::clear_inbox(tx);
        return Done{};
      },
      [this](const Result<Done, store::StoreError>& done) {
        if (!done) return problem_response(done.error());
        feed_.announce();
        return back_to_inbox();
      });
}

void InboxPage::report(const http::Request& request, http::Reply reply) {
  using usecase::SimulatedReport;
  static const std::map<std::string, SimulatedReport, std::less<>> kReports{{"delivered", SimulatedReport::kDelivered},
                                                                            {"failed", SimulatedReport::kFailed},
                                                                            {"opted_out", SimulatedReport::kOptedOut}};
  const auto id = MessageId::parse(form_value(request, "id"));
  const auto report = kReports.find(form_value(request, "report"));
  if (!id) return reply.send(invalid("id", "must be the id of a message"));
  if (report == kReports.end()) return reply.send(invalid("report", "must be delivered, failed or opted_out"));
  run(
      api_, std::move(reply),
      [this, id = *id, report = report->second](store::Tx& tx) {
        Moment moment = api_.moment();
        return usecase::simulate_report(tx, api_.context, id, report, moment);
      },
      [this, id = *id](const Result<bool, store::StoreError>& done) -> http::Response {
        if (!done) return problem_response(done.error());
        feed_.announce();
        return {303, {}, {}, {{"Location", "/dev/inbox?m=" + id.text()}}};
      });
}

void InboxPage::set_delay(const http::Request& request, http::Reply reply) {
  feed_.set_delay(form_value(request, "delay") == "on" ? Duration(kDelay) : Duration{});
  feed_.announce();
  reply.send(back_to_inbox());
}

void InboxPage::set_outage(const http::Request& request, http::Reply reply) {
  const auto outage = delivery::parse_outage(form_value(request, "outage"));
  if (!outage) return reply.send(invalid("outage", "must be none, fails, refuses, hangs, no_sms or no_whatsapp"));
  outage_.set(*outage);
  feed_.announce();
  reply.send(back_to_inbox());
}

}  // namespace

void add_inbox_page(http::Router& router, const Api& api, const InboxParts& parts, const http::OwnHosts& hosts,
                    const FailurePages& failures, const std::string& credentials_file) {
  using enum http::Method;
  const auto page =
      std::make_shared<InboxPage>(api, parts,
                                  key_line(credentials_file) + "\n" + hold_line(api.context.settings.public_url) +
                                      "\n# Open the verify_url of the answer, and choose SMS.");
  const auto add = [&](http::Method method, std::string_view path, std::string_view name, http::Handler handler) {
    router.add(method, path, name, failures.for_browsers(for_own_hosts(hosts, std::move(handler))));
  };
  add(kGet, "/dev/inbox", "inbox_page",
      [page](const http::Request& request, http::Reply reply) { page->show(request, std::move(reply)); });
  add(kGet, "/dev/inbox/events", "inbox_events", [&feed = parts.feed](const http::Request& request, http::Reply reply) {
    feed.wait(seen_by(request), std::move(reply));
  });
  const auto add_form = [&](std::string_view path, std::string_view name, auto handler) {
    add(kPost, path, name, [page, handler](const http::Request& request, http::Reply reply) {
      if (is_from_another_site(request))
        return reply.send(problem_response(403, "forbidden", "a page of another site sent it"));
      ((*page).*handler)(request, std::move(reply));
    });
  };
  add_form("/dev/inbox/delete", "inbox_delete", &InboxPage::clear);
  add_form("/dev/inbox/report", "inbox_report", &InboxPage::report);
  add_form("/dev/inbox/delay", "inbox_delay", &InboxPage::set_delay);
  add_form("/dev/inbox/provider", "inbox_provider", &InboxPage::set_outage);
}

}  // namespace countersign::api
