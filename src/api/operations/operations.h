#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/api.h"
#include "api/inbox/calls.h"
#include "base/secret.h"
#include "delivery/http_client.h"
#include "delivery/trace_exporter.h"
#include "http/own_hosts.h"
#include "http/server.h"
#include "usecase/tally.h"

namespace countersign::api {

/// How long others may keep the document of signing keys without looking again. What signs must have been in it for
/// longer than that.
inline constexpr std::chrono::seconds kJwksMaxAge{300};

/// `/healthz` (the process answers), `/readyz` (the store can be written), `/.well-known/jwks.json`, `/openapi.yaml`.
/// `draining`: true from the moment the server is asked to stop, when readiness goes first.
void add_health_routes(http::Router& router, const Api& api, std::function<bool()> draining);

/// While the database is away at a start: `/healthz` as ever; everything else is what `unavailable` makes for its path.
void add_waiting_routes(http::Router& router, std::function<http::Response(const http::Request&)> unavailable);

/// What others count, as /metrics shows it.
struct Figures {
  store::StoreStats store = {};
  std::size_t connections = 0;            ///< Open.
  std::uint64_t refused_connections = 0;  ///< Closed at once, because a bound was reached.
  delivery::HttpClientLoad outbound = {};
  delivery::TraceFigures traces = {};
};

/// Counts what the server does, for Prometheus: the table of them is in docs/operations.md. Thread-safe; cheap enough
/// for every request.
class Metrics final : public usecase::Tally {
 public:
  Metrics();
  ~Metrics() override;

  void on_request(const http::AccessRecord& record);
  void on_message(std::string_view provider, contact::Channel channel, std::string_view outcome);
  void on_delivery(std::string_view endpoint, std::string_view outcome);
  void on_set_aside(std::string_view table);
  /// What is claimed and not acknowledged in an account just now, and since when the oldest of it.
  void on_unacknowledged(std::string_view account, std::int64_t count, std::optional<WallTime> oldest);
  /// What the database file takes, about every minute.
  void on_space(const store::Tx::Space& space);
  /// Since when the oldest row of a queue is due (store/repository/queues.h).
  void on_queue(std::string_view queue, std::optional<WallTime> oldest_due);
  /// Whether the last reload went well.
  void on_reload(bool well);
  /// Shown as a metric that is always 1.
  void set_build(std::string_view version, std::string_view commit);

  void on_event(const Place& place, std::string_view type) override;
  void on_started(const Place& place, contact::Channel channel, std::string_view country) override;
  void on_approved(const Place& place, std::string_view method, std::string_view country) override;
  void on_claimed(const Place& place, std::string_view method) override;
  void on_limit(std::string_view account, std::string_view limit, std::string_view country) override;
  void on_lock(std::string_view account, std::string_view what) override;
  void on_accepted(const Place& place, contact::Channel channel, std::string_view country, Duration latency) override;
  void on_message_failed(const Place& place, std::string_view provider, contact::Channel channel,
                         std::string_view country, std::string_view fault) override;
  void on_webhook_failed(std::string_view endpoint) override;

  /// The text exposition format: every metric has its HELP and TYPE, also where it has no series yet.
  [[nodiscard]] std::string text(const Figures& figures) const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

/// `/metrics`, asked for the token as a bearer if it is not empty.
void add_metrics_route(http::Router& router, const Metrics& metrics, std::function<Figures()> figures,
                       SecretString token);

/// `POST /callbacks/twilio/{account}/{message}`: delivery reports of Twilio Messaging, believed only with its
/// signature. `tokens`: provider name → auth token.
void add_callback_routes(http::Router& router, const Api& api, std::map<std::string, SecretString> tokens);

/// `/dev/inbox.json?to=&q=`: what would have been sent, newest first; `/dev/timeline.json?id=`: what happened to a
/// transaction, with those of `calls` that were about it. Development mode alone: elsewhere the routes are not there at
/// all. 421 where the request's Host is none of `hosts`. `calls` outlives the router.
void add_inbox_route(http::Router& router, const Api& api, const CallLog& calls, const http::OwnHosts& hosts);

}  // namespace countersign::api
