#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "support/doubles/twilio_wire.h"

namespace countersign::testing {

/// Simulates the creation of calls at Twilio (`POST /2010-04-01/Accounts/{AC}/Calls.json`), as Twilio documents it:
/// twilio.com/docs/voice/api/call-resource and its OpenAPI description (twilio_api_v2010).
class TwilioVoiceDouble {
 public:
  TwilioVoiceDouble();

  [[nodiscard]] HttpServer& server() { return server_; }
  [[nodiscard]] const TwilioCredentialsOnWire& credentials() const { return credentials_; }

  /// Sets the answer to the next well-formed request. Several queue up.
  void answer_next(ServerReply reply);

  /// The forms of the accepted calls.
  [[nodiscard]] std::vector<Form> calls() const;
  /// Requests that violate Twilio's documentation.
  [[nodiscard]] std::vector<std::string> violations() const;

 private:
  ServerReply handle(const ServerRequest& request);
  ServerReply create(const Form& form);

  const TwilioCredentialsOnWire credentials_;
  mutable std::mutex mutex_;
  TwilioScript script_;
  std::vector<Form> calls_;
  HttpServer server_;  // Last: its threads use the other members.
};

/// One verb of TwiML: its name, its attributes as written, and the text in it; `depth` 1 for those in `<Response>`.
struct Verb {
  std::string name;
  std::string attributes;
  std::string text;
  std::size_t depth = 1;
};
/// The verbs of a TwiML document in their order, with the entities of text and attributes replaced. Throws
/// std::runtime_error where it is not well-formed, or has anything but the verbs Response, Gather, Say, Pause and
/// Hangup: twilio.com/docs/voice/twiml.
[[nodiscard]] std::vector<Verb> verbs_of(std::string_view twiml);

}  // namespace countersign::testing
