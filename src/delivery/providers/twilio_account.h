#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "delivery/http_client.h"
#include "delivery/ports.h"

namespace countersign::delivery {

/// Access to an account at Twilio, or at a compatible server under another base URL.
struct TwilioAccount {
  std::string account_sid;  ///< AC…
  std::string user;         ///< The account SID again, or an API key's SK….
  SecretString password;    ///< The auth token, or the API key's secret.
  std::string base_url;     ///< Without a final slash; empty: Twilio's own host for the API.
  PlainHttp plain_http = PlainHttp::kRefused;
  std::chrono::milliseconds timeout{10'000};
};

using FormPairs = std::vector<std::pair<std::string, std::string>>;

/// What Twilio sent under that name; it borrows from `form`. nullopt if there is none.
[[nodiscard]] std::optional<std::string_view> parameter_of(const FormPairs& form, std::string_view name);
/// The same as a number, 0 if it is none.
[[nodiscard]] int parameter_number(const FormPairs& form, std::string_view name);

/// A form POST to `path` under `base_url`, with the account's credentials.
[[nodiscard]] HttpCall twilio_post(const TwilioAccount& account, std::string_view base_url, std::string_view path,
                                   const FormPairs& form);

/// The JSON object of a 2xx answer. Any other answer, and a 2xx without a JSON object, becomes an error.
[[nodiscard]] Result<json::object, ProviderError> twilio_object(const HttpResult& result, WallTime now);

/// For calls that look up only the account or service itself: "not found" is then a configuration error.
[[nodiscard]] ProviderError creation_error(ProviderError error);

}  // namespace countersign::delivery
