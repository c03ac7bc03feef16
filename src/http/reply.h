#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/executor.h"
#include "http/request.h"
#include "http/response.h"

namespace countersign::http {

/// Receives the response of a Reply: a connection, or a test. Thread-safe.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void answer(std::uint64_t ticket, Response response) = 0;
  /// The Reply was destroyed unanswered.
  virtual void abandon(std::uint64_t ticket) = 0;
  virtual Executor& executor() = 0;
  /// For the access record. Only on the executor's thread.
  virtual void say_object(std::uint64_t /*ticket*/, std::string /*id*/) {}
  virtual void say_account(std::uint64_t /*ticket*/, std::string /*id*/) {}
};

/// The right to answer one request: move-only, used once, from any thread, at any later time.
///
/// An answer after the connection is closed has no effect. A Reply destroyed without an answer (also by an exception in
/// the handler) sends 500, so that no request hangs.
class Reply {
 public:
  Reply(std::shared_ptr<ReplySink> sink, std::uint64_t ticket) : sink_(std::move(sink)), ticket_(ticket) {}
  Reply(Reply&& other) noexcept = default;
  Reply& operator=(Reply&& other) noexcept;
  ~Reply();

  /// Sends the response. A second call on the same Reply is a bug and ends the process.
  void send(Response response);

  /// The I/O thread of this connection, for completions of the store, as in `store.transact(work, then)`. A response
  /// sent from there needs no further thread switch. Lives as long as the server.
  [[nodiscard]] Executor& executor() const;

  /// Sets the object of the request, and the account of its API key: ids, for the access record; no secrets. Only on
  /// the executor's thread, before send().
  void say_object(std::string id) const;
  void say_account(std::string id) const;

 private:
  std::shared_ptr<ReplySink> sink_;
  std::uint64_t ticket_;
};

/// Handles a request by sending on the Reply, now or later. Runs on an I/O thread, so it must not block. Must not
/// throw: an exception is reported through ServerHooks::on_problem and answered 500.
using Handler = std::function<void(Request, Reply)>;

}  // namespace countersign::http
