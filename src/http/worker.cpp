#include "http/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/socket_base.hpp>
#include <cstring>
#include <future>
#include <utility>

#include "base/check.h"
#include "http/session.h"

namespace countersign::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr Duration kTlsCheckInterval = std::chrono::seconds(2);

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// A link-local address (`fe80::1%eth0`) loses its zone: it counts as one peer on every link.
IpAddress address_of(const asio::ip::address& address) {
  const auto from = [](const auto& bytes) {
    return IpAddress::from_bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()}).value_or(IpAddress());
  };
  return address.is_v4() ? from(address.to_v4().to_bytes()) : from(address.to_v6().to_bytes());
}

PeerKey key_of(const IpAddress& address) {
  PeerKey key{};
  key[0] = address.is_v4() ? 4 : 6;
  std::ranges::copy(address.limit_key(), key.begin() + 1);
  return key;
}

Tcp::endpoint tcp_of(const Stream::endpoint& endpoint) {
  Tcp::endpoint tcp;
  if (endpoint.size() > tcp.capacity()) return tcp;
  std::memcpy(tcp.data(), endpoint.data(), endpoint.size());
  tcp.resize(endpoint.size());
  return tcp;
}

Session::Peer peer_of(const Stream::endpoint& remote, const std::vector<Cidr>& not_counted) {
  const auto address = address_of(tcp_of(remote).address());
  const bool is_proxy = std::ranges::any_of(not_counted, [&](const Cidr& net) { return net.contains(address); });
  return {address, address.to_text(), is_proxy ? std::nullopt : std::optional(key_of(address))};
}

}  // namespace

Result<std::uint16_t, std::string> Worker::listen(const Listener& listener, bool shared) {
  if (listener.local >= 0) return take_over(listener.local);
  error_code error;
  const auto address = asio::ip::make_address(listener.address, error);
  const auto failed = [&] {
    return fail(fmt::format("cannot listen on {} port {}: {}", listener.address, listener.port, error.message()));
  };
  if (error) return failed();

  const Tcp::endpoint endpoint(address, listener.port);
  Acceptor acceptor(loop_.context());
  if (acceptor.open(endpoint.protocol(), error)) return failed();
  if (acceptor.set_option(asio::socket_base::reuse_address(true), error)) return failed();
  // Only if needed: it also allows another process of the same user to take a part of the connections.
  if (shared && acceptor.set_option(ReusePort(true), error)) return failed();
  if (address.is_v6() && acceptor.set_option(asio::ip::v6_only(false), error)) return failed();
  if (acceptor.bind(endpoint, error)) return failed();
  if (acceptor.listen(asio::socket_base::max_listen_connections, error)) return failed();
  const auto port = tcp_of(acceptor.local_endpoint(error)).port();
  doors_.push_back(std::make_unique<Door>(Door{std::move(acceptor), listener.tls, false}));
  return port;
}

Result<std::uint16_t, std::string> Worker::take_over(int local) {
  CS_CHECK(core_->options.local_peer);
  Acceptor acceptor(loop_.context());
  error_code error;
  if (acceptor.assign(Stream(AF_UNIX, 0), local, error)) {
    return fail("cannot listen on a socket of this machine: " + error.message());
  }
  doors_.push_back(std::make_unique<Door>(Door{std::move(acceptor), false, true}));
  return 0;
}

void Worker::start() {
  for (auto& door : doors_) accept(*door);
  loop_.start(
      core_->options.timeouts.tick, [this] { on_tick(); }, [this](std::string_view what) { core_->problem(what); });
}

void Worker::accept(Door& door) {
  door.accepting = true;
  auto remote = std::make_shared<Stream::endpoint>();
  door.acceptor.async_accept(*remote, [this, &door, remote](const error_code& error, Socket socket) {
    door.accepting = false;
    const bool open = door.acceptor.is_open();
    // Most likely out of descriptors: on_tick tries again.
    if (error && open) return core_->problem("cannot accept a connection: " + error.message());
    if (error || stopped_) return;
    // Also a connection that was accepted just before the drain closed the listening socket.
    admit(door, std::move(socket), *remote);
    if (open) return accept(door);
    if (!sessions_.empty()) sessions_.back()->start_draining();
  });
}

void Worker::admit(const Door& door, Socket socket, const Stream::endpoint& remote) {
  Session::Peer peer;
  error_code ignored;
  if (door.local) {
    auto name = core_->options.local_peer(socket.native_handle());
    if (!name) return;
    peer.text = *std::move(name);
  } else {
    peer = peer_of(remote, core_->options.not_counted_per_peer);
    socket.set_option(Tcp::no_delay(true), ignored);
  }
  if (!core_->counts.enter(peer.counted_as)) return;
  socket.non_blocking(true, ignored);
  auto stream = door.tls ? std::make_unique<TlsStream>(core_->tls.current().get()) : nullptr;
  auto session = std::make_shared<Session>(shared_from_this(), std::move(socket), std::move(peer), std::move(stream));
  session->slot = sessions_.size();
  sessions_.push_back(session);
  session->start();
}

void Worker::forget(const Session& session) {
  const auto slot = session.slot;
  std::swap(sessions_[slot], sessions_.back());
  sessions_[slot]->slot = slot;
  sessions_.pop_back();
}

void Worker::on_tick() {
  const auto now = core_->clock.monotonic();
  for (auto& door : doors_) {
    if (door->acceptor.is_open() && !door->accepting) accept(*door);
  }
  reload_tls_when_due(now);
  // From the end: a closing session is replaced by the last, which was checked already.
  for (auto i = sessions_.size(); i-- > 0;) {
    const auto session = sessions_[i];
    session->on_tick(now);
  }
}

void Worker::reload_tls_when_due(MonotonicTime now) {
  const bool has_tls = std::ranges::any_of(doors_, [](const auto& door) { return door->tls; });
  if (!has_tls || now - tls_checked_ < kTlsCheckInterval) return;
  tls_checked_ = now;
  if (const auto loaded = core_->tls.load_if_changed(); !loaded) core_->problem(loaded.error());
}

/// Closing a listening socket resets connections that the system has accepted, with their requests.
void Worker::admit_who_waits() {
  for (auto& door : doors_) {
    error_code error;
    door->acceptor.non_blocking(true, error);
    while (!error) {
      Stream::endpoint remote;
      Socket socket(loop_.context());
      door->acceptor.accept(socket, remote, error);
      if (!error) admit(*door, std::move(socket), remote);
    }
  }
}

void Worker::close_doors() {
  error_code ignored;
  for (auto& door : doors_) door->acceptor.close(ignored);
}

void Worker::start_draining() {
  std::promise<void> done;
  loop_.post([this, &done] {
    admit_who_waits();
    close_doors();
    for (auto i = sessions_.size(); i-- > 0;) {
      const auto session = sessions_[i];
      session->start_draining();
    }
    done.set_value();
  });
  done.get_future().wait();
}

void Worker::stop() {
  loop_.stop([this] {
    stopped_ = true;
    close_doors();
    while (!sessions_.empty()) {
      const auto session = sessions_.back();
      session->close();
    }
  });
}

}  // namespace countersign::http
