#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "main/config/config.h"

namespace countersign::main {

/// Reports the service's state to systemd with the protocol of sd_notify(3): datagrams to the socket in the environment
/// variable NOTIFY_SOCKET. Without it nothing is sent, and an unreachable manager is not an error: the server also runs
/// without systemd. Not thread-safe.
class ServiceManager {
 public:
  explicit ServiceManager(const Environment& environment);

  /// Requests are served. Ends a start and reloading().
  void ready(std::string_view status) const;
  /// `status` is shown by `systemctl status`; `patience`: extends the start timeout by this. [systemd 236]
  void starting(std::string_view status, Duration patience) const;
  void reloading(MonotonicTime now) const;
  /// `patience`: the maximum time for stopping.
  void stopping(std::string_view status, Duration patience) const;

 private:
  void send(std::string_view assignments) const;

  std::string socket_;  ///< Empty: no manager. A name that begins with @ is in Linux's abstract namespace.
};

}  // namespace countersign::main
