#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace countersign::testing {

/// A port of loopback where nobody listens, and nobody can meanwhile: whoever connects is refused.
class ClosedPort {
 public:
  ClosedPort();
  ~ClosedPort();
  ClosedPort(const ClosedPort&) = delete;
  ClosedPort& operator=(const ClosedPort&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url(std::string_view path) const;

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

}  // namespace countersign::testing
