#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "support/doubles/twilio_wire.h"

namespace countersign::testing {

/// Plays the creation of messages at Twilio's Programmable Messaging, as Twilio documents it.
class TwilioMessagingDouble {
 public:
  TwilioMessagingDouble();

  [[nodiscard]] HttpServer& server() { return server_; }
  [[nodiscard]] const TwilioCredentialsOnWire& credentials() const { return credentials_; }

  /// The next request that is well formed gets this answer. Several queue up.
  void answer_next(ServerReply reply);

  /// The forms of the messages that were accepted.
  [[nodiscard]] std::vector<Form> messages() const;
  /// What requests did that Twilio's documentation does not allow.
  [[nodiscard]] std::vector<std::string> violations() const;

 private:
  ServerReply handle(const ServerRequest& request);
  ServerReply create(const Form& form);

  const TwilioCredentialsOnWire credentials_;
  mutable std::mutex mutex_;
  std::deque<ServerReply> scripted_;
  std::vector<Form> messages_;
  std::vector<std::string> violations_;
  HttpServer server_;  // Last: its threads use the rest.
};

}  // namespace countersign::testing
