#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "support/doubles/twilio_wire.h"

namespace countersign::testing {

/// Simulates the creation of messages at Twilio's Programmable Messaging, as Twilio documents it.
class TwilioMessagingDouble {
 public:
  TwilioMessagingDouble();

  [[nodiscard]] HttpServer& server() { return server_; }
  [[nodiscard]] const TwilioCredentialsOnWire& credentials() const { return credentials_; }

  /// Sets the answer to the next well-formed request. Several queue up.
  void answer_next(ServerReply reply);

  /// The forms of the accepted messages.
  [[nodiscard]] std::vector<Form> messages() const;
  /// Requests that violate Twilio's documentation.
  [[nodiscard]] std::vector<std::string> violations() const;

 private:
  ServerReply handle(const ServerRequest& request);
  ServerReply create(const Form& form);

  const TwilioCredentialsOnWire credentials_;
  mutable std::mutex mutex_;
  TwilioScript script_;
  std::vector<Form> messages_;
  HttpServer server_;  // Last: its threads use the other members.
};

}  // namespace countersign::testing
