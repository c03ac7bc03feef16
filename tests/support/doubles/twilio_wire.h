#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "support/doubles/http_server.h"

namespace countersign::testing {

// Common wire format of Twilio's APIs, for the doubles.

using Form = std::vector<std::pair<std::string, std::string>>;

struct TwilioCredentialsOnWire {
  std::string account_sid = "AC0123456789abcdef0123456789abcdef";
  std::string user = "AC0123456789abcdef0123456789abcdef";
  std::string password = "0123456789abcdef0123456789ABCDEF";
};

/// The pairs of a form body; nullopt when an escape is broken.
[[nodiscard]] std::optional<Form> parse_form(std::string_view body);
[[nodiscard]] std::optional<std::string> form_value(const Form& form, std::string_view name);

/// An error in Twilio's own form: `{code, message, more_info, status}`.
[[nodiscard]] ServerReply twilio_error(int status, int code, std::string_view message, Headers headers = {});
[[nodiscard]] ServerReply json_reply(int status, const json::value& body);

/// The reply to a request that Twilio would refuse, and the reason for the test's author: credentials, method, content
/// type, encoding, an unknown or repeated field. nullopt if the request is valid.
struct WireRefusal {
  std::string violation;
  ServerReply reply;
};
[[nodiscard]] std::optional<WireRefusal> check_wire(const ServerRequest& request,
                                                    const TwilioCredentialsOnWire& credentials,
                                                    const std::vector<std::string_view>& known_fields);

/// Queued answers of a double, and violations of requests. The double guards it.
struct TwilioScript {
  std::deque<ServerReply> next;         ///< Answers to the next well-formed requests.
  std::vector<std::string> violations;  ///< Violations of Twilio's documentation.

  /// The answer to a request that is refused, or that has a queued answer.
  [[nodiscard]] std::optional<ServerReply> answer(const ServerRequest& request,
                                                  const TwilioCredentialsOnWire& credentials,
                                                  const std::vector<std::string_view>& known_fields);
};

/// A SID of that kind with a running number in it.
[[nodiscard]] std::string make_sid(std::string_view prefix, unsigned number);

/// A text, or null where there is none.
[[nodiscard]] json::value text_or_null(const std::optional<std::string>& text);

}  // namespace countersign::testing
