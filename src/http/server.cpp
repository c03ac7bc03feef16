#include "http/server.h"

#include <utility>

#include "base/check.h"
#include "http/server_core.h"
#include "http/worker.h"

namespace countersign::http {

class Server::Impl {
 public:
  Impl(ServerOptions options, Router router, ServerHooks hooks, Clock& clock, Random& random)
      : core_(new ServerCore{.options = std::move(options),
                             .router = std::move(router),
                             .hooks = std::move(hooks),
                             .clock = clock,
                             .random = random}) {}

  Result<Done, std::string> start() {
    CS_CHECK(workers_.empty() && core_->options.io_threads > 0);
    for (unsigned i = 0; i < core_->options.io_threads; ++i) workers_.push_back(std::make_shared<Worker>(core_));
    for (const auto& listener : core_->options.listeners) {
      if (auto listening = listen(listener); !listening) {
        workers_.clear();
        return listening;
      }
    }
    for (auto& worker : workers_) worker->start();
    return Done{};
  }

  void close_after_responses() { core_->ending = true; }

  bool drain(Duration grace) {
    close_after_responses();
    for (auto& worker : workers_) worker->start_draining();
    const bool drained = core_->counts.wait_until_none(grace);
    stop();
    return drained;
  }

  void stop() {
    for (auto& worker : std::exchange(workers_, {})) {
      worker->stop();
      stopped_.push_back(std::move(worker));
    }
  }

  [[nodiscard]] std::uint16_t port(std::size_t listener) const { return ports_.at(listener); }
  [[nodiscard]] ServerCore& core() { return *core_; }

 private:
  Result<Done, std::string> listen(Listener listener) {
    if (listener.tls && core_->tls.current() == nullptr) {
      if (auto loaded = core_->tls.load(); !loaded) return loaded;
    }
    for (auto& worker : workers_) {
      auto port = worker->listen(listener, workers_.size() > 1);
      if (!port) return fail(port.error());
      listener.port = *port;  // The others use the port chosen for the first.
    }
    ports_.push_back(listener.port);
    return Done{};
  }

  std::shared_ptr<ServerCore> core_;
  std::vector<std::shared_ptr<Worker>> workers_;
  std::vector<std::shared_ptr<Worker>> stopped_;  ///< Kept because Replies may still hold their executors.
  std::vector<std::uint16_t> ports_;
};

Server::Server(ServerOptions options, Router router, ServerHooks hooks, Clock& clock, Random& random)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router), std::move(hooks), clock, random)) {}

Server::~Server() { stop(); }

Result<Done, std::string> Server::start() { return impl_->start(); }
std::uint16_t Server::port(std::size_t listener) const { return impl_->port(listener); }
Result<Done, std::string> Server::reload_tls() { return impl_->core().tls.load(); }
std::size_t Server::connections() const { return impl_->core().counts.total(); }
std::uint64_t Server::refused_connections() const { return impl_->core().counts.refused(); }
void Server::close_after_responses() { impl_->close_after_responses(); }
bool Server::drain(Duration grace) { return impl_->drain(grace); }
void Server::stop() { impl_->stop(); }

}  // namespace countersign::http
