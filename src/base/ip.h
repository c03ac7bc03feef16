#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign {

/// One IPv4 or IPv6 address. A mapped IPv4 address (`::ffff:192.0.2.1`) equals the IPv4 address, so that the socket's
/// family does not matter.
class IpAddress {
 public:
  /// `::`, the unspecified address.
  IpAddress() = default;
  /// Strict: no ports, brackets, zones, leading zeros or short IPv4 forms.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  /// From 4 or 16 bytes in network order, as returned by a socket.
  [[nodiscard]] static std::optional<IpAddress> from_bytes(std::string_view bytes);

  [[nodiscard]] bool is_v4() const;
  /// RFC 5952: lower case, longest run of zeros shortened.
  [[nodiscard]] std::string to_text() const;
  /// The address's network, `203.0.113.0/24` or `2001:db8:1::/48`: tells where a request came from without identifying
  /// a person.
  [[nodiscard]] std::string network_text() const;
  /// The key for rate limits: all four bytes of an IPv4 address, the first eight of an IPv6 address, because one
  /// household or one attacker controls a whole /64. [THR-9]
  [[nodiscard]] std::string limit_key() const;
  /// Whether the address is reachable over the public Internet. False for loopback, private, link-local (cloud metadata
  /// services), carrier NAT, multicast, documentation, and addresses that embed an IPv4 address (NAT64, 6to4, Teredo).
  /// Outbound requests check this before they connect.
  [[nodiscard]] bool is_public() const;
  /// 4 or 16 bytes in network order; valid as long as the address.
  [[nodiscard]] std::string_view bytes() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  explicit IpAddress(const std::array<std::uint8_t, 16>& raw) : raw_(raw) {}

  std::array<std::uint8_t, 16> raw_{};  // IPv4 in its mapped form.
};

/// A network, `10.0.0.0/8` or `2001:db8::/32`; a bare address is a network of one address.
class Cidr {
 public:
  /// Rejects bits set after the prefix: `10.1.2.3/8` is more likely a mistake than a network.
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);

  /// An IPv6 network never contains an IPv4 address, and vice versa.
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const Cidr&, const Cidr&) = default;

 private:
  Cidr(const IpAddress& network, unsigned prefix_length) : network_(network), prefix_length_(prefix_length) {}

  IpAddress network_;
  unsigned prefix_length_;  // For the address's own family: 0–32 or 0–128.
};

/// Filters clients by address. Deny takes precedence over allow; an empty allow list allows every address that is not
/// denied.
class IpFilter {
 public:
  IpFilter() = default;
  IpFilter(std::vector<Cidr> allow, std::vector<Cidr> deny) : allow_(std::move(allow)), deny_(std::move(deny)) {}

  [[nodiscard]] bool allows(const IpAddress& address) const;

 private:
  std::vector<Cidr> allow_;
  std::vector<Cidr> deny_;
};

/// The client's address for a connection from `peer` with this X-Forwarded-For header (several headers joined by
/// commas; empty when there is none). [THR-9]
///
/// The header counts only when the peer is a trusted proxy. Each proxy appends the address that called it, so it is
/// read from the right: the first address that is not a trusted proxy is the client, and everything left of it is
/// unverified client input. An invalid entry (a port after the address is allowed) stops the search at the last trusted
/// proxy.
[[nodiscard]] IpAddress client_address(const IpAddress& peer, std::string_view x_forwarded_for,
                                       const std::vector<Cidr>& trusted_proxies);

}  // namespace countersign
