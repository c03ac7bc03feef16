#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/json.h"
#include "support/doubles/http_server.h"
#include "support/doubles/twilio_wire.h"

namespace countersign::testing {

/// Simulates `GET /v2/PhoneNumbers/{number}?Fields=…` of Twilio Lookup v2, by Twilio's OpenAPI description
/// (twilio/twilio-oai, spec/json/twilio_lookups_v2.json): a package that was not asked for is null.
class TwilioLookupDouble {
 public:
  TwilioLookupDouble();

  [[nodiscard]] HttpServer& server() { return server_; }
  [[nodiscard]] const TwilioCredentialsOnWire& credentials() const { return credentials_; }

  /// The packages of a line, by name: `sim_swap`, `line_type_intelligence`. Other valid numbers have none.
  void set_line(const std::string& phone, json::object packages);
  /// The answer to the next well-formed request. Several queue up.
  void answer_next(ServerReply reply);

  [[nodiscard]] std::vector<std::string> violations() const;

  /// `{last_sim_swap: {…}, carrier_name, …}` as in Twilio's examples. An empty date is null.
  [[nodiscard]] static json::object sim_swap(std::string_view date, std::string_view period, bool in_period);
  [[nodiscard]] static json::object line_type(std::string_view type);

 private:
  ServerReply handle(const ServerRequest& request);

  const TwilioCredentialsOnWire credentials_;
  mutable std::mutex mutex_;
  std::map<std::string, json::object> lines_;
  std::deque<ServerReply> next_;
  std::vector<std::string> violations_;
  HttpServer server_;  // Last: its threads use the other members.
};

}  // namespace countersign::testing
