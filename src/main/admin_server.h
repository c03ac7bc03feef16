#pragma once

#include <memory>
#include <optional>

#include "base/worker.h"
#include "http/server.h"
#include "main/admin.h"
#include "main/local_socket.h"

namespace countersign::app {

/// Does the operations of admin.h for commands that run beside a server on SQLite: HTTP over a socket beside the
/// database file, for root and the server's own user, one operation after the other on a thread of its own.
class AdminServer {
 public:
  /// Called after each operation: runs the task once what the operation changed is in force.
  using OnceInForce = std::function<void(Task)>;

  /// What `house` refers to outlives it; the store is stopped after it.
  AdminServer(AdminHouse house, OnceInForce once_in_force);
  ~AdminServer() { stop(); }
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// The caller has the database open, so nobody else serves at its socket. The error is one sentence.
  Result<Done, std::string> start();
  /// What has been taken on is done and answered, for at most two seconds.
  void stop();

 private:
  [[nodiscard]] http::Router routes();
  void answer(const AdminOperation& operation, std::string_view body, http::Reply reply);

  const AdminHouse house_;
  const OnceInForce once_in_force_;
  Worker worker_;
  std::optional<LocalSocket> socket_;
  std::unique_ptr<http::Server> http_;
};

}  // namespace countersign::app
