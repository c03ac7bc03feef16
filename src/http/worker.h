#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "http/io_loop.h"
#include "http/server_core.h"

namespace countersign::http {

class Session;

using Tcp = boost::asio::ip::tcp;
/// For TCP and local sockets.
using Stream = boost::asio::generic::stream_protocol;
using Socket = boost::asio::basic_stream_socket<Stream, IoLoop::IoExecutor>;

/// One I/O thread of the server: its listening sockets and its connections. After start(), everything except
/// start_draining() and stop() is only used on the loop's thread.
class Worker : public std::enable_shared_from_this<Worker> {
 public:
  explicit Worker(std::shared_ptr<ServerCore> core) : core_(std::move(core)) {}

  /// Binds and listens. `shared`: other workers listen on the same port. Returns the port.
  Result<std::uint16_t, std::string> listen(const Listener& listener, bool shared);
  void start();

  /// Accepts queued connections, closes the listening sockets, and starts to close idle connections; returns when the
  /// listening sockets are closed.
  void start_draining();
  void stop();

  [[nodiscard]] ServerCore& core() { return *core_; }
  [[nodiscard]] IoLoop& loop() { return loop_; }
  void forget(const Session& session);

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<Stream, IoLoop::IoExecutor>;
  struct Door {
    Acceptor acceptor;
    bool tls;
    bool local;
    bool accepting = false;
  };

  void accept(Door& door);
  Result<std::uint16_t, std::string> take_over(int local);
  void admit(const Door& door, Socket socket, const Stream::endpoint& remote);
  void on_tick();
  void reload_tls_when_due(MonotonicTime now);
  void admit_who_waits();
  void close_doors();

  std::shared_ptr<ServerCore> core_;
  IoLoop loop_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::vector<std::shared_ptr<Session>> sessions_;
  MonotonicTime tls_checked_{};
  bool stopped_ = false;  ///< No connection is admitted any more.
};

}  // namespace countersign::http
