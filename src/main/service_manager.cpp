#include "main/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace countersign::main {

namespace {

/// Each assignment must be one line.
std::string one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

}  // namespace

ServiceManager::ServiceManager(const Environment& environment) {
  const auto found = environment.find("NOTIFY_SOCKET");
  if (found == environment.end()) return;
  const std::string& name = found->second;
  const bool usable =
      name.size() > 1 && name.size() < sizeof(sockaddr_un::sun_path) && (name.front() == '/' || name.front() == '@');
  if (usable) socket_ = name;
}

void ServiceManager::ready(std::string_view status) const {
  send(fmt::format("READY=1\nSTATUS={}\n", one_line(status)));
}

void ServiceManager::starting(std::string_view status, Duration patience) const {
  send(fmt::format("EXTEND_TIMEOUT_USEC={}\nSTATUS={}\n", patience.count(), one_line(status)));
}

void ServiceManager::reloading(MonotonicTime now) const {
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\n", now.time_since_epoch().count()));
}

void ServiceManager::stopping(std::string_view status, Duration patience) const {
  send(fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}\nSTATUS={}\n", patience.count(), one_line(status)));
}

void ServiceManager::send(std::string_view assignments) const {
  if (socket_.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  static_cast<void>(::sendto(fd, assignments.data(), assignments.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&address), size));
  ::close(fd);
}

}  // namespace countersign::main
