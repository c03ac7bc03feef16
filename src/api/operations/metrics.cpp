#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <shared_mutex>
#include <tuple>

#include "api/operations/operations.h"
#include "api/problem.h"

namespace countersign::api {

/// The series of one family by their labels, so that counting is a look-up and not the library's own map of strings.
template <class Series>
class SeriesTable {
 public:
  using Key = std::tuple<std::string_view, int>;

  template <class Make>
  Series& get(const Key& key, Make make) {
    {
      const std::shared_lock lock(mutex_);
      const auto found = series_.find(key);
      if (found != series_.end()) return *found->second;
    }
    const std::unique_lock lock(mutex_);
    auto& slot = series_[key];
    if (slot == nullptr) slot = &make();
    return *slot;
  }

 private:
  std::shared_mutex mutex_;
  std::map<Key, Series*> series_;  // Route names live as long as the router, hence views.
};

namespace {

const prometheus::Histogram::BucketBoundaries kSeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                       0.1,    0.25,  0.5,    1,     2.5,  10};

/// In the text format, as the library writes its own.
std::string commit_histogram(const store::StoreStats& store) {
  constexpr std::string_view kName = "countersign_store_commit_seconds";
  std::string out = fmt::format("# HELP {0} From taking a batch in hand to its answer\n# TYPE {0} histogram\n", kName);
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < store.commit_times.size(); ++i) {
    count += store.commit_times[i];
    const bool last = i == store::StoreWatch::kBounds.size();
    out += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", kName,
                       last ? std::string("+Inf") : fmt::format("{}", store::StoreWatch::kBounds[i]), count);
  }
  return out + fmt::format("{0}_sum {1}\n{0}_count {2}\n", kName,
                           std::chrono::duration<double>(store.commit_time).count(), count);
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Gauge>& file_bytes =
      prometheus::BuildGauge().Name("countersign_store_file_bytes").Help("What the database takes").Register(registry);
  prometheus::Family<prometheus::Gauge>& unused_bytes = prometheus::BuildGauge()
                                                            .Name("countersign_store_unused_bytes")
                                                            .Help("What of it holds nothing")
                                                            .Register(registry);
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("countersign_http_requests_total")
                                                          .Help("Answered requests by route and status")
                                                          .Register(registry);
  prometheus::Family<prometheus::Histogram>& durations = prometheus::BuildHistogram()
                                                             .Name("countersign_http_request_duration_seconds")
                                                             .Help("From a request's last byte to its answer, by route")
                                                             .Register(registry);
  prometheus::Family<prometheus::Counter>& messages =
      prometheus::BuildCounter()
          .Name("countersign_messages_total")
          .Help("Messages handed to providers by provider, channel and outcome")
          .Register(registry);
  prometheus::Family<prometheus::Counter>& deliveries = prometheus::BuildCounter()
                                                            .Name("countersign_webhook_attempts_total")
                                                            .Help("Webhook attempts by outcome")
                                                            .Register(registry);
  prometheus::Family<prometheus::Counter>& set_aside =
      prometheus::BuildCounter()
          .Name("countersign_rows_set_aside_total")
          .Help("Rows of work that could not be read and were set aside, by table")
          .Register(registry);
  prometheus::Family<prometheus::Gauge>& unacknowledged =
      prometheus::BuildGauge()
          .Name("countersign_claimed_unacknowledged")
          .Help("Transactions that are claimed and not acknowledged, by account; looked at about every minute")
          .Register(registry);
  prometheus::Family<prometheus::Gauge>& unacknowledged_since =
      prometheus::BuildGauge()
          .Name("countersign_claimed_unacknowledged_since_seconds")
          .Help("Unix time at which the oldest of them was claimed, by account; 0 where there is none")
          .Register(registry);
  SeriesTable<prometheus::Counter> request_series;
  SeriesTable<prometheus::Histogram> duration_series;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::on_request(const http::AccessRecord& record) {
  const std::string route(record.route);
  families_->request_series
      .get({record.route, record.status},
           [&]() -> prometheus::Counter& {
             return families_->requests.Add({{"route", route}, {"status", std::to_string(record.status)}});
           })
      .Increment();
  families_->duration_series
      .get({record.route, 0},
           [&]() -> prometheus::Histogram& { return families_->durations.Add({{"route", route}}, kSeconds); })
      .Observe(static_cast<double>(record.duration.count()) / 1e6);
}

void Metrics::on_message(std::string_view provider, contact::Channel channel, std::string_view outcome) {
  families_->messages
      .Add({{"provider", std::string(provider)},
            {"channel", std::string(contact::to_text(channel))},
            {"outcome", std::string(outcome)}})
      .Increment();
}

void Metrics::on_delivery(std::string_view outcome) {
  families_->deliveries.Add({{"outcome", std::string(outcome)}}).Increment();
}

void Metrics::on_set_aside(std::string_view table) {
  families_->set_aside.Add({{"table", std::string(table)}}).Increment();
}

void Metrics::on_unacknowledged(std::string_view account, std::int64_t count, std::optional<WallTime> oldest) {
  const prometheus::Labels labels{{"account", std::string(account)}};
  families_->unacknowledged.Add(labels).Set(static_cast<double>(count));
  families_->unacknowledged_since.Add(labels).Set(oldest ? static_cast<double>(to_unix_seconds(*oldest)) : 0);
}

void Metrics::on_space(const store::Tx::Space& space) {
  families_->file_bytes.Add({}).Set(static_cast<double>(space.pages * space.page_bytes));
  families_->unused_bytes.Add({}).Set(static_cast<double>(space.free * space.page_bytes));
}

std::string Metrics::text(const store::StoreStats& store, const ConnectionFigures& connections) const {
  std::string out = prometheus::TextSerializer().Serialize(families_->registry.Collect());
  const auto line = [&](std::string_view name, std::string_view type, std::string_view help, std::uint64_t value) {
    out.append("# HELP ")
        .append(name)
        .append(" ")
        .append(help)
        .append("\n# TYPE ")
        .append(name)
        .append(" ")
        .append(type)
        .append("\n");
    out.append(name).append(" ").append(std::to_string(value)).append("\n");
  };
  line("countersign_store_units_total", "counter", "Writing units of work answered", store.units);
  line("countersign_store_commits_total", "counter", "Durable commits; units per commit is the size of a batch",
       store.commits);
  line("countersign_store_failed_commits_total", "counter", "Commits that failed as a whole", store.failed_commits);
  line("countersign_store_reads_total", "counter", "Reading units of work", store.reads);
  line("countersign_store_refused_total", "counter", "Units refused because too many waited", store.refused);
  line("countersign_store_conflicts_total", "counter", "Transactions repeated after another node's", store.conflicts);
  line("countersign_store_reconnects_total", "counter", "Lost database connections made anew", store.reconnects);
  line("countersign_store_doubtful_commits_total", "counter", "Commits whose answer was lost, and looked up",
       store.doubtful_commits);
  line("countersign_store_failed_reads_total", "counter", "Reading units that failed; the log knows why",
       store.failed_reads);
  line("countersign_store_damaged", "gauge", "1 once the database was found damaged", store.damaged ? 1 : 0);
  line("countersign_store_slow", "gauge", "1 while commits take longer than 2 s, and 5 s after", store.slow ? 1 : 0);
  out += commit_histogram(store);
  line("countersign_store_queued", "gauge", "Writing units that wait", store.queued);
  line("countersign_http_connections", "gauge", "Open connections", connections.open);
  line("countersign_http_refused_connections_total", "counter", "Closed at once because a bound was reached",
       connections.refused);
  return out;
}

void add_metrics_route(http::Router& router, const Metrics& metrics, const store::Store& store,
                       std::function<ConnectionFigures()> connections, SecretString token) {
  router.add(
      http::Method::kGet, "/metrics", "metrics",
      [&metrics, &store, connections = std::move(connections), token = std::move(token)](const http::Request& request,
                                                                                         http::Reply reply) {
        const bool open = token.expose().empty();
        if (!open && !equal_constant_time(request.header("authorization").value_or(""), "Bearer " + token.expose())) {
          auto response = problem_response(401, "unauthorized", "send the metrics token as a bearer token");
          response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"metrics\"");
          return reply.send(std::move(response));
        }
        reply.send({200, "text/plain; version=0.0.4; charset=utf-8", metrics.text(store.stats(), connections()), {}});
      });
}

}  // namespace countersign::api
