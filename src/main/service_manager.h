#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "main/config.h"

namespace countersign::app {

/// Tells systemd how far the service is, by the protocol of sd_notify(3): datagrams to the socket that the environment
/// names as NOTIFY_SOCKET. Without one nothing is sent, and a manager that does not listen is no error: the server runs
/// under others, too. Not thread-safe.
class ServiceManager {
 public:
  explicit ServiceManager(const Environment& environment);

  /// Requests are taken. The end of a start, and of reloading().
  void ready(std::string_view status) const;
  /// What the operator sees in `systemctl status`; `patience` more than so far is needed for the start. [systemd 236]
  void starting(std::string_view status, Duration patience) const;
  void reloading(MonotonicTime now) const;
  /// `patience`: how long the end may take.
  void stopping(std::string_view status, Duration patience) const;

 private:
  void send(std::string_view assignments) const;

  std::string socket_;  ///< Empty: nobody listens. A name that begins with @ is Linux's abstract one.
};

}  // namespace countersign::app
