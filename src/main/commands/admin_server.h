#pragma once

#include <memory>
#include <optional>

#include "base/worker.h"
#include "http/server.h"
#include "main/commands/admin.h"
#include "main/commands/local_socket.h"

namespace countersign::main {

/// Runs the operations of admin.h for commands beside a server on SQLite: HTTP over a socket beside the database file,
/// for root and the server's own user, one at a time on its own thread.
class AdminServer {
 public:
  /// Called after each operation: runs the task once the operation's changes are in force.
  using OnceInForce = std::function<void(Task)>;

  /// What `context` refers to outlives it; the store is stopped after it.
  AdminServer(AdminContext context, OnceInForce once_in_force);
  ~AdminServer() { stop(); }
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// The caller has the database open, so no other server uses the socket. The error is one sentence.
  Result<Done, std::string> start();
  /// Finishes accepted operations, for at most two seconds.
  void stop();

 private:
  [[nodiscard]] http::Router routes();
  void answer(const AdminOperation& operation, std::string_view body, http::Reply reply);

  const AdminContext context_;
  const OnceInForce once_in_force_;
  Worker worker_;
  std::optional<LocalSocket> socket_;
  std::unique_ptr<http::Server> http_;
};

}  // namespace countersign::main
