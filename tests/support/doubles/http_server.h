#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "support/doubles/tls_identity.h"

namespace countersign::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct ServerRequest {
  std::string method;
  std::string path;  ///< As on the wire, with the query.
  Headers headers;   ///< Names in lower case.
  std::string body;
  std::size_t connection;  ///< The connection's number, from 0.

  /// The first header of that name, or an empty text.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

struct ServerReply {
  enum class How {
    kAnswer,
    kDrop,  ///< Close the connection without a byte.
    kHang,  ///< Send nothing until the client disconnects or the server stops.
    kRaw,   ///< Send `body` unchanged and close.
  };

  int status = 200;
  Headers headers = {};
  std::string body = {};
  How how = How::kAnswer;
};

/// A small real HTTP/1.1 server on 127.0.0.1, one blocking thread per connection, for tests that simulate a vendor. The
/// handler runs on those threads, concurrently for several requests.
class HttpServer {
 public:
  using Handler = std::function<ServerReply(const ServerRequest&)>;

  /// With `tls` it serves HTTPS with that certificate.
  explicit HttpServer(Handler handler, const TlsIdentity* tls = nullptr);
  /// Ends all connections and joins.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// `http://127.0.0.1:PORT` or https, and the path.
  [[nodiscard]] std::string url(std::string_view path = "") const;
  [[nodiscard]] std::uint16_t port() const { return port_; }

  struct Exchange {
    ServerRequest request;
    ServerReply reply;
  };
  /// Everything answered so far, in order of the answers.
  [[nodiscard]] std::vector<Exchange> exchanges() const;
  [[nodiscard]] std::size_t connections() const;
  /// The maximum number of requests in the handler at one time.
  [[nodiscard]] std::size_t concurrent_max() const;

 private:
  struct Connection;

  void accept_loop();
  void serve(Connection& connection);
  [[nodiscard]] bool answer(Connection& connection, const ServerRequest& request);
  [[nodiscard]] std::optional<ServerRequest> read_request(Connection& connection) const;

  Handler handler_;
  const TlsIdentity* tls_;
  int listening_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::size_t concurrent_ = 0;
  std::size_t concurrent_max_ = 0;
  std::vector<Exchange> exchanges_;
  std::list<std::unique_ptr<Connection>> connections_;
  std::thread acceptor_;
};

}  // namespace countersign::testing
