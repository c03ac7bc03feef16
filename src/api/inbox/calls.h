#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "http/server.h"

namespace countersign::api {

/// One request to the API or to a hosted page, without bodies, headers and links: method, route, result.
struct SeenCall {
  WallTime at{};  ///< When it was read.
  http::Method method = http::Method::kGet;
  std::string path;  ///< The route's pattern with the object's id filled in.
  int status = 0;
  std::string code;  ///< Of a refusal; else empty.
  std::string request_id;
  std::string object;      ///< The id in the route, if any; may be empty.
  bool by_person = false;  ///< On a hosted page, not by the application.
};

/// The newest requests of a development server, in memory only. Thread-safe.
class CallLog {
 public:
  static constexpr std::size_t kKept = 1000;

  explicit CallLog(const Clock& clock) : clock_(clock) {}

  /// Stores the record if it is of interest: requests to the API, and actions on hosted pages. Polling is not.
  bool note(const http::AccessRecord& record);
  /// Oldest first.
  [[nodiscard]] std::vector<SeenCall> all() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<SeenCall> calls_;
};

}  // namespace countersign::api
