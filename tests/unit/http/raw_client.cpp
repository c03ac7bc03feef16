#include "unit/http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace countersign::http::testing {

RawClient::RawClient(std::uint16_t port, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer != 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const timeval patience{300, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::system_error(errno, std::system_category(), "connect");
  }
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), received_(std::move(other.received_)), failed_(other.failed_) {}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::finish_sending() const { ::shutdown(socket_, SHUT_WR); }

bool RawClient::receive() {
  std::array<char, 65536> buffer{};
  const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got < 0) failed_ = true;
  if (got <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

RawResponse RawClient::read_response(bool without_body) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive()) return {};
  }
  RawResponse response;
  const std::string head = received_.substr(0, end + 2);
  received_.erase(0, end + 4);
  auto at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const auto line = head.substr(at, head.find("\r\n", at) - at);
    const auto colon = line.find(": ");
    response.headers[line.substr(0, colon)] = line.substr(colon + 2);
    at += line.size() + 2;
  }
  const std::size_t length =
      without_body || !response.headers.contains("Content-Length") ? 0 : std::stoul(response.headers["Content-Length"]);
  while (received_.size() < length) {
    if (!receive()) return {};
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  response.status = std::stoi(head.substr(9, 3));
  return response;
}

RawResponse RawClient::ask(std::string_view request) {
  send(request);
  return read_response();
}

std::string RawClient::read_to_end() {
  while (receive()) {
  }
  return std::exchange(received_, {});
}

void RawClient::abort() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(socket_, -1));
}

}  // namespace countersign::http::testing
