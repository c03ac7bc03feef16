#include <fmt/format.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <set>

#include "api/operations/operations.h"
#include "api/operations/process_figures.h"
#include "api/operations/series.h"
#include "api/problem.h"

namespace countersign::api {

namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets kRequestSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10};
/// Minutes, for a message's last attempt.
const Buckets kSignalSeconds{0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10};
const Buckets kMessageSeconds{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600};

/// The ceiling on label sets of one family. Routes are fixed by the program, and fewer.
constexpr std::size_t kRoutes = 2000;
constexpr std::size_t kCounted = 1000;
constexpr std::size_t kHistograms = 100;
constexpr std::size_t kEndpoints = 200;

MetricLabel fixed(std::string name) { return {std::move(name), MetricLabel::Values::kFixed}; }
MetricLabel open_ended(std::string name) { return {std::move(name), MetricLabel::Values::kOpen}; }

double seconds_of(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// Values that are read when they are exported.
class Lines {
 public:
  template <class Value>
  void add(std::string_view name, std::string_view type, std::string_view help, Value value,
           std::string_view labels = "") {
    head(name, type, help);
    text_ += fmt::format("{}{} {}\n", name, labels, value);
  }

  /// One of several series; head() comes before them.
  template <class Value>
  void series(std::string_view name, std::string_view labels, Value value) {
    text_ += fmt::format("{}{} {}\n", name, labels, value);
  }

  /// In the format of the library.
  void add_commits(const store::StoreStats& store) {
    constexpr std::string_view kName = "countersign_store_commit_seconds";
    head(kName, "histogram", "From taking a batch in hand to its answer");
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < store.commit_times.size(); ++i) {
      count += store.commit_times[i];
      const bool last = i == store::StoreWatch::kBounds.size();
      text_ += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", kName,
                           last ? std::string("+Inf") : fmt::format("{}", store::StoreWatch::kBounds[i]), count);
    }
    text_ += fmt::format("{0}_sum {1}\n{0}_count {2}\n", kName, seconds_of(store.commit_time), count);
  }

  void head(std::string_view name, std::string_view type, std::string_view help) {
    text_ += fmt::format("# HELP {0} {2}\n# TYPE {0} {1}\n", name, type, help);
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

void add_store(Lines& lines, const store::StoreStats& store) {
  lines.add("countersign_store_units_total", "counter", "Writing units of work answered", store.units);
  lines.add("countersign_store_commits_total", "counter", "Durable commits; units per commit is the size of a batch",
            store.commits);
  lines.add("countersign_store_failed_commits_total", "counter", "Commits that failed as a whole",
            store.failed_commits);
  lines.add("countersign_store_repeated_batches_total", "counter",
            "Batches run twice, because a unit that had written was undone", store.repeated_batches);
  lines.add("countersign_store_put_off_total", "counter",
            "PostgreSQL: units that came with a later batch, because another node had a key of theirs", store.put_off);
  lines.add("countersign_store_reads_total", "counter", "Reading units of work", store.reads);
  lines.add("countersign_store_refused_total", "counter", "Units refused because too many waited", store.refused);
  lines.add("countersign_store_failed_checkpoints_total", "counter",
            "SQLite: the log could not be moved into the database file", store.failed_checkpoints);
  lines.add("countersign_store_conflicts_total", "counter", "Transactions repeated after another node's",
            store.conflicts);
  lines.add("countersign_store_reconnects_total", "counter", "Lost database connections made anew", store.reconnects);
  lines.add("countersign_store_doubtful_commits_total", "counter", "Commits whose answer was lost, and looked up",
            store.doubtful_commits);
  lines.add("countersign_store_round_trips_total", "counter",
            "PostgreSQL: waits of the writer for an answer of the database", store.round_trips);
  lines.add("countersign_store_failed_reads_total", "counter", "Reading units that failed; the log knows why",
            store.failed_reads);
  lines.add("countersign_store_damaged", "gauge", "1 once the database was found damaged", store.damaged ? 1 : 0);
  lines.add("countersign_store_slow", "gauge", "1 while commits take longer than 2 s, and 5 s after",
            store.slow ? 1 : 0);
  lines.add_commits(store);
  lines.add("countersign_store_queued", "gauge", "Writing units that wait", store.queued);
}

/// As country_of() has it.
std::string_view label_of(const std::string& country) { return country.empty() ? "none" : std::string_view(country); }

/// As in add_providers().
void add_budgets(Lines& lines, const Figures& figures) {
  const auto labels = [](const BudgetFigures& one) {
    return fmt::format("{{account=\"{}\",service=\"{}\",country=\"{}\"}}", one.account, one.service, one.country);
  };
  lines.head("countersign_budget_spent", "gauge",
             "What messages have cost today (UTC), in the currency of budgets, of the account, a service or a country");
  for (const auto& one : figures.budgets) lines.series("countersign_budget_spent", labels(one), one.spent);
  lines.head("countersign_budget_limit", "gauge", "From where on the budget is closed to strangers");
  for (const auto& one : figures.budgets)
    if (one.limit) lines.series("countersign_budget_limit", labels(one), *one.limit);
  lines.head("countersign_budget_closes", "gauge", "From where on the budget is closed to all");
  for (const auto& one : figures.budgets)
    if (one.closes) lines.series("countersign_budget_closes", labels(one), *one.closes);
  lines.head("countersign_spending_stopped", "gauge", "1 while an operator has stopped all messages that cost money");
  for (const auto& account : figures.stopped)
    lines.series("countersign_spending_stopped", fmt::format("{{account=\"{}\"}}", account), 1);
}

/// Names are from the configuration, and countries are codes: nothing in them needs escaping.
void add_providers(Lines& lines, const std::vector<ProviderFigures>& providers) {
  lines.head("countersign_provider_circuit_open", "gauge", "1 while this server's circuit to the provider is open");
  for (const auto& provider : providers)
    lines.series("countersign_provider_circuit_open", fmt::format("{{provider=\"{}\"}}", provider.name),
                 provider.open ? 1 : 0);
  lines.head("countersign_provider_silent", "gauge",
             "1 while the provider is passed over for a country, because it delivers nothing there");
  for (const auto& provider : providers) {
    for (const auto& country : provider.silent)
      lines.series("countersign_provider_silent",
                   fmt::format("{{provider=\"{}\",country=\"{}\"}}", provider.name, label_of(country)), 1);
  }
  lines.head("countersign_provider_weight_share", "gauge",
             "What is left of a provider's weight by what was learned, where it is less than 1: the least of all "
             "services");
  for (const auto& provider : providers) {
    for (const auto& [where, share] : provider.shares)
      lines.series("countersign_provider_weight_share",
                   fmt::format("{{provider=\"{}\",channel=\"{}\",country=\"{}\"}}", provider.name, where.first,
                               label_of(where.second)),
                   share / 1000.0);
  }
}

void add_process(Lines& lines, const ProcessFigures& process) {
  lines.add("process_cpu_seconds_total", "counter", "User and system CPU time", process.cpu_seconds);
  lines.add("process_resident_memory_bytes", "gauge", "Resident memory", process.resident_bytes);
  lines.add("process_virtual_memory_bytes", "gauge", "Virtual memory", process.virtual_bytes);
  lines.add("process_open_fds", "gauge", "Open file descriptors", process.open_fds);
  lines.add("process_max_fds", "gauge", "The most file descriptors that may be open", process.max_fds);
  lines.add("process_threads", "gauge", "Threads", process.threads);
  lines.add("process_start_time_seconds", "gauge", "Unix time at which the process started",
            fmt::format("{:.2f}", process.start_time_seconds));
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  std::vector<MetricName> names;

  Counters requests{registry,
                    names,
                    "countersign_http_requests_total",
                    "Answered requests by route and status",
                    {fixed("route"), fixed("status")},
                    kRoutes};
  Histograms durations{registry,
                       names,
                       "countersign_http_request_duration_seconds",
                       "From a request's last byte to its answer, by route",
                       {fixed("route")},
                       kRoutes,
                       kRequestSeconds};
  Counters events{registry,
                  names,
                  "countersign_events_total",
                  "Events of the audit log by account, service and type",
                  {open_ended("account"), open_ended("service"), fixed("type")},
                  kRoutes};
  Counters started{registry,
                   names,
                   "countersign_verifications_started_total",
                   "Verifications begun by account, service, channel and country",
                   {open_ended("account"), open_ended("service"), fixed("channel"), open_ended("country")},
                   kCounted};
  Counters approved{registry,
                    names,
                    "countersign_verifications_approved_total",
                    "Right codes by account, service, channel (or totp) and country",
                    {open_ended("account"), open_ended("service"), fixed("channel"), open_ended("country")},
                    kCounted};
  Counters claimed{registry,
                   names,
                   "countersign_claims_total",
                   "Transactions claimed, once for each channel (or totp) that proved them, by account and service",
                   {open_ended("account"), open_ended("service"), fixed("channel")},
                   kCounted};
  Counters limits{registry,
                  names,
                  "countersign_limits_hit_total",
                  "Refusals by account, limit and, where it is about a message, country",
                  {open_ended("account"), fixed("limit"), open_ended("country")},
                  kCounted};
  Counters decisions{registry,
                     names,
                     "countersign_risk_decisions_total",
                     "Decisions of the fraud rules by account, point and outcome",
                     {open_ended("account"), fixed("point"), fixed("outcome")},
                     kCounted};
  Counters rules{registry,
                 names,
                 "countersign_risk_rules_total",
                 "Fraud rules that matched, by account, rule, country of the number and what came of it",
                 {open_ended("account"), open_ended("rule"), open_ended("country"), fixed("result")},
                 kCounted};
  Counters locks{registry,
                 names,
                 "countersign_lockouts_total",
                 "Locks after wrong codes in a row by account and what was locked",
                 {open_ended("account"), fixed("what")},
                 kCounted};
  Counters messages{registry,
                    names,
                    "countersign_messages_total",
                    "Messages handed to providers by provider, channel and outcome: attempts",
                    {open_ended("provider"), fixed("channel"), fixed("outcome")},
                    kCounted};
  Counters carried{registry,
                   names,
                   "countersign_codes_carried_total",
                   "Codes that a provider accepted, by provider, channel and country",
                   {open_ended("provider"), fixed("channel"), open_ended("country")},
                   kCounted};
  Counters converted{registry,
                     names,
                     "countersign_codes_converted_total",
                     "Right codes by the provider that carried them, channel and country",
                     {open_ended("provider"), fixed("channel"), open_ended("country")},
                     kCounted};
  Counters failed{
      registry,
      names,
      "countersign_messages_failed_total",
      "Messages given up, or reported as not delivered, by account, service, provider, channel, country and "
      "fault",
      {open_ended("account"), open_ended("service"), open_ended("provider"), fixed("channel"), open_ended("country"),
       fixed("fault")},
      kCounted};
  Counters reports{registry,
                   names,
                   "countersign_delivery_reports_total",
                   "Delivery reports by provider, channel, stage, reason of a failure and effect",
                   {open_ended("provider"), fixed("channel"), fixed("stage"), fixed("reason"), fixed("effect")},
                   kCounted};
  Histograms accepted{
      registry,
      names,
      "countersign_message_acceptance_seconds",
      "From queueing a message to its acceptance by a provider by account, service, channel and country",
      {open_ended("account"), open_ended("service"), fixed("channel"), open_ended("country")},
      kHistograms,
      kMessageSeconds};
  Counters deliveries{registry,
                      names,
                      "countersign_webhook_attempts_total",
                      "Webhook attempts by endpoint and outcome",
                      {open_ended("endpoint"), fixed("outcome")},
                      kEndpoints};
  Counters lost{
      registry,  names, "countersign_webhooks_failed_total", "Webhooks given up by endpoint", {open_ended("endpoint")},
      kEndpoints};
  Counters set_aside{registry,
                     names,
                     "countersign_rows_set_aside_total",
                     "Rows of work that could not be read and were set aside, by table",
                     {fixed("table")},
                     kCounted};
  Counters signals{registry,
                   names,
                   "countersign_signals_total",
                   "Answers of signals from outside, by signal and outcome",
                   {open_ended("signal"), fixed("outcome")},
                   kCounted};
  Histograms signal_seconds{registry,
                            names,
                            "countersign_signal_seconds",
                            "From a question to a signal's answer, by signal, remembered answers left out",
                            {open_ended("signal")},
                            kHistograms,
                            kSignalSeconds};
  Gauges unacknowledged{registry,
                        names,
                        "countersign_claimed_unacknowledged",
                        "Transactions that are claimed and not acknowledged, by account; looked at about every minute",
                        {open_ended("account")},
                        kCounted};
  Gauges unacknowledged_since{registry,
                              names,
                              "countersign_claimed_unacknowledged_since_seconds",
                              "Unix time at which the oldest of them was claimed, by account; 0 where there is none",
                              {open_ended("account")},
                              kCounted};
  Gauges queues{registry,
                names,
                "countersign_queue_oldest_due_timestamp_seconds",
                "Unix time since which the oldest row of a queue is due; 0 where none is; looked at about every minute",
                {fixed("queue")},
                kCounted};
  Gauges file_bytes{registry, names, "countersign_store_file_bytes", "SQLite: what the database file takes", {}, 1};
  Gauges unused_bytes{registry, names, "countersign_store_unused_bytes", "SQLite: what of it holds nothing", {}, 1};
  Gauges reload_failed{registry,
                       names,
                       "countersign_reload_failed",
                       "1 where the last reload left keys, metadata or certificate as they were",
                       {},
                       1};
  Gauges metadata_next{registry,
                       names,
                       "countersign_passkey_metadata_next_update_timestamp_seconds",
                       "Unix time of the day by which FIDO publishes newer metadata than a service has in use",
                       {open_ended("account"), open_ended("service")},
                       kCounted};
  Gauges build{registry,
               names,
               "countersign_build_info",
               "1, with the version and the commit that it was built from",
               {fixed("version"), fixed("commit")},
               1};
};

void Metrics::on_signal(std::string_view signal, std::string_view outcome, Duration took) {
  families_->signals.at({signal, outcome}).Increment();
  // Nothing was asked.
  if (took > Duration::zero()) families_->signal_seconds.at({signal}).Observe(seconds_of(took));
}

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::on_request(const http::AccessRecord& record) {
  families_->requests.at({record.route, std::to_string(record.status)}).Increment();
  families_->durations.at({record.route}).Observe(seconds_of(record.duration));
}

void Metrics::on_message(std::string_view provider, contact::Channel channel, std::string_view outcome) {
  families_->messages.at({provider, contact::to_text(channel), outcome}).Increment();
}

void Metrics::on_delivery(std::string_view endpoint, std::string_view outcome) {
  families_->deliveries.at({endpoint, outcome}).Increment();
}

void Metrics::on_set_aside(std::string_view table) { families_->set_aside.at({table}).Increment(); }

void Metrics::on_unacknowledged(std::string_view account, std::int64_t count, std::optional<WallTime> oldest) {
  families_->unacknowledged.at({account}).Set(static_cast<double>(count));
  families_->unacknowledged_since.at({account}).Set(oldest ? static_cast<double>(to_unix_seconds(*oldest)) : 0);
}

void Metrics::on_queue(std::string_view queue, std::optional<WallTime> oldest_due) {
  families_->queues.at({queue}).Set(oldest_due ? static_cast<double>(to_unix_seconds(*oldest_due)) : 0);
}

void Metrics::on_space(const store::Tx::Space& space) {
  families_->file_bytes.at({}).Set(static_cast<double>(space.pages * space.page_bytes));
  families_->unused_bytes.at({}).Set(static_cast<double>(space.free * space.page_bytes));
}

void Metrics::set_build(std::string_view version, std::string_view commit) {
  families_->build.at({version, commit}).Set(1);
}

void Metrics::on_reload(bool well) { families_->reload_failed.at({}).Set(well ? 0 : 1); }

void Metrics::on_metadata(const Place& place, std::chrono::sys_days next_update) {
  families_->metadata_next.at({place.account, place.service})
      .Set(static_cast<double>(to_unix_seconds(WallTime(next_update))));
}

void Metrics::on_event(const Place& place, std::string_view type) {
  families_->events.at({place.account, place.service, type}).Increment();
}

void Metrics::on_started(const Place& place, contact::Channel channel, std::string_view country) {
  families_->started.at({place.account, place.service, contact::to_text(channel), country}).Increment();
}

void Metrics::on_approved(const Place& place, std::string_view method, std::string_view country) {
  families_->approved.at({place.account, place.service, method, country}).Increment();
}

void Metrics::on_claimed(const Place& place, std::string_view method) {
  families_->claimed.at({place.account, place.service, method}).Increment();
}

void Metrics::on_limit(std::string_view account, std::string_view limit, std::string_view country) {
  families_->limits.at({account, limit, country}).Increment();
}

void Metrics::on_lock(std::string_view account, std::string_view what) {
  families_->locks.at({account, what}).Increment();
}

void Metrics::on_decision(const Place& place, const risk::Decision& decision, std::string_view country) {
  families_->decisions.at({place.account, risk::to_text(decision.point), risk::to_text(decision.outcome)}).Increment();
  for (const auto& match : decision.matches) {
    const bool decided = !match.shadow && match.outcome <= decision.outcome;
    const bool fell_back = !match.shadow && decision.allow_reason == risk::AllowReason::kFellBack;
    const std::string_view otherwise = fell_back ? "fell_back" : "set_aside";
    families_->rules.at({place.account, match.rule, country, decided ? risk::to_text(match.outcome) : otherwise})
        .Increment();
  }
}

void Metrics::on_accepted(const Place& place, contact::Channel channel, std::string_view country, Duration latency) {
  families_->accepted.at({place.account, place.service, contact::to_text(channel), country})
      .Observe(std::max(0.0, seconds_of(latency)));
}

void Metrics::on_carried(std::string_view provider, contact::Channel channel, std::string_view country) {
  families_->carried.at({provider, contact::to_text(channel), country}).Increment();
}

void Metrics::on_converted(std::string_view provider, contact::Channel channel, std::string_view country) {
  families_->converted.at({provider, contact::to_text(channel), country}).Increment();
}

void Metrics::on_message_failed(const Place& place, std::string_view provider, contact::Channel channel,
                                std::string_view country, std::string_view fault) {
  families_->failed.at({place.account, place.service, provider, contact::to_text(channel), country, fault}).Increment();
}

void Metrics::on_delivery_report(std::string_view provider, contact::Channel channel, std::string_view stage,
                                 std::string_view reason, std::string_view effect) {
  families_->reports.at({provider, contact::to_text(channel), stage, reason, effect}).Increment();
}

void Metrics::on_webhook_failed(std::string_view endpoint) { families_->lost.at({endpoint}).Increment(); }

std::string Metrics::text(const Figures& figures) const {
  const auto collected = families_->registry.Collect();
  std::set<std::string_view> with_series;
  for (const auto& family : collected) with_series.insert(family.name);
  Lines lines;
  for (const auto& [name, type, help] : families_->names) {
    if (!with_series.contains(name)) lines.head(name, type, help);
  }
  add_store(lines, figures.store);
  lines.add("countersign_http_connections", "gauge", "Open connections", figures.connections);
  lines.add("countersign_http_refused_connections_total", "counter", "Closed at once because a bound was reached",
            figures.refused_connections);
  lines.add("countersign_outbound_calls_running", "gauge", "Calls to providers and endpoints under way",
            figures.outbound.running);
  lines.add("countersign_outbound_calls_waiting", "gauge", "Calls that wait for a slot", figures.outbound.waiting);
  lines.add("countersign_trace_spans_exported_total", "counter", "Spans that the collector took",
            figures.traces.exported);
  lines.add("countersign_trace_spans_dropped_total", "counter",
            "Spans without room, or given up because the collector was away", figures.traces.dropped);
  lines.add("countersign_trace_spans_waiting", "gauge", "Spans that wait for the collector", figures.traces.waiting);
  add_providers(lines, figures.providers);
  add_budgets(lines, figures);
  add_process(lines, process_figures());
  return prometheus::TextSerializer().Serialize(collected) + lines.take();
}

void add_metrics_route(http::Router& router, const Metrics& metrics, std::function<Figures()> figures,
                       SecretString token) {
  router.add(
      http::Method::kGet, "/metrics", "metrics",
      [&metrics, figures = std::move(figures), token = std::move(token)](const http::Request& request,
                                                                         http::Reply reply) {
        const bool open = token.expose().empty();
        if (!open && !equal_constant_time(request.header("authorization").value_or(""), "Bearer " + token.expose())) {
          auto response = problem_response(401, "unauthorized", "send the metrics token as a bearer token");
          response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"metrics\"");
          return reply.send(std::move(response));
        }
        reply.send({200, "text/plain; version=0.0.4; charset=utf-8", metrics.text(figures()), {}});
      });
}

}  // namespace countersign::api
