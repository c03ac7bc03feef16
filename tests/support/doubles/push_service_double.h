#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/doubles/http_server.h"
#include "support/push_browser.h"

namespace countersign::testing {

/// A push service on loopback, and the browsers that are subscribed with it: RFC 8030, with the checks that real ones
/// make of RFC 8188 and RFC 8292. A request that one of them would refuse is answered as they do, and listed in
/// faults(). Thread-safe.
class PushServiceDouble {
 public:
  /// Judges tokens by the system's clock.
  PushServiceDouble();

  /// A new subscription; its endpoint stays valid until end().
  struct Subscribed {
    std::string endpoint;
    std::string p256dh;  ///< As PushSubscription.toJSON() has it.
    std::string auth;
  };
  [[nodiscard]] Subscribed subscribe(std::string_view vapid_point);
  /// From now on it answers 410.
  void end(std::string_view endpoint);
  /// The next messages get these answers, whatever they are.
  void answer_next(ServerReply reply);

  struct Received {
    std::string endpoint;
    std::string text;  ///< Decrypted.
    std::string topic;
    std::string urgency;
    int ttl = -1;
  };
  [[nodiscard]] std::vector<Received> received() const;
  [[nodiscard]] std::vector<std::string> faults() const;
  [[nodiscard]] const HttpServer& server() const { return server_; }

 private:
  struct Device {
    PushBrowser browser;
    std::string vapid_point;
    bool ended = false;
  };
  [[nodiscard]] ServerReply take(const ServerRequest& request);
  [[nodiscard]] ServerReply refuse(int status, std::string why);

  mutable std::mutex mutex_;
  std::map<std::string, Device, std::less<>> devices_;  ///< By the path of the endpoint.
  std::deque<ServerReply> answers_;
  std::vector<Received> received_;
  std::vector<std::string> faults_;
  HttpServer server_;
};

}  // namespace countersign::testing
