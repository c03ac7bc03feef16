#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/executor.h"
#include "http/request.h"
#include "http/response.h"

namespace countersign::http {

/// The receiving end of a Reply: a connection; in tests whatever wants to see the response. Thread-safe.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void answer(std::uint64_t ticket, Response response) = 0;
  /// The Reply was destroyed unanswered.
  virtual void abandon(std::uint64_t ticket) = 0;
  virtual Executor& executor() = 0;
  /// For the access record. On the executor's thread alone.
  virtual void say_object(std::uint64_t /*ticket*/, std::string /*id*/) {}
  virtual void say_account(std::uint64_t /*ticket*/, std::string /*id*/) {}
};

/// The right to answer one request: move-only, used once, from any thread, at any later time.
///
/// Answering after the connection is gone does nothing. A Reply that is destroyed unanswered (also by an exception on
/// its way out of the handler) answers 500, so that no request hangs.
class Reply {
 public:
  Reply(std::shared_ptr<ReplySink> sink, std::uint64_t ticket) : sink_(std::move(sink)), ticket_(ticket) {}
  Reply(Reply&& other) noexcept = default;
  Reply& operator=(Reply&& other) noexcept;
  ~Reply();

  /// Answers. A second call on the same Reply is a bug and ends the process.
  void send(Response response);

  /// The I/O thread of this connection: where completions of the store go, as in `store.transact(work, then)`. An
  /// answer sent from there is written without another hop. Lives as long as the server.
  [[nodiscard]] Executor& executor() const;

  /// What the request is about, and whose API key it came with: ids, for the access record. On the executor's thread
  /// alone, before send(); nothing secret.
  void say_object(std::string id) const;
  void say_account(std::string id) const;

 private:
  std::shared_ptr<ReplySink> sink_;
  std::uint64_t ticket_;
};

/// Answers a request by sending on the Reply, now or later. Runs on an I/O thread, so it must not block. Must not
/// throw: what escapes is reported through ServerHooks::on_problem and answered 500.
using Handler = std::function<void(Request, Reply)>;

}  // namespace countersign::http
