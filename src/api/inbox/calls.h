#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "http/server.h"

namespace countersign::api {

/// One request to the API or to a page for people. Without bodies, headers and links: method, route, what came of it.
struct SeenCall {
  WallTime at{};  ///< When it had been read.
  http::Method method = http::Method::kGet;
  std::string path;  ///< The route's pattern, with the id that it was about in its place.
  int status = 0;
  std::string code;  ///< Of a refusal; empty for others.
  std::string request_id;
  std::string object;      ///< The id that it was about, as far as the route says; may be empty.
  bool by_person = false;  ///< On a hosted page, and not by the application.
};

/// The newest requests of a development server, in memory alone. Thread-safe.
class CallLog {
 public:
  static constexpr std::size_t kKept = 1000;

  explicit CallLog(const Clock& clock) : clock_(clock) {}

  /// Whether it was one to keep: the API, and what people do on their pages. Polls of a page are none.
  bool note(const http::AccessRecord& record);
  /// The oldest first.
  [[nodiscard]] std::vector<SeenCall> all() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::deque<SeenCall> calls_;
};

}  // namespace countersign::api
