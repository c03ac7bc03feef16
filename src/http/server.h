#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "base/trace.h"
#include "http/request_parser.h"
#include "http/response.h"
#include "http/router.h"

namespace countersign::http {

struct Listener {
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6 literal; `::` accepts IPv4 too.
  std::uint16_t port = 0;             ///< 0: chosen by the system, see Server::port().
  bool tls = false;
  /// If not -1: a local socket (AF_UNIX) that is listening already. The server takes ownership; address, port and tls
  /// are ignored. ServerOptions::local_peer decides who may connect.
  int local = -1;
};

/// PEM files: the chain, leaf first, and its key. Checked every few seconds; changed files apply to new connections. If
/// the new files do not match each other, the old ones stay in use, and on_problem is called.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

/// Deadlines are checked every `tick`, so they may be late by that much.
struct Timeouts {
  Duration header =
      std::chrono::seconds(10);               ///< From the connection or a request's first byte to the head's end: 408.
  Duration body = std::chrono::seconds(20);   ///< From the head's end to the body's end: 408.
  Duration idle = std::chrono::seconds(60);   ///< Between requests; then the connection is closed.
  Duration write = std::chrono::seconds(30);  ///< For a client to receive a response that did not fit its buffers.
  /// While draining, for a connection without a request: a request sent at that moment is still answered.
  Duration parting = std::chrono::seconds(1);
  Duration linger =
      std::chrono::seconds(2);  ///< After a refusal: keep reading, so that the client can read the reason.
  Duration tick = std::chrono::milliseconds(500);
};

struct ServerOptions {
  std::vector<Listener> listeners{Listener{}};
  unsigned io_threads = 1;  ///< Each has its own event loop; the kernel spreads connections over them.
  ParserLimits limits;
  Timeouts timeouts;
  std::size_t connections_max = 10'000;
  /// Per address (IPv6: per /64); 0 is no limit. Connections beyond a limit are closed at once, unanswered.
  std::size_t connections_per_peer_max = 0;
  std::vector<Cidr> not_counted_per_peer;  ///< Proxies, whose address has the connections of many clients.
  TlsFiles tls;                            ///< Read if a listener has tls.
  /// Called for each connection of a local listener, with its descriptor. Returns the peer's name for access records,
  /// or nothing to close the connection unanswered. On I/O threads; must not block or throw.
  std::function<std::optional<std::string>(int)> local_peer;
};

/// One answered request. Without the path, because paths contain secrets; views live for the call.
struct AccessRecord {
  Method method;
  std::string_view route;    ///< The route's name; `(none)` if nothing matched or the request could not be read.
  std::string_view pattern;  ///< Its pattern, `/v1/transactions/{id}`; empty if nothing matched.
  int status;
  Duration duration;  ///< From the last byte of the request until the response is written to the socket.
  std::size_t bytes_in;
  std::size_t bytes_out;
  std::string_view request_id;
  std::string_view peer;
  bool tls;
  /// The id in the route's `{id}` or `{sid}`, or set by the handler (Reply::say_object); empty if it is not an id.
  std::string_view object;
  std::string_view account;  ///< Set by the handler (Reply::say_account); empty without authentication.
  std::string_view code;     ///< Of a refusal: Response::code.
  IpAddress client;          ///< The result of ServerHooks::client; else `peer`.
};

/// A refusal or failure of the server itself, and what is known of the client. Views live for the call.
struct Failure {
  int status = 500;
  std::string_view code{};  ///< Stable: see ParseError, and `internal_error`, `request_timeout`.
  std::string_view path{};  ///< `/` if it was not read yet.
  std::string_view request_id{};
  std::string_view accept{};           ///< Header values as received; empty if absent
  std::string_view accept_language{};  ///< or not read yet.
};

/// All optional, called on I/O threads, concurrently. Must not block or throw.
struct ServerHooks {
  std::function<void(const AccessRecord&)> on_finished;
  /// The client's address, if `peer` may be a proxy. Default: `peer`.
  std::function<IpAddress(const Request&)> client;
  /// Starts the span of a request, if it is traced: the handler runs inside it, and it ends with the response.
  std::function<trace::Span(const Request&)> begin_span;
  /// Makes the body of the server's own errors (400, 408, 413, 414, 417, 431, 500, 501, 505). Must not throw. Default:
  /// plain_problem.
  std::function<Response(const Failure&)> error_body;
  /// An error for the log, in one line: a handler threw, a certificate could not be loaded, ...
  std::function<void(std::string_view what)> on_problem;
};

/// The HTTP/1.1 server. Members may be called from any thread except I/O threads; not concurrently.
///
/// The executors of Replies live as long as the Server, so everything that posts to them (the store) must be stopped
/// before the Server is destroyed. Tasks posted after stop() are dropped.
class Server {
 public:
  Server(ServerOptions options, Router router, ServerHooks hooks, Clock& clock, Random& random);
  ~Server();  ///< stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds, listens and starts the threads. The error is one line with the address or file, and the reason.
  Result<Done, std::string> start();

  /// The port of the nth listener, after start().
  [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const;

  /// Reloads the certificate files now. The error says why the old ones stay in use.
  Result<Done, std::string> reload_tls();

  [[nodiscard]] std::size_t connections() const;
  /// The number of connections closed at once because a limit of ServerOptions was reached.
  [[nodiscard]] std::uint64_t refused_connections() const;

  /// From now on every response closes its connection (Connection: close). New connections are still accepted.
  void close_after_responses();

  /// Stops listening (connections already queued are accepted), lets running requests finish (each answered with
  /// Connection: close), and closes idle connections after Timeouts::parting, for at most `grace`; then stops. True if
  /// no request was interrupted.
  bool drain(Duration grace);

  /// Closes everything now and joins the threads. Outstanding Replies have no effect.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace countersign::http
