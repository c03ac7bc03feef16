#include "bench/load/load_generator.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace countersign::bench {
namespace {

using Clock = std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {
    if (value_ < 0) throw std::system_error(errno, std::system_category(), "load generator");
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

Descriptor connect_to(const std::string& host, std::uint16_t port) {
  Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::system_category(), "connect to " + host);
  }
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

struct ResponseView {
  int status = 0;
  std::string_view body;
  std::size_t size = 0;
};

/// The first complete response in `bytes`. Supports only the HTTP that our own server sends.
std::optional<ResponseView> first_response(std::string_view bytes) {
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return std::nullopt;
  const auto head = bytes.substr(0, head_end);
  ResponseView view;
  if (head.size() > 12) std::from_chars(head.data() + 9, head.data() + 12, view.status);
  std::size_t length = 0;
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  if (const auto at = head.find(kLength); at != std::string_view::npos) {
    std::from_chars(head.data() + at + kLength.size(), head.data() + head.size(), length);
  }
  view.size = head_end + 4 + length;
  if (bytes.size() < view.size) return std::nullopt;
  view.body = bytes.substr(head_end + 4, length);
  return view;
}

struct Connection {
  Descriptor socket;
  Clock::time_point sent_at{};
  std::string_view unsent{};
  std::string received{};
};

class Load {
 public:
  Load(const LoadOptions& options, const NextRequest& next, const OnResponse& on_response)
      : options_(options), next_(next), on_response_(on_response), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

  LoadResult run() {
    for (int i = 0; i < options_.connections; ++i) open(i);
    const auto begin = Clock::now();
    const auto end = begin + options_.duration;
    for (int i = 0; i < options_.connections; ++i) send_next(i);

    std::array<epoll_event, 256> events{};
    while (!enough() && Clock::now() < end) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 10);
      for (int e = 0; e < count && !enough(); ++e) on_event(events[static_cast<std::size_t>(e)]);
    }
    result_.elapsed = Clock::now() - begin;
    return std::move(result_);
  }

 private:
  [[nodiscard]] bool enough() const { return options_.requests != 0 && result_.responses >= options_.requests; }

  Connection& at(int index) { return connections_[static_cast<std::size_t>(index)]; }

  void open(int index) {
    Connection connection{connect_to(options_.host, options_.port)};
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = index;  // Our index, not the kernel's number.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.socket.get(), &event);
    if (static_cast<std::size_t>(index) == connections_.size()) {
      connections_.push_back(std::move(connection));
    } else {
      at(index) = std::move(connection);
    }
  }

  void reopen(int index) {
    ++result_.broken;
    open(index);
    send_next(index);
  }

  void send_next(int index) {
    at(index).unsent = next_(index);
    at(index).sent_at = Clock::now();
    send_rest(index);
  }

  void send_rest(int index) {
    auto& connection = at(index);
    const auto sent = ::send(connection.socket.get(), connection.unsent.data(), connection.unsent.size(),
                             MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) connection.unsent.remove_prefix(static_cast<std::size_t>(sent));
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.fd = index;
    if (!connection.unsent.empty()) ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, connection.socket.get(), &event);
  }

  void on_event(const epoll_event& event) {
    const int index = event.data.fd;
    if ((event.events & EPOLLOUT) != 0) {
      send_rest(index);
      epoll_event reading{};
      reading.events = EPOLLIN;
      reading.data.fd = index;
      if (at(index).unsent.empty()) ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, at(index).socket.get(), &reading);
    }
    if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(index);
  }

  void receive(int index) {
    const auto got = ::recv(at(index).socket.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return reopen(index);
    const std::string_view bytes(buffer_.data(), static_cast<std::size_t>(got));
    if (at(index).received.empty()) {  // The usual case: the complete response is here, and nothing is copied.
      if (const auto response = first_response(bytes)) return finish(index, *response);
    }
    at(index).received += bytes;
    const auto gathered = std::exchange(at(index).received, {});
    if (const auto response = first_response(gathered)) return finish(index, *response);
    at(index).received = gathered;
  }

  void finish(int index, const ResponseView& response) {
    result_.latency.add(Clock::now() - at(index).sent_at);
    ++result_.responses;
    if (response.status < 200 || response.status > 299) ++result_.not_2xx;
    if (on_response_) on_response_(index, response.status, response.body);
    if (!enough()) send_next(index);
  }

  const LoadOptions& options_;
  const NextRequest& next_;
  const OnResponse& on_response_;
  Descriptor epoll_;
  std::vector<Connection> connections_;
  std::array<char, 64 * 1024> buffer_{};
  LoadResult result_;
};

}  // namespace

double LoadResult::per_second() const {
  return static_cast<double>(responses) / std::chrono::duration<double>(elapsed).count();
}

LoadResult run_load(const LoadOptions& options, const NextRequest& next, const OnResponse& on_response) {
  return std::make_unique<Load>(options, next, on_response)->run();
}

}  // namespace countersign::bench
