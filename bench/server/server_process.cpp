#include "bench/server/server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <exception>
#include <filesystem>
#include <fstream>

#include "base/check.h"
#include "main/log.h"
#include "main/server/server.h"

namespace countersign::bench {

namespace {

/// In the child: serves until the other end of `stop` is closed. Returns the exit status.
int serve(const main::Config& config, CodeBoard& board, int ready, int stop) {
  main::start_log(config.log_level);
  CapturingSender sender(board);
  main::Server server(config, {system_clock(), system_random(), {{"capture", &sender}}});
  const auto started = server.start();
  if (!started) {
    fmt::print(stderr, "bench server: {}\n", started.error());
    return 1;
  }
  const std::string url = server.url();
  const std::string port = url.substr(url.rfind(':') + 1) + "\n";
  CS_CHECK(::write(ready, port.data(), port.size()) == static_cast<ssize_t>(port.size()));
  char byte = 0;
  CS_CHECK(::read(stop, &byte, 1) >= 0);
  server.stop();
  main::stop_log();
  return 0;
}

pid_t fork_off(const std::function<int()>& work) {
  const pid_t pid = ::fork();
  CS_CHECK(pid >= 0);
  if (pid > 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::signal(SIGPIPE, SIG_IGN);
  int status = 1;
  try {
    status = work();
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench child: {}\n", error.what());
  }
  ::_exit(status);
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

void in_a_child(const std::function<void()>& work) {
  const pid_t pid = fork_off([&] {
    work();
    return 0;
  });
  int status = 0;
  CS_CHECK(::waitpid(pid, &status, 0) == pid && status == 0);
}

ServerProcess::ServerProcess(const main::Config& config, CodeBoard& board) {
  std::array<int, 2> ready{};
  std::array<int, 2> stop{};
  CS_CHECK(::pipe2(ready.data(), O_CLOEXEC) == 0 && ::pipe2(stop.data(), O_CLOEXEC) == 0);
  pid_ = fork_off([&] {
    ::close(stop[1]);
    return serve(config, board, ready[1], stop[0]);
  });
  ::close(ready[1]);
  ::close(stop[0]);
  stop_pipe_ = stop[1];
  std::array<char, 16> text{};
  const auto size = ::read(ready[0], text.data(), text.size());
  ::close(ready[0]);
  CS_CHECK(size > 0);
  std::from_chars(text.data(), text.data() + size, port_);
}

ServerProcess::~ServerProcess() {
  // Write a byte instead of closing the pipe, because servers forked later hold a copy.
  CS_CHECK(::write(stop_pipe_, "", 1) == 1);
  ::close(stop_pipe_);
  int status = 0;
  ::waitpid(pid_, &status, 0);
}

CpuByThread cpu_of(pid_t pid) {
  CpuByThread all;
  for (const auto& task : std::filesystem::directory_iterator(fmt::format("/proc/{}/task", pid))) {
    std::uint64_t nanoseconds = 0;
    const std::string times = first_line(task.path() / "schedstat");
    std::from_chars(times.data(), times.data() + times.size(), nanoseconds);
    all[first_line(task.path() / "comm")] += nanoseconds;
  }
  return all;
}

std::size_t ServerProcess::resident_kib() const { return resident_kib_of(pid_); }

std::size_t resident_kib_of(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/status", pid));
  std::size_t total = 0;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("RssAnon:") && !line.starts_with("RssFile:")) continue;
    const auto digits = line.find_first_of("0123456789");
    total += std::stoul(line.substr(digits));
  }
  return total;
}

}  // namespace countersign::bench
