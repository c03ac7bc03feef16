#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/inbox/calls.h"
#include "base/secret.h"
#include "delivery/by_locale.h"
#include "delivery/http_client.h"
#include "delivery/trace_exporter.h"
#include "http/own_hosts.h"
#include "http/server.h"
#include "usecase/outbox/gateway_report.h"
#include "usecase/outbox/obstacles.h"
#include "usecase/outbox/provider_callback.h"
#include "usecase/outbox/voice_callback.h"
#include "usecase/outbox/whatsapp_callback.h"
#include "usecase/tally.h"

namespace countersign::api {

/// How long clients may cache the signing keys. A key must have been published for longer before it signs.
inline constexpr std::chrono::seconds kJwksMaxAge{300};

/// `/healthz` (the process answers), `/readyz` (the store can be written; and whether all spending is stopped),
/// `/.well-known/jwks.json`, `/openapi.yaml`. `draining`: true once the server is asked to stop; readiness ends first.
void add_health_routes(http::Router& router, const Api& api, std::function<bool()> draining);

/// While the database is unavailable at startup: `/healthz` as always; everything else gets `unavailable` for its path.
void add_waiting_routes(http::Router& router, std::function<http::Response(const http::Request&)> unavailable);

/// What this node knows of a provider, for /metrics.
struct ProviderFigures {
  std::string name;
  bool open = false;                ///< Its circuit.
  std::vector<std::string> silent;  ///< Countries to which it delivers nothing; empty text: mailboxes.
  /// The least learned share of its weights, in thousandths, by channel and country, where it is not as configured.
  std::map<std::pair<std::string, std::string>, int> shares;
};

/// What is spent today, for /metrics, in units of the currency. Of an account, or of one service or country.
struct BudgetFigures {
  std::string account;
  std::string service = {};
  std::string country = {};
  double spent = 0;
  std::optional<double> limit = {};
  std::optional<double> closes = {};  ///< With the reserve.
};

/// Values for /metrics that are counted elsewhere.
struct Figures {
  store::StoreStats store = {};
  std::size_t connections = 0;            ///< Open.
  std::uint64_t refused_connections = 0;  ///< Closed at once because a limit was reached.
  delivery::HttpClientLoad outbound = {};
  delivery::TraceFigures traces = {};
  std::vector<ProviderFigures> providers = {};
  std::vector<BudgetFigures> budgets = {};
  std::vector<std::string> stopped = {};  ///< Accounts whose spending is stopped; `all` for the whole server.
};

/// Counts what the server does, for Prometheus; docs/operations.md lists the metrics. Thread-safe; cheap enough for
/// every request.
class Metrics final : public usecase::Tally {
 public:
  Metrics();
  ~Metrics() override;

  void on_request(const http::AccessRecord& record);
  void on_message(std::string_view provider, contact::Channel channel, std::string_view outcome);
  void on_delivery(std::string_view endpoint, std::string_view outcome);
  void on_set_aside(std::string_view table);
  /// A source of signals answered, or not: `outcome` as of delivery::SignalHooks.
  void on_signal(std::string_view signal, std::string_view outcome, Duration took);
  /// The number of claims not acknowledged in an account, and the time of the oldest.
  void on_unacknowledged(std::string_view account, std::int64_t count, std::optional<WallTime> oldest);
  /// Size of the database file, about every minute.
  void on_space(const store::Tx::Space& space);
  /// The due time of a queue's oldest due row (store/repository/queues.h).
  void on_queue(std::string_view queue, std::optional<WallTime> oldest_due);
  /// Whether the last reload succeeded.
  void on_reload(bool well);
  /// Until when the metadata of authenticators that a service uses is good: `nextUpdate` of the BLOB, a day.
  void on_metadata(const Place& place, std::chrono::sys_days next_update);
  /// Exported as a metric that is always 1.
  void set_build(std::string_view version, std::string_view commit);

  void on_event(const Place& place, std::string_view type) override;
  void on_started(const Place& place, contact::Channel channel, std::string_view country) override;
  void on_approved(const Place& place, std::string_view method, std::string_view country) override;
  void on_claimed(const Place& place, std::string_view method) override;
  void on_limit(std::string_view account, std::string_view limit, std::string_view country) override;
  void on_lock(std::string_view account, std::string_view what) override;
  void on_decision(const Place& place, const risk::Decision& decision, std::string_view country) override;
  void on_accepted(const Place& place, contact::Channel channel, std::string_view country, Duration latency) override;
  void on_carried(std::string_view provider, contact::Channel channel, std::string_view country) override;
  void on_converted(std::string_view provider, contact::Channel channel, std::string_view country) override;
  void on_message_failed(const Place& place, std::string_view provider, contact::Channel channel,
                         std::string_view country, std::string_view fault) override;
  void on_delivery_report(std::string_view provider, contact::Channel channel, std::string_view stage,
                          std::string_view reason, std::string_view effect) override;
  void on_webhook_failed(std::string_view endpoint) override;

  /// The text exposition format: every metric has its HELP and TYPE, even without a series.
  [[nodiscard]] std::string text(const Figures& figures) const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

/// `/metrics`; requires the token as a bearer token unless it is empty.
void add_metrics_route(http::Router& router, const Metrics& metrics, std::function<Figures()> figures,
                       SecretString token);

/// `POST /callbacks/twilio/{account}/{message}`: delivery reports of Twilio Messaging, accepted only with a valid
/// signature. `tokens`: provider name → auth token. `POST /callbacks/mail`: reports of mail servers, accepted only with
/// the tag of a return path. `POST /callbacks/inbound/twilio/{provider}`: what people write to a number of that
/// provider, with a signature: STOP and START are kept, nothing else.
void add_callback_routes(http::Router& router, const Api& api, usecase::CallbackTokens tokens);
/// `/callbacks/gateway/{provider}/{account}/{message}/{token}` and `/callbacks/gateway/{provider}`, by GET or POST:
/// delivery reports of the gateways in `forms`. 403 for what is not believed, 204 for everything else.
void add_gateway_routes(http::Router& router, const Api& api, usecase::GatewayReportForms forms);
/// `/callbacks/inbound/gateway/{provider}`, by GET or POST: what people write to a number at the gateways in `forms`,
/// with the gateway's secret: STOP and START are kept, nothing else. Answers as the reports' routes do.
void add_gateway_inbound_routes(http::Router& router, const Api& api, usecase::GatewayInboundForms forms);

/// The voices of each provider of calls, by its name.
using CallVoices = std::map<std::string, delivery::ByLocale, std::less<>>;

/// `POST /callbacks/twilio/voice/{account}/{message}?call=…`: Twilio asks what to say after a key was pressed in a
/// call, and gets TwiML. Accepted only with a valid signature.
void add_voice_routes(http::Router& router, const Api& api, usecase::CallbackTokens tokens, CallVoices voices);

/// `GET /callbacks/whatsapp/{provider}`: Meta's question whether the webhook is ours; `POST`: its reports, accepted
/// only with a valid signature.
void add_whatsapp_routes(http::Router& router, const Api& api, usecase::WhatsappHooks hooks);

/// `/dev/inbox.json?to=&q=`: messages of the inbox, newest first; `/dev/timeline.json?id=`: a transaction's timeline,
/// with its requests among `calls`. Only in development mode: otherwise the routes do not exist. 421 if the request's
/// Host is not in `hosts`. `calls` outlives the router.
void add_inbox_route(http::Router& router, const Api& api, const CallLog& calls, const http::OwnHosts& hosts);

}  // namespace countersign::api
