#include "support/doubles/http_server.h"
#include "base/ascii.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>

#include "base/check.h"

namespace countersign::testing {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

std::string serialised(const ServerReply& reply) {
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " Status\r\n";
  for (const auto& [name, value] : reply.headers) out += name + ": " + value + "\r\n";
  if (reply.status != 204) out += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  return out + "\r\n" + reply.body;
}

/// Request line and headers; nullopt if they are not HTTP.
std::optional<ServerRequest> parse_head(std::string_view head) {
  ServerRequest request;
  const auto line_end = head.find("\r\n");
  const auto line = head.substr(0, line_end);
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first || line.substr(last) != " HTTP/1.1") return std::nullopt;
  request.method = line.substr(0, first);
  request.path = line.substr(first + 1, last - first - 1);
  head.remove_prefix(line_end + 2);
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto colon = head.find(':');
    if (end == std::string_view::npos || colon > end) return std::nullopt;
    request.headers.emplace_back(lower_case(head.substr(0, colon)), trimmed(head.substr(colon + 1, end - colon - 1)));
    head.remove_prefix(end + 2);
  }
  return request;
}

}  // namespace

std::string_view ServerRequest::header(std::string_view name) const {
  const auto found = std::ranges::find(headers, name, &Headers::value_type::first);
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

struct HttpServer::Connection {
  int socket;
  std::size_t number;
  std::thread thread;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
  std::string received;

  /// Reads more bytes; false at the end.
  bool receive() {
    char buffer[16 * 1024];
    const auto length = ssl ? SSL_read(ssl.get(), buffer, sizeof buffer) : recv(socket, buffer, sizeof buffer, 0);
    if (length <= 0) return false;
    received.append(buffer, static_cast<std::size_t>(length));
    return true;
  }

  bool send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto length = ssl ? SSL_write(ssl.get(), bytes.data(), static_cast<int>(bytes.size()))
                              : ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (length <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(length));
    }
    return true;
  }
};

HttpServer::HttpServer(Handler handler, const TlsIdentity* tls) : handler_(std::move(handler)), tls_(tls) {
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CS_CHECK(listening_ >= 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CS_CHECK(bind(listening_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CS_CHECK(listen(listening_, 512) == 0);
  CS_CHECK(getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

HttpServer::~HttpServer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (const auto& connection : connections_) shutdown(connection->socket, SHUT_RDWR);
  }
  ended_.notify_all();
  shutdown(listening_, SHUT_RDWR);
  acceptor_.join();
  for (const auto& connection : connections_) {
    connection->thread.join();
    close(connection->socket);
  }
  close(listening_);
}

std::string HttpServer::url(std::string_view path) const {
  return std::string(tls_ != nullptr ? "https" : "http") + "://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

std::vector<HttpServer::Exchange> HttpServer::exchanges() const {
  const std::lock_guard lock(mutex_);
  return exchanges_;
}

std::size_t HttpServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_.size();
}

std::size_t HttpServer::concurrent_max() const {
  const std::lock_guard lock(mutex_);
  return concurrent_max_;
}

void HttpServer::accept_loop() {
  while (true) {
    const int accepted = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) return;
    const std::lock_guard lock(mutex_);
    if (ending_) {
      close(accepted);
      return;
    }
    auto& connection = connections_.emplace_back(std::make_unique<Connection>());
    connection->socket = accepted;
    connection->number = connections_.size() - 1;
    connection->thread = std::thread([this, &held = *connection] { serve(held); });
  }
}

void HttpServer::serve(Connection& connection) {
  sigset_t broken_pipe;  // From OpenSSL's writes after the client has disconnected.
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  bool open = true;
  if (tls_ != nullptr) {
    connection.ssl.reset(SSL_new(tls_->context()));
    SSL_set_fd(connection.ssl.get(), connection.socket);
    open = SSL_accept(connection.ssl.get()) == 1;
  }
  while (open) {
    const auto request = read_request(connection);
    open = request && answer(connection, *request);
  }
  if (connection.ssl) SSL_shutdown(connection.ssl.get());
  shutdown(connection.socket, SHUT_RDWR);
}

std::optional<ServerRequest> HttpServer::read_request(Connection& connection) const {
  auto& received = connection.received;
  std::size_t head_end = 0;
  while ((head_end = received.find("\r\n\r\n")) == std::string::npos) {
    if (!connection.receive()) return std::nullopt;
  }
  auto request = parse_head(std::string_view(received).substr(0, head_end + 2));
  if (!request) return std::nullopt;
  request->connection = connection.number;
  const auto length_text = request->header("content-length");
  std::size_t length = 0;
  std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  received.erase(0, head_end + 4);
  while (received.size() < length) {
    if (!connection.receive()) return std::nullopt;
  }
  request->body = received.substr(0, length);
  received.erase(0, length);
  return request;
}

bool HttpServer::answer(Connection& connection, const ServerRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    concurrent_max_ = std::max(concurrent_max_, ++concurrent_);
  }
  const ServerReply reply = handler_(request);
  {
    std::unique_lock lock(mutex_);
    --concurrent_;
    exchanges_.push_back({request, reply});
    if (reply.how == ServerReply::How::kHang) ended_.wait(lock, [this] { return ending_; });
  }
  switch (reply.how) {
    case ServerReply::How::kAnswer:
      return connection.send_all(serialised(reply));
    case ServerReply::How::kRaw:
      static_cast<void>(connection.send_all(reply.body));
      return false;
    case ServerReply::How::kDrop:
    case ServerReply::How::kHang:
      return false;
  }
  return false;
}

}  // namespace countersign::testing
