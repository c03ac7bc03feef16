#include "bench/server/receiver.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <string_view>

#include "base/check.h"
#include "base/thread_name.h"
#include "bench/server/loopback.h"

namespace countersign::bench {

namespace {

void watch_for_input(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  CS_CHECK(::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

/// The value of a text member without escapes; empty if absent.
std::string_view member_of(std::string_view json, std::string_view key) {
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + key.size());
  return json.substr(0, json.find('"'));
}

}  // namespace

Receiver::Receiver(CodeBoard& board)
    : board_(board),
      listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  CS_CHECK(::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  CS_CHECK(::listen(listening_, SOMAXCONN) == 0);
  CS_CHECK(::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  watch_for_input(epoll_, listening_);
  watch_for_input(epoll_, stop_);
  thread_ = std::thread([this] { run(); });
}

Receiver::~Receiver() {
  const std::uint64_t one = 1;
  CS_CHECK(::write(stop_, &one, sizeof one) == sizeof one);
  thread_.join();
  for (const auto& [socket, bytes] : received_) ::close(socket);
  for (const int fd : {listening_, epoll_, stop_}) ::close(fd);
}

void Receiver::run() {
  name_this_thread("receiver");
  std::array<epoll_event, 256> events{};
  for (;;) {
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events.at(static_cast<std::size_t>(i)).data.fd;
      if (fd == stop_) return;
      if (fd == listening_)
        accept_one();
      else
        receive(fd);
    }
  }
}

void Receiver::accept_one() {
  const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  if (socket < 0) return;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  received_[socket];
  watch_for_input(epoll_, socket);
}

void Receiver::receive(int socket) {
  std::array<char, 16 * 1024> buffer{};
  auto& received = received_.at(socket);
  const auto got = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    ::close(socket);
    received_.erase(socket);
    return;
  }
  received.append(buffer.data(), static_cast<std::size_t>(got));
  while (answer_first(socket, received)) {
  }
}

bool Receiver::answer_first(int socket, std::string& received) {
  const auto head_end = received.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  const std::string_view head = std::string_view(received).substr(0, head_end);
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const auto at = head.find(kLength);
  CS_CHECK(head.starts_with("POST ") && at != std::string_view::npos);
  std::size_t length = 0;
  std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), length);
  if (received.size() < head_end + 4 + length) return false;
  const auto path = head.substr(5, head.find(' ', 5) - 5);
  const auto body = answer_to(path, std::string_view(received).substr(head_end + 4, length));
  const auto answer = fmt::format("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                                  body.size(), body);
  // A connection has one request in flight, so the answer fits into its buffer; if it is gone, the caller tries again.
  static_cast<void>(::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL));
  received.erase(0, head_end + 4 + length);
  return true;
}

std::string Receiver::answer_to(std::string_view path, std::string_view body) {
  if (path != "/codes") {
    ++webhooks_;
    return "{}";
  }
  board_.put(member_of(body, "\"to\":\""), member_of(body, "\"code\":\""));
  return fmt::format(R"({{"ref":"carrier-{:024}"}})", ++codes_);
}

}  // namespace countersign::bench
