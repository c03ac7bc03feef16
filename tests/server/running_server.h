#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "main/server/server.h"
#include "store/store.h"
#include "support/http_caller.h"

namespace countersign::testing {

/// The whole server in development mode, in this process, on a port and in a folder of its own, with the machine's
/// clock. Calls to it are calls over real HTTP. A start that fails ends the process.
class RunningServer {
 public:
  RunningServer() : RunningServer([](main::Config&) {}) {}
  /// Started with what `change` makes of the configuration. `clock` outlives it.
  explicit RunningServer(const std::function<void(main::Config&)>& change, Clock& clock = system_clock());
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  [[nodiscard]] std::string url() const { return server_->url(); }
  [[nodiscard]] std::string metrics_url() const { return server_->credentials().metrics_url; }
  /// Asked to end, and started again with the same configuration and data. `between` is given the database while it is
  /// down.
  void restart(const std::function<void(store::Store&)>& between);
  /// As SIGHUP does.
  [[nodiscard]] Result<Done, std::string> reload() { return server_->reload(); }
  [[nodiscard]] std::string api_key() const { return server_->credentials().api_key; }
  /// The test's own caller, with the development key.
  HttpCaller& caller() { return *caller_; }

  // The way to where a test begins. Each expects success.
  /// Holds one for a person of its own, with that policy as JSON; answers its path, `/v1/transactions/TX…`.
  std::string hold(std::string_view policy = R"({"any_of":["sms","totp"]})");
  /// Sends a code by SMS for what was held last, to whoever is next.
  void start_code(const std::string& transaction);
  /// The same, and reads it in the inbox.
  std::string send_code(const std::string& transaction);
  /// Held, sent and proved.
  std::string verified();
  /// An authenticator app of the person of the next hold(); answers its seed.
  std::string enrol_next();

  [[nodiscard]] static std::string check_body(std::string_view code, std::string_view factor = "");

 private:
  [[nodiscard]] std::string identity() const;
  [[nodiscard]] std::string phone() const;

  void start();

  Clock& clock_;
  std::filesystem::path folder_;
  std::optional<main::Config> config_;
  std::unique_ptr<main::Server> server_;
  std::unique_ptr<HttpCaller> caller_;
  int person_ = 0;
};

/// What one of many callers does; it appends its answers.
using CallerWork = std::function<void(HttpCaller& caller, std::size_t index, std::vector<HttpAnswer>& answers)>;

/// The answers of `callers` threads, each with a connection of its own, that begin as nearly at once as can be.
[[nodiscard]] std::vector<HttpAnswer> at_once(const RunningServer& server, std::size_t callers, const CallerWork& work);

/// `200` or `409 already_claimed`.
[[nodiscard]] std::string kind_of(const HttpAnswer& answer);
[[nodiscard]] std::size_t count(const std::vector<HttpAnswer>& answers, std::string_view kind);
/// Each kind with its number, for a test that fails.
[[nodiscard]] std::string tally(const std::vector<HttpAnswer>& answers);

}  // namespace countersign::testing
