#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "support/doubles/http_server.h"

namespace countersign::testing {

/// Simulates a carrier's platform: CAMARA SIM Swap 2.1 (camaraproject/SimSwap, code/API_definitions/sim-swap.yaml,
/// read at 4dd8194) with two-legged tokens, and a token endpoint of RFC 6749, 4.4. Checks each request strictly:
/// unknown members, a number that the pattern does not have, `maxAge` outside 1 to 2400.
class CamaraSimSwapDouble {
 public:
  CamaraSimSwapDouble();

  [[nodiscard]] HttpServer& server() { return server_; }
  [[nodiscard]] std::string base_url() const { return server_.url("/sim-swap/v2"); }
  [[nodiscard]] std::string token_url() const { return server_.url("/oauth2/token"); }
  static constexpr std::string_view kClient = "step-up client";  // Needs encoding in Basic authentication.
  static constexpr std::string_view kSecret = "s3cr:t&%";
  static constexpr std::string_view kScope = "dpv:FraudPreventionAndDetection sim-swap";

  /// The last change of that line's SIM, as `latestSimChange`; nullopt: null.
  void set_change(const std::string& phone, std::optional<std::string> rfc3339);
  /// Whether `check` says that it was swapped.
  void set_swapped(const std::string& phone, bool swapped);
  /// `check` refuses a larger `maxAge` with OUT_OF_RANGE.
  void keep_hours(int hours);
  /// Tokens handed out so far are refused with 401 from now on.
  void revoke_tokens();
  /// The next answer, whatever is asked of the API, or of the token endpoint.
  void answer_next(ServerReply reply);
  void grant_next(ServerReply reply);

  [[nodiscard]] int tokens_granted() const;
  [[nodiscard]] std::vector<std::string> violations() const;

  /// CAMARA's own form: `{status, code, message}`.
  [[nodiscard]] static ServerReply error(int status, std::string_view code);

 private:
  ServerReply handle(const ServerRequest& request);
  ServerReply grant(const ServerRequest& request);
  ServerReply answer(const ServerRequest& request);

  mutable std::mutex mutex_;
  std::map<std::string, std::optional<std::string>> changes_;
  std::map<std::string, bool> swapped_;
  int hours_ = 2400;
  int granted_ = 0;
  int valid_from_ = 1;
  std::deque<ServerReply> next_;
  std::deque<ServerReply> next_grants_;
  std::vector<std::string> violations_;
  HttpServer server_;  // Last: its threads use the other members.
};

}  // namespace countersign::testing
