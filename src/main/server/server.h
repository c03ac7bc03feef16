#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "delivery/ports.h"
#include "main/config/config.h"
#include "store/store.h"

namespace countersign::main {

/// The composition root: the only place that names concrete parts. Made, started, stopped, in that order.
/// Tests and benchmarks make one in process as `countersign serve` does.
class Server {
 public:
  /// The current keys from their sources.
  using ReadSecrets = std::function<Result<SecretsConfig, ConfigError>()>;

  struct Parts {
    Clock& clock;
    Random& random;
    /// Additional providers, by the name that a service's channels use; they outlive the server.
    std::map<std::string, delivery::Sender*> senders = {};
    /// For reload(); if empty, the keys do not change.
    ReadSecrets read_secrets = {};
  };

  Server(Config config, Parts parts);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Called with the reason each time that a network database is not available; pauses, and returns whether to try
  /// again.
  using WhileAway = std::function<bool(std::string_view why)>;

  /// Opens and migrates the store, checks the keys against it, and listens. The error is one sentence for the operator.
  /// While the database is not available and `while_away` returns true, the listeners already answer: `/healthz` 200,
  /// everything else 503.
  Result<Done, std::string> start(const WhileAway& while_away = {});

  /// Reloads the keys from the secrets, the certificate, and API keys and auth tokens. The error says why keys or
  /// certificate did not change; the other of the two may have changed. Blocks until the database has been read.
  Result<Done, std::string> reload();

  /// Stops all messages that cost money, on all nodes, as the command does. The error says why not.
  Result<Done, std::string> stop_spending();

  /// Makes the server not ready: `/readyz` answers 503, and every response closes its connection. Serves until stop().
  void close_after_responses();

  /// `http://127.0.0.1:8080`, the bound address of the first listener.
  [[nodiscard]] std::string url() const;

  /// Development mode: the content of dev-credentials.json. Otherwise empty.
  struct Credentials {
    std::string url;
    std::string api_key;
    std::string test_api_key;  ///< Empty if test mode is off.
    std::string account_sid;
    std::string auth_token;
    std::string service_sid;
    std::string metrics_url;  ///< Empty if there are no metrics.
  };
  [[nodiscard]] const Credentials& credentials() const;
  /// Sets the box office's URL for the home page of development mode.
  void say_box_office(std::string url);

  /// Makes the server not ready, accepts no connections, finishes running requests, then requests to providers and
  /// endpoints, and writes their results; then stops everything. Unsent messages are in the outbox and are sent after
  /// the next start.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace countersign::main
