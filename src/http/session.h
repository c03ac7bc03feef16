#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/trace.h"
#include "http/connection_counts.h"
#include "http/reply.h"
#include "http/request_parser.h"
#include "http/tls_stream.h"
#include "http/worker.h"

namespace countersign::http {

/// One connection. Requests are answered one at a time: while a request is in progress, or a response waits for the
/// client to read, nothing further is read, so that a connection never needs more than its buffers.
///
/// Belongs to its worker's thread except for answer(), abandon() and executor(). session.cpp handles requests,
/// session_io.cpp bytes.
class Session final : public ReplySink, public std::enable_shared_from_this<Session> {
 public:
  struct Peer {
    IpAddress address;
    std::string text;                   ///< As text, for access records.
    std::optional<PeerKey> counted_as;  ///< Nothing for a proxy.
  };

  Session(std::shared_ptr<Worker> worker, Socket socket, Peer peer, std::unique_ptr<TlsStream> tls);

  void start();
  void on_tick(MonotonicTime now);
  /// Closes the connection soon unless a request is in progress or arrives; the next response closes it.
  void start_draining();
  void close();

  void answer(std::uint64_t ticket, Response response) override;
  void abandon(std::uint64_t ticket) override;
  Executor& executor() override { return worker_->loop(); }
  void say_object(std::uint64_t ticket, std::string id) override;
  void say_account(std::uint64_t ticket, std::string id) override;

  std::size_t slot = 0;  ///< For the worker: the index in its list.

 private:
  /// What the connection waits for; selects the deadline, and the reaction to it.
  enum class Phase : std::uint8_t { kIdle, kHead, kBody, kHandler, kWrite, kLinger };

  /// Data of the current request for the access record.
  struct Current {
    Method method = Method::kOther;
    std::string_view route = "(none)";
    std::string_view pattern{};
    std::string id{};
    std::string object{};
    std::string account{};
    IpAddress client{};
    MonotonicTime complete_at{};
    std::size_t bytes_in = 0;
    bool close = false;
    trace::Span span{};

    /// For the next request: as new, but the texts keep their memory.
    void begin(MonotonicTime now, const RequestParser& parser);
  };

  // Requests
  void on_bytes(std::string_view bytes);
  void resume();
  [[nodiscard]] std::size_t consume(std::string_view bytes);
  void after_feed();
  void dispatch();
  void call_handler(Request request);
  void begin_span(const Request& request);
  void end_span(int status);
  void on_answer(std::uint64_t ticket, Response response);
  void on_abandoned(std::uint64_t ticket);
  void refuse(int status, std::string_view code);
  void write_response(Response response);
  void enter(Phase phase);
  [[nodiscard]] Duration timeout_of(Phase phase) const;
  void make_request_id();

  // Bytes
  void proceed();
  void read();
  void on_read(std::size_t count);
  void on_encrypted(std::string_view bytes);
  void flush();
  [[nodiscard]] bool write_some();
  void wait_until_writable();
  void linger();

  const std::shared_ptr<Worker> worker_;  // First, so destroyed last: the socket needs its loop.
  Socket socket_;
  const Peer peer_;
  const std::unique_ptr<TlsStream> tls_;

  RequestParser parser_;
  Current current_;
  WallTime received_at_{};
  std::uint64_t ticket_ = 0;
  struct Asker {
    std::string path;
    std::string accept;
    std::string accept_language;
  };
  Asker asker_;  // Client of the request in its handler, for an error page.
  Phase phase_ = Phase::kHead;
  MonotonicTime deadline_{};

  bool busy_ = false;       ///< A request is in its handler.
  bool consuming_ = false;  ///< consume() is running: its loop picks up a response given now.
  bool continued_ = false;  ///< `100 Continue` has been sent for this request.
  bool ending_ = false;     ///< The last response has been written to out_.
  bool reading_ = false;
  bool writing_ = false;  ///< The client's buffers are full.
  bool lingering_ = false;
  bool closed_ = false;

  std::string backlog_;  ///< Received, not yet consumed: requests that wait for the current one.
  std::string out_;      ///< Responses, before encryption.
  std::string wire_;     ///< Being sent; the first `sent_` bytes of it are sent.
  std::size_t sent_ = 0;
  std::size_t discarded_ = 0;
  std::string decrypted_;
  std::size_t filled_ = 0;  ///< Number of bytes received in buffer_.
  std::array<char, 4096> buffer_;
};

}  // namespace countersign::http
