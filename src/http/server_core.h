#pragma once

#include <atomic>

#include "http/connection_counts.h"
#include "http/server.h"
#include "http/tls_context.h"

namespace countersign::http {

/// State shared by all I/O threads of one server. Constant except for the thread-safe members.
struct ServerCore {
  const ServerOptions options;
  const Router router;
  const ServerHooks hooks;
  Clock& clock;
  Random& random;
  ConnectionCounts counts{options.connections_max, options.connections_per_peer_max};
  TlsContext tls{options.tls.certificate, options.tls.key};

  std::atomic<bool> ending = false;  ///< Every response closes its connection.

  [[nodiscard]] Response error(const Failure& failure) const {
    return hooks.error_body ? hooks.error_body(failure) : plain_problem(failure.status, failure.code);
  }
  void problem(std::string_view what) const {
    if (hooks.on_problem) hooks.on_problem(what);
  }
};

}  // namespace countersign::http
