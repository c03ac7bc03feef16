#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "base/secret.h"

namespace countersign::demo {

/// Why a call failed.
struct ApiError {
  int status = 0;    ///< 0: no answer from Countersign in time; it may have acted.
  std::string code;  ///< The problem's stable code, such as `transaction_expired`; empty without an answer.

  /// A retry may succeed.
  [[nodiscard]] bool is_temporary() const { return status == 0 || status == 429 || status >= 500; }
};

/// The API calls of this site, over libcurl. Each blocks for at most ten seconds. For one thread at a time.
class CountersignClient {
 public:
  CountersignClient(std::string url, const SecretString& api_key);
  ~CountersignClient();
  CountersignClient(const CountersignClient&) = delete;
  CountersignClient& operator=(const CountersignClient&) = delete;

  struct Held {
    std::string transaction;
    std::string verify_url;
  };
  /// Idempotent: the same body under the same key is held once and gets the same answer.
  Result<Held, ApiError> hold(const json::object& body, std::string_view idempotency_key);

  /// `held`, `verified`, `released`, `denied`, `expired` or `canceled`.
  Result<std::string, ApiError> status_of(std::string_view transaction);

  struct Claim {
    json::object payload;
    std::string receipt;     ///< A signed JWT.
    std::string receipt_id;  ///< Its `jti`.
    std::string fencing_token;
  };
  /// The first `claimer` wins, and gets the same answer again until it acknowledges.
  Result<Claim, ApiError> claim(std::string_view transaction, std::string_view claimer);
  Result<Done, ApiError> acknowledge(std::string_view transaction, std::string_view fencing_token);
  Result<Done, ApiError> cancel(std::string_view transaction);

  /// What the person has beside her phone number, in force.
  struct Methods {
    bool app = false;
    bool device = false;
    bool any = false;  ///< These, or something else.
  };
  /// Waits at most two seconds.
  Result<Methods, ApiError> methods_of(std::string_view identity);
  /// URL of the page where the person adds a `totp` or `push`, which links back to `return_url`, if any.
  Result<std::string, ApiError> begin_addition(std::string_view identity, std::string_view method,
                                               std::string_view return_url, std::string_view locale);

  /// URL of the page where the person sees and changes how they confirm, which links back to `return_url`.
  Result<std::string, ApiError> open_methods_page(std::string_view identity, std::string_view return_url,
                                                  std::string_view locale);

  /// Returns the endpoint's id.
  Result<std::string, ApiError> add_webhook_endpoint(const json::object& body, std::string_view idempotency_key);
  /// Its URL, if it exists and is enabled.
  Result<std::optional<std::string>, ApiError> webhook_endpoint_url(std::string_view endpoint);
  /// The id of an endpoint with that URL, if any.
  Result<std::optional<std::string>, ApiError> webhook_endpoint_at(std::string_view url);
  Result<Done, ApiError> remove_webhook_endpoint(std::string_view endpoint);

 private:
  struct Curl;
  struct Call {
    std::string method;
    std::string path;
    std::optional<std::string> body = std::nullopt;
    std::string_view idempotency_key = {};
    long seconds = 10;  ///< For the whole call.
  };
  Result<json::object, ApiError> send(const Call& call);

  std::string url_;
  SecretString authorization_;
  std::unique_ptr<Curl> curl_;
};

}  // namespace countersign::demo
