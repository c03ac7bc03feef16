#include "main/commands/admin_server.h"

#include <fmt/format.h>

#include "main/log.h"

namespace countersign::main {

namespace {

constexpr auto kGrace = std::chrono::seconds(2);

http::Response admin_response(int status, const json::object& content) {
  return {.status = status, .content_type = "application/json", .body = canonical_json(content)};
}

http::ServerOptions admin_options(int listening) {
  http::ServerOptions options;
  options.listeners = {{.local = listening}};
  options.local_peer = trusted_peer;
  options.connections_max = 16;
  options.limits.body_bytes = std::size_t{64} * 1024;
  // A command sends its request at once, on a machine that is overloaded seconds later.
  options.timeouts.header = std::chrono::seconds(10);
  options.timeouts.body = std::chrono::seconds(10);
  options.timeouts.idle = std::chrono::seconds(2);
  options.timeouts.write = std::chrono::seconds(5);
  return options;
}

http::ServerHooks admin_hooks() {
  http::ServerHooks hooks;
  hooks.on_finished = [](const http::AccessRecord& record) {
    log(Level::kInfo, "admin", fmt::format("{} by {}: {}", record.route, record.peer, record.status));
  };
  hooks.on_problem = [](std::string_view what) { log(Level::kError, "admin", what); };
  return hooks;
}

}  // namespace

AdminServer::AdminServer(AdminContext context, OnceInForce once_in_force)
    : context_(context), once_in_force_(std::move(once_in_force)), worker_(std::chrono::hours(1), {}) {}

Result<Done, std::string> AdminServer::start() {
  auto socket = LocalSocket::listen(admin_socket_of(context_.config));
  if (!socket) return fail(socket.error());
  socket_.emplace(*std::move(socket));
  http_ = std::make_unique<http::Server>(admin_options(socket_->take()), routes(), admin_hooks(), context_.clock,
                                         context_.random);
  worker_.start();
  return http_->start();
}

void AdminServer::stop() {
  socket_.reset();
  if (http_) http_->drain(kGrace);
  worker_.stop();
}

http::Router AdminServer::routes() {
  http::Router router;
  for (const auto& operation : admin_operations()) {
    router.add(
        http::Method::kPost, admin_path(operation.name), operation.name,
        [this, &operation](http::Request request, http::Reply reply) {
          worker_.post([this, &operation, body = SecretString(std::move(request.body)),
                        reply = std::move(reply)]() mutable { answer(operation, body.expose(), std::move(reply)); });
        });
  }
  router.on_not_found([](const http::Request&, http::Reply reply) {
    reply.send(admin_response(404, {{"error", "the server is of another version, and does not know this command"}}));
  });
  return router;
}

void AdminServer::answer(const AdminOperation& operation, std::string_view body, http::Reply reply) {
  const auto arguments = parse_json(body);
  if (!arguments || !arguments->is_object()) {
    return reply.send(admin_response(400, {{"error", "the request is no JSON object"}}));
  }
  const auto done = operation.run(context_, arguments->get_object());
  if (!done) return reply.send(admin_response(422, {{"error", done.error()}}));
  once_in_force_(
      [response = admin_response(200, *done), reply = std::move(reply)]() mutable { reply.send(std::move(response)); });
}

}  // namespace countersign::main
