#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "bench/load/latency_histogram.h"

namespace countersign::bench {

struct LoadOptions {
  std::string host = "127.0.0.1";  ///< IPv4 literal
  std::uint16_t port = 0;
  int connections = 64;
  std::chrono::milliseconds duration{2000};  ///< Ends after this or after `requests`, whichever comes first.
  std::uint64_t requests = 0;                ///< 0: unlimited.
};

struct LoadResult {
  std::uint64_t responses = 0;
  std::uint64_t not_2xx = 0;
  std::uint64_t broken = 0;  ///< Connections that failed or were closed by the server, and were reopened.
  std::chrono::nanoseconds elapsed{};
  LatencyHistogram latency;

  [[nodiscard]] double per_second() const;
};

/// Returns the connection's next request: a complete HTTP/1.1 request, valid until the next call for that connection.
using NextRequest = std::function<std::string_view(int connection)>;
/// Called for each response: its status and body (only Content-Length framing), valid during the call.
using OnResponse = std::function<void(int connection, int status, std::string_view body)>;

/// Keeps one request in flight on each of `connections` keep-alive connections, from one thread with one epoll: a
/// closed loop, so the latency is the server's at that concurrency, not at a rate. Throws std::system_error if an
/// initial connection fails.
[[nodiscard]] LoadResult run_load(const LoadOptions& options, const NextRequest& next,
                                  const OnResponse& on_response = {});

}  // namespace countersign::bench
