#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "support/doubles/http_server.h"

namespace countersign::testing {

// What all of Twilio's APIs have in common on the wire, for the doubles that play them.

using Form = std::vector<std::pair<std::string, std::string>>;

struct TwilioCredentialsOnWire {
  std::string account_sid = "AC0123456789abcdef0123456789abcdef";
  std::string user = "AC0123456789abcdef0123456789abcdef";
  std::string password = "0123456789abcdef0123456789ABCDEF";
};

/// The pairs of a form body; nothing when an escape is broken.
[[nodiscard]] std::optional<Form> parse_form(std::string_view body);
[[nodiscard]] std::optional<std::string> form_value(const Form& form, std::string_view name);

/// An error in Twilio's own form: `{code, message, more_info, status}`.
[[nodiscard]] ServerReply twilio_error(int status, int code, std::string_view message, Headers headers = {});
[[nodiscard]] ServerReply json_reply(int status, const json::value& body);

/// A reply for a request that no Twilio would take, and why the double's author is to be told: credentials, method,
/// content type, encoding, an unknown or repeated field. Nothing when all is well.
struct WireRefusal {
  std::string violation;
  ServerReply reply;
};
[[nodiscard]] std::optional<WireRefusal> check_wire(const ServerRequest& request,
                                                    const TwilioCredentialsOnWire& credentials,
                                                    const std::vector<std::string_view>& known_fields);

/// A SID of that kind with a running number in it.
[[nodiscard]] std::string make_sid(std::string_view prefix, unsigned number);

/// A text, or null where there is none.
[[nodiscard]] json::value text_or_null(const std::optional<std::string>& text);

}  // namespace countersign::testing
