#pragma once

#include <functional>
#include <map>
#include <string>

#include "api/api.h"
#include "base/secret.h"
#include "http/own_hosts.h"
#include "http/server.h"

namespace countersign::api {

/// `/healthz` (the process answers), `/readyz` (the store can be written), `/.well-known/jwks.json`, `/openapi.yaml`.
/// `draining`: true from the moment the server is asked to stop, when readiness goes first.
void add_health_routes(http::Router& router, const Api& api, std::function<bool()> draining);

/// While the database is away at a start: `/healthz` as ever; everything else is what `unavailable` makes for its path.
void add_waiting_routes(http::Router& router, std::function<http::Response(std::string_view path)> unavailable);

struct ConnectionFigures {
  std::size_t open = 0;
  std::uint64_t refused = 0;  ///< Closed at once, because a bound was reached.
};

/// Counts what the server does, for Prometheus. Thread-safe; cheap enough for every request.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void on_request(const http::AccessRecord& record);
  void on_message(std::string_view provider, contact::Channel channel, std::string_view outcome);
  void on_delivery(std::string_view outcome);
  void on_set_aside(std::string_view table);
  /// What is claimed and not acknowledged in an account just now, and since when the oldest of it.
  void on_unacknowledged(std::string_view account, std::int64_t count, std::optional<WallTime> oldest);
  /// What the database file takes, about every minute.
  void on_space(const store::Tx::Space& space);

  /// The text exposition format, with the store's and the process's own figures.
  [[nodiscard]] std::string text(const store::StoreStats& store, const ConnectionFigures& connections) const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

/// `/metrics`, asked for the token as a bearer if it is not empty.
void add_metrics_route(http::Router& router, const Metrics& metrics, const store::Store& store,
                       std::function<ConnectionFigures()> connections, SecretString token);

/// `POST /callbacks/twilio/{account}/{message}`: delivery reports of Twilio Messaging, believed only with its
/// signature. `tokens`: provider name → auth token.
void add_callback_routes(http::Router& router, const Api& api, std::map<std::string, SecretString> tokens);

/// `/dev/inbox.json?to=`: what would have been sent, newest first. Development mode alone: elsewhere the route is not
/// there at all. 421 where the request's Host is none of `hosts`.
void add_inbox_route(http::Router& router, const Api& api, const http::OwnHosts& hosts);

}  // namespace countersign::api
