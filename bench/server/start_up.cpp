#include "bench/server/start_up.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "base/check.h"
#include "bench/server/loopback.h"
#include "bench/server/program.h"
#include "bench/server/server_process.h"

namespace countersign::bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatienceToStart = std::chrono::seconds(20);

bool answers(std::uint16_t port) {
  constexpr std::string_view kRequest = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  std::array<char, 1024> buffer{};
  const bool ok = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                  ::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(kRequest.size()) &&
                  ::recv(fd, buffer.data(), buffer.size(), 0) > 12 &&
                  std::string_view(buffer.data(), 12) == "HTTP/1.1 200";
  ::close(fd);
  return ok;
}

pid_t spawn(const std::filesystem::path& program, const std::filesystem::path& folder, std::uint16_t port) {
  const std::string listen = "127.0.0.1:" + std::to_string(port);
  const pid_t pid = ::fork();
  CS_CHECK(pid >= 0);
  if (pid > 0) return pid;
  const int nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, STDOUT_FILENO);
  ::dup2(nowhere, STDERR_FILENO);
  ::execl(program.c_str(), program.c_str(), "serve", "--dev", "--data-dir", folder.c_str(), "--listen", listen.c_str(),
          "--box-office", "off", nullptr);
  ::_exit(127);
}

}  // namespace

StartUp measure_start_up(const std::filesystem::path& program, const std::filesystem::path& folder, int starts) {
  StartUp result;
  for (int i = 0; i <= starts; ++i) {
    const auto port = free_port();
    const auto begun = Clock::now();
    const pid_t pid = spawn(program, folder, port);
    while (!answers(port)) {
      CS_CHECK(Clock::now() - begun < kPatienceToStart);
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    const double milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
    if (i > 0) result.milliseconds.push_back(milliseconds);  // The first one creates the data directory.
    if (i == starts) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1000));  // Include what every start does soon afterwards.
      result.resident_kib = resident_kib_of(pid);
    }
    ::kill(pid, SIGTERM);
    int status = 0;
    ::waitpid(pid, &status, 0);
  }
  return result;
}

}  // namespace countersign::bench
