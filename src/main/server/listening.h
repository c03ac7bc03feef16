#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/ip.h"
#include "http/server.h"
#include "main/config/config.h"

namespace countersign::main {

/// A port of an address that the system gives to nobody else who asks for a free one, until this ends. Nobody listens
/// there because of it, but somebody who names the port and allows its reuse (`SO_REUSEADDR`) can.
class HeldPort {
 public:
  /// That one, or with 0 a free one. nullopt: this machine does not have the address, or somebody else has the port.
  [[nodiscard]] static std::optional<HeldPort> hold(const IpAddress& address, std::uint16_t port = 0);
  HeldPort(HeldPort&& other) noexcept : socket_(std::exchange(other.socket_, -1)), port_(other.port_) {}
  HeldPort& operator=(HeldPort&&) = delete;
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;
  ~HeldPort();

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  HeldPort(int socket, std::uint16_t port) : socket_(socket), port_(port) {}

  int socket_;
  std::uint16_t port_;
};

/// Replaces port 0 of the first listener by a free port, in the public URL too: it is chosen before anything else,
/// because links contain it. `held` receives it, to be kept until the server listens.
[[nodiscard]] Config with_real_port(Config config, std::vector<HeldPort>& held);

/// Listeners, timeouts and limits.
[[nodiscard]] http::ServerOptions http_options(const Config& config);

}  // namespace countersign::main
