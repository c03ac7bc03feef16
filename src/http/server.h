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
  std::string address = "127.0.0.1";  ///< IPv4 or IPv6 literal; `::` takes IPv4 too.
  std::uint16_t port = 0;             ///< 0: the system picks one, see Server::port().
  bool tls = false;
  /// Other than -1: a socket of this machine (AF_UNIX) that listens already. The server takes it over; address, port
  /// and tls mean nothing then. Who may come in is ServerOptions::local_peer.
  int local = -1;
};

/// PEM files: the chain, leaf first, and its key. Looked at every few seconds; changed files serve new connections,
/// while established ones go on. Where the new files do not fit together the old ones stay, and on_problem hears of it.
struct TlsFiles {
  std::string certificate;
  std::string key;
};

/// Each deadline is checked every `tick`, so it may come that much late.
struct Timeouts {
  Duration header =
      std::chrono::seconds(10);               ///< From the connection or a request's first byte to the head's end: 408.
  Duration body = std::chrono::seconds(20);   ///< From the head's end to the body's end: 408.
  Duration idle = std::chrono::seconds(60);   ///< Between requests; then the connection is closed.
  Duration write = std::chrono::seconds(30);  ///< For a client to take a response that did not fit its buffers.
  /// While draining, for a connection without a request: whoever sends one at that very moment is still answered.
  Duration parting = std::chrono::seconds(1);
  Duration linger = std::chrono::seconds(2);  ///< After a refusal: reading on, so that the client can read why.
  Duration tick = std::chrono::milliseconds(500);
};

struct ServerOptions {
  std::vector<Listener> listeners{Listener{}};
  unsigned io_threads = 1;  ///< Each has its own event loop; the kernel spreads connections over them.
  ParserLimits limits;
  Timeouts timeouts;
  std::size_t connections_max = 10'000;
  /// Per address (IPv6: per /64); 0 is no limit. What is beyond a bound is closed at once, unanswered.
  std::size_t connections_per_peer_max = 0;
  std::vector<Cidr> not_counted_per_peer;  ///< Proxies, whose one address has everybody's connections.
  TlsFiles tls;                            ///< Read where a listener has tls.
  /// Asked for each connection of a local listener, with its descriptor: what access records call the peer, or nothing
  /// for one that is closed unanswered. Called on I/O threads; must not block or throw.
  std::function<std::optional<std::string>(int)> local_peer;
};

/// One answered request. The path is not here, because paths hold secrets; views live for the call.
struct AccessRecord {
  Method method;
  std::string_view route;    ///< The route's name; `(none)` where nothing matched or the request could not be read.
  std::string_view pattern;  ///< Its pattern, `/v1/transactions/{id}`; empty where nothing matched.
  int status;
  Duration duration;  ///< From the request's last byte to the response's hand-over to the socket.
  std::size_t bytes_in;
  std::size_t bytes_out;
  std::string_view request_id;
  std::string_view peer;
  bool tls;
  /// What the route's `{id}` or `{sid}` names, or what the handler said (Reply::say_object); empty where it is no id.
  std::string_view object;
  std::string_view account;  ///< As the handler said (Reply::say_account); empty where nobody signed in.
  std::string_view code;     ///< Of a refusal: Response::code.
  IpAddress client;          ///< What ServerHooks::client answered; else `peer`.
};

/// What the server itself refuses or breaks, and what is known of who asked. Views live for the call.
struct Failure {
  int status = 500;
  std::string_view code{};  ///< Stable: see ParseError, and `internal_error`, `request_timeout`.
  std::string_view path{};  ///< `/` where it was not read that far.
  std::string_view request_id{};
  std::string_view accept{};           ///< Of the headers as they came; empty where there was none,
  std::string_view accept_language{};  ///< or none had been read.
};

/// All optional, called on I/O threads, several at a time. Must not block or throw.
struct ServerHooks {
  std::function<void(const AccessRecord&)> on_finished;
  /// Who is behind the request, where `peer` may be a proxy. Default: `peer`.
  std::function<IpAddress(const Request&)> client;
  /// The span of a request that was read, if it is traced: its handler works below it, and it ends with the answer.
  std::function<trace::Span(const Request&)> begin_span;
  /// The body of what the server itself refuses or breaks (400, 408, 413, 414, 417, 431, 500, 501, 505). Must not
  /// throw. Default: plain_problem.
  std::function<Response(const Failure&)> error_body;
  /// A handler threw, a certificate could not be loaded, ...: one line for the log.
  std::function<void(std::string_view what)> on_problem;
};

/// The HTTP/1.1 server. Threads: all members may be called from any thread but an I/O thread; not concurrently.
///
/// The executors that Replies hand out live as long as the Server, so whoever may still complete work to them (the
/// store) is stopped before the Server is destroyed. What is posted after stop() is dropped.
class Server {
 public:
  Server(ServerOptions options, Router router, ServerHooks hooks, Clock& clock, Random& random);
  ~Server();  ///< stop()
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Binds, listens and starts the threads. The error is one line: which address or file, and why.
  Result<Done, std::string> start();

  /// The port of the nth listener, once started.
  [[nodiscard]] std::uint16_t port(std::size_t listener = 0) const;

  /// Loads the certificate files again, now. The error says why the old ones stay.
  Result<Done, std::string> reload_tls();

  [[nodiscard]] std::size_t connections() const;
  /// How many were closed at once because a bound of ServerOptions was reached.
  [[nodiscard]] std::uint64_t refused_connections() const;

  /// From now on every answer is its connection's last (Connection: close). New connections are still taken.
  void announce_end();

  /// Stops accepting (who waits at the door comes in), lets running requests finish (each answered with Connection:
  /// close) and idle connections go after Timeouts::parting, for at most `grace`; then stops. True when nothing had to
  /// be cut off.
  bool drain(Duration grace);

  /// Closes everything now and joins the threads. Replies still out are answered into the void.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace countersign::http
