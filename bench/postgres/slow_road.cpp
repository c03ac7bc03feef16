#include "bench/postgres/slow_road.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <string>
#include <utility>

#include "base/check.h"
#include "support/socket_address.h"

namespace countersign::bench {

namespace {

using Clock = std::chrono::steady_clock;

/// What is on its way, with when it arrives; empty bytes end it.
struct OnItsWay {
  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<std::pair<Clock::time_point, std::string>> parts;
};

void deliver(OnItsWay& way, int to) {
  ::prctl(PR_SET_TIMERSLACK, 1UL);  // A sleep ends within microseconds, not within fifty.
  for (;;) {
    std::unique_lock lock(way.mutex);
    way.arrived.wait(lock, [&] { return !way.parts.empty(); });
    auto [at, bytes] = std::move(way.parts.front());
    way.parts.pop_front();
    lock.unlock();
    if (bytes.empty()) break;
    std::this_thread::sleep_until(at);
    for (std::size_t sent = 0; sent < bytes.size();) {
      const ssize_t count = ::send(to, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (count <= 0) break;
      sent += static_cast<std::size_t>(count);
    }
  }
  ::shutdown(to, SHUT_WR);
}

}  // namespace

SlowRoad::SlowRoad(std::filesystem::path socket, std::chrono::microseconds one_way)
    : socket_(std::move(socket)), one_way_(one_way) {
  std::string name = (std::filesystem::temp_directory_path() / "slow-road-XXXXXX").string();
  CS_CHECK(::mkdtemp(name.data()) != nullptr);
  folder_ = name;
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = testing::address_of_socket(folder_ / ".s.PGSQL.5432");
  CS_CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CS_CHECK(::listen(listener_, 64) == 0);
  acceptor_ = std::thread([this] { accept_all(); });
}

SlowRoad::~SlowRoad() {
  std::vector<std::thread> carriers;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    for (const int end : ends_) ::shutdown(end, SHUT_RDWR);
    carriers.swap(carriers_);
  }
  acceptor_.join();
  for (auto& carrier : carriers) carrier.join();
  for (const int end : ends_) ::close(end);
  ::close(listener_);
  std::filesystem::remove_all(folder_);
}

void SlowRoad::accept_all() {
  for (;;) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = testing::address_of_socket(socket_);
    CS_CHECK(::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const std::lock_guard lock(mutex_);
    ends_.insert(ends_.end(), {client, server});
    if (closed_) return;
    carriers_.emplace_back([this, client, server] { carry(client, server); });
    carriers_.emplace_back([this, client, server] { carry(server, client); });
  }
}

void SlowRoad::carry(int from, int to) const {
  OnItsWay way;
  std::thread delivers([&] { deliver(way, to); });
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    const auto size = got <= 0 ? std::size_t{0} : static_cast<std::size_t>(got);
    const std::lock_guard lock(way.mutex);
    way.parts.emplace_back(Clock::now() + one_way_, std::string(buffer.data(), size));
    way.arrived.notify_one();
    if (size == 0) break;
  }
  delivers.join();
}

SlowRoadProcess::SlowRoadProcess(const std::filesystem::path& socket, std::chrono::microseconds one_way) {
  std::array<int, 2> ready{};
  std::array<int, 2> stop{};
  CS_CHECK(::pipe2(ready.data(), O_CLOEXEC) == 0 && ::pipe2(stop.data(), O_CLOEXEC) == 0);
  pid_ = ::fork();
  CS_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    {
      const SlowRoad road(socket, one_way);
      const std::string name = road.folder().string();
      if (::write(ready[1], name.data(), name.size()) != static_cast<ssize_t>(name.size())) ::_exit(1);
      char byte = 0;
      while (::read(stop[0], &byte, 1) < 0) {
      }
    }
    ::_exit(0);
  }
  ::close(ready[1]);
  ::close(stop[0]);
  stop_ = stop[1];
  std::array<char, 256> name{};
  const auto size = ::read(ready[0], name.data(), name.size());
  ::close(ready[0]);
  CS_CHECK(size > 0);
  folder_ = std::string(name.data(), static_cast<std::size_t>(size));
}

SlowRoadProcess::~SlowRoadProcess() {
  // A byte instead of closing, because processes forked later hold a copy.
  CS_CHECK(::write(stop_, "", 1) == 1);
  ::close(stop_);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace countersign::bench
