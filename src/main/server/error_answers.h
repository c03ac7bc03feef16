#pragma once

#include <string>

#include "api/pages/failure_page.h"
#include "base/time.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"
#include "main/config/config.h"

namespace countersign::main {

/// Errors outside of handlers, in the client's form: a page for people, Twilio's errors below its paths, problems (RFC
/// 9457) elsewhere. Thread-safe.
class ErrorAnswers {
 public:
  /// The clock outlives it.
  ErrorAnswers(const Config& config, const Clock& clock);

  [[nodiscard]] http::Response not_found(const http::Request& request) const;
  [[nodiscard]] http::Response method_not_allowed(const http::Request& request, std::string allow) const;
  /// While the server waits for its database.
  [[nodiscard]] http::Response store_away(const http::Request& request) const;
  /// For an error of the HTTP server itself.
  [[nodiscard]] http::Response of(const http::Failure& failure) const;

  [[nodiscard]] const api::FailurePages& pages() const { return pages_; }

 private:
  const bool development_;
  const api::FailurePages pages_;
};

}  // namespace countersign::main
