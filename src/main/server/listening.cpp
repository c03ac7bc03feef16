#include "main/server/listening.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace countersign::main {

namespace {

constexpr int kTriesMax = 100;

sockaddr_storage socket_address(const IpAddress& address, std::uint16_t port, socklen_t& size) {
  sockaddr_storage storage{};
  size = address.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  if (address.is_v4()) {
    auto* in = reinterpret_cast<sockaddr_in*>(&storage);
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    inet_pton(AF_INET, address.to_text().c_str(), &in->sin_addr);
  } else {
    auto* in = reinterpret_cast<sockaddr_in6*>(&storage);
    in->sin6_family = AF_INET6;
    in->sin6_port = htons(port);
    inet_pton(AF_INET6, address.to_text().c_str(), &in->sin6_addr);
  }
  return storage;
}

const IpAddress& loopback_6() {
  static const IpAddress address = *IpAddress::parse("::1");
  return address;
}

/// "localhost" means both, and many clients try IPv6 first.
bool listens_on_both_loopbacks(const Config& config) {
  return config.mode == Mode::kDevelopment && config.listen.front().address.to_text() == "127.0.0.1" &&
         HeldPort::hold(loopback_6()).has_value();
}

}  // namespace

HeldPort::~HeldPort() {
  if (socket_ >= 0) close(socket_);
}

std::optional<HeldPort> HeldPort::hold(const IpAddress& address, std::uint16_t port) {
  HeldPort held(socket(address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), 0);
  if (held.socket_ < 0) return std::nullopt;
  // Else nobody could listen there meanwhile; whoever asks for any free port does not get it all the same.
  const int on = 1;
  setsockopt(held.socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (!address.is_v4()) setsockopt(held.socket_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  socklen_t size = 0;
  auto storage = socket_address(address, port, size);
  if (bind(held.socket_, reinterpret_cast<sockaddr*>(&storage), size) != 0) return std::nullopt;
  if (getsockname(held.socket_, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return std::nullopt;
  held.port_ = ntohs(address.is_v4() ? reinterpret_cast<sockaddr_in*>(&storage)->sin_port
                                     : reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port);
  return held;
}

Config with_real_port(Config config, std::vector<HeldPort>& held) {
  auto& first = config.listen.front();
  if (first.port != 0) return config;
  const bool both = listens_on_both_loopbacks(config);
  for (int tries = 0; tries < kTriesMax && first.port == 0; ++tries) {
    auto chosen = HeldPort::hold(first.address);
    if (!chosen) break;
    auto beside = both ? HeldPort::hold(loopback_6(), chosen->port()) : std::nullopt;
    if (both && !beside) continue;
    first.port = chosen->port();
    held.push_back(*std::move(chosen));
    if (beside) held.push_back(*std::move(beside));
  }
  // Without a port, the URL of the pages would be unknown.
  if (config.public_url.empty() || config.public_url.ends_with(":0"))
    config.public_url = development_url(first.port, config.tls.has_value());
  return config;
}

http::ServerOptions http_options(const Config& config) {
  http::ServerOptions options;
  options.listeners.clear();
  for (const auto& address : config.listen) {
    options.listeners.push_back({address.address.to_text(), address.port, config.tls.has_value()});
  }
  if (listens_on_both_loopbacks(config)) {
    options.listeners.push_back({loopback_6().to_text(), options.listeners.front().port, config.tls.has_value()});
  }
  // A batch of Meta's may have 3 MB, and what does not get 200 comes again for days; its signature covers all of it.
  options.limits.large = std::make_shared<http::LargeBodies>("/callbacks/whatsapp/", std::size_t{3} * 1024 * 1024, 8);
  options.io_threads = static_cast<unsigned>(config.io_threads);
  options.connections_per_peer_max = static_cast<std::size_t>(config.connections_per_peer);
  options.not_counted_per_peer = config.trusted_proxies;
  options.timeouts.idle = config.idle_timeout;
  if (config.lame_duck == Duration::zero()) options.timeouts.parting = Duration::zero();
  if (config.tls) options.tls = {config.tls->certificate.string(), config.tls->key.string()};
  return options;
}

}  // namespace countersign::main
