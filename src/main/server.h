#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "delivery/ports.h"
#include "main/config.h"
#include "store/store.h"

namespace countersign::app {

/// The whole house, put together: the only place that names concrete parts. Made, started, stopped, in that order.
/// Tests and benchmarks make one in process as `countersign serve` does.
class Server {
 public:
  /// The keys as their sources hold them now.
  using ReadSecrets = std::function<Result<SecretsConfig, ConfigError>()>;

  struct Parts {
    Clock& clock;
    Random& random;
    /// Providers beyond those of the configuration, by the name that a service's channels use; they outlive the server.
    std::map<std::string, delivery::Sender*> senders = {};
    /// For reload(); without it the keys stay as they are.
    ReadSecrets read_secrets = {};
  };

  Server(Config config, Parts parts);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Called each time that a database on the network cannot be used, with the reason; pauses, and answers whether it is
  /// worth another attempt.
  using WhileAway = std::function<bool(std::string_view why)>;

  /// Opens and migrates the store, checks the keys against it, and listens. The error is one sentence for the operator.
  /// While a database is away and `while_away` wants to wait, the listeners answer already: `/healthz` 200, everything
  /// else 503.
  Result<Done, std::string> start(const WhileAway& while_away = {});

  /// Reads the keys of the secrets again, the certificate, and API keys and auth tokens, now. The error says why keys
  /// or certificate stay as they were; the other of the two may have been taken all the same. Blocks until the database
  /// has been asked.
  Result<Done, std::string> reload();

  /// From now on not ready: `/readyz` answers 503, and every answer says that its connection ends. Goes on serving
  /// until stop().
  void announce_end();

  /// `http://127.0.0.1:8080`, the first listener as it is bound.
  [[nodiscard]] std::string url() const;

  /// Development mode: what dev-credentials.json holds. Empty otherwise.
  struct Credentials {
    std::string url;
    std::string api_key;
    std::string test_api_key;  ///< Empty where test mode is off.
    std::string account_sid;
    std::string auth_token;
    std::string service_sid;
    std::string metrics_url;  ///< Empty where there are none.
  };
  [[nodiscard]] const Credentials& credentials() const;
  /// Where the box office is, for the home page of the development mode.
  void say_box_office(std::string url);

  /// Not ready any more, no new connections, running requests end, then what is under way to providers and endpoints,
  /// and what came of it is written down; then everything ends. Messages that were not sent yet are in the outbox and
  /// go out after the next start.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace countersign::app
