#include "breaking_proxy.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/check.h"
#include "support/socket_address.h"

namespace countersign::store {

namespace {

constexpr const char* kSocketName = ".s.PGSQL.5432";
/// The server is ready for the next statement: the end of an answer, whether good or bad.
constexpr std::string_view kReady{"Z\0\0\0\5", 5};

int connect_to(const std::filesystem::path& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = testing::address_of_socket(path);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

/// Empty at the end.
std::string read_some(int fd) {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  return got <= 0 ? std::string() : std::string(buffer.data(), static_cast<std::size_t>(got));
}

void write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t sent = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string read_answer(int fd) {
  std::string answer;
  while (answer.find(kReady) == std::string::npos) {
    const std::string more = read_some(fd);
    if (more.empty()) break;
    answer += more;
  }
  return answer;
}

/// Waits for the server's whole answer without passing it on. What was asked may still be on its way: it is passed on,
/// or the server would wait for the rest for ever.
void wait_for_answer(int client, int server) {
  std::string answer;
  std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
  while (answer.find(kReady) == std::string::npos && ::poll(ends.data(), ends.size(), -1) > 0) {
    if (ends[0].revents != 0) {
      const std::string rest = read_some(client);
      if (rest.empty()) return;
      write_all(server, rest);
    }
    if (ends[1].revents != 0) {
      const std::string said = read_some(server);
      if (said.empty()) return;
      answer += said;
    }
  }
}

}  // namespace

BreakingProxy::BreakingProxy(std::filesystem::path socket)
    : socket_(std::move(socket)), listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const auto address = testing::address_of_socket(folder_.path() / kSocketName);
  CS_CHECK(::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  CS_CHECK(::listen(listener_, 16) == 0);
  acceptor_ = std::thread([this] { accept_all(); });
}

BreakingProxy::~BreakingProxy() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (auto& server : servers_) server.join();
  if (late_server_ >= 0) ::close(late_server_);
  ::close(listener_);
}

void BreakingProxy::break_at(std::string text, Break how) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
  how_ = how;
}

void BreakingProxy::mend() {
  const std::lock_guard lock(mutex_);
  refuses_ = false;
}

bool BreakingProxy::will_break() {
  const std::lock_guard lock(mutex_);
  return how_ != Break::kNever;
}

std::string BreakingProxy::release() {
  const std::lock_guard lock(mutex_);
  write_all(late_server_, late_text_);
  std::string answer = read_answer(late_server_);
  // As the server finds out for itself where the client has gone: else the session would keep the turn of a commit that
  // has failed, and every other node wait for it.
  ::close(std::exchange(late_server_, -1));
  return answer;
}

void BreakingProxy::accept_all() {
  while (true) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    const std::lock_guard lock(mutex_);
    if (refuses_) {
      ::close(client);
      continue;
    }
    servers_.emplace_back([this, client] { serve(client); });
  }
}

void BreakingProxy::serve(int client) {
  int server = connect_to(socket_);
  std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
  while (server >= 0 && ::poll(ends.data(), ends.size(), -1) > 0) {
    if (ends[1].revents != 0) {
      const std::string said = read_some(server);
      if (said.empty()) break;
      write_all(client, said);
    }
    if (ends[0].revents == 0) continue;
    const std::string asked = read_some(client);
    const Break how = breaks(asked);
    if (asked.empty() || how == Break::kBefore || how == Break::kBeforeForGood) break;
    if (how == Break::kLate) {
      set_aside(std::exchange(server, -1), asked);
      break;
    }
    write_all(server, asked);
    if (how == Break::kAfter || how == Break::kAfterForGood) {
      wait_for_answer(client, server);
      break;
    }
  }
  if (server >= 0) ::close(server);
  ::close(client);
}

BreakingProxy::Break BreakingProxy::breaks(std::string_view sent) {
  const std::lock_guard lock(mutex_);
  if (how_ == Break::kNever || sent.find(text_) == std::string_view::npos) return Break::kNever;
  refuses_ = how_ == Break::kBeforeForGood || how_ == Break::kAfterForGood;
  return std::exchange(how_, Break::kNever);
}

void BreakingProxy::set_aside(int server, std::string kept) {
  const std::lock_guard lock(mutex_);
  if (late_server_ >= 0) ::close(late_server_);
  late_server_ = server;
  late_text_ = std::move(kept);
}

}  // namespace countersign::store
