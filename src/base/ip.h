#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace countersign {

/// One IPv4 or IPv6 address. An IPv4 address in its mapped form (`::ffff:192.0.2.1`) is that IPv4 address, so that an
/// address has one value whichever socket it came through.
class IpAddress {
 public:
  /// `::`, the address that nobody has.
  IpAddress() = default;
  /// Strict: no ports, brackets, zones, leading zeros or short IPv4 forms.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  /// From 4 or 16 bytes in network order, as a socket gives them.
  [[nodiscard]] static std::optional<IpAddress> from_bytes(std::string_view bytes);

  [[nodiscard]] bool is_v4() const;
  /// RFC 5952: lower case, longest run of zeros shortened.
  [[nodiscard]] std::string to_text() const;
  /// The network that it is in, `203.0.113.0/24` or `2001:db8:1::/48`: where a request came from, and not whose it was.
  [[nodiscard]] std::string network_text() const;
  /// What limits are counted by: the four bytes of an IPv4 address, the first eight of an IPv6 address, because one
  /// household or one attacker has a /64 to itself. [THR-9]
  [[nodiscard]] std::string limit_key() const;
  /// Reachable over the public Internet. False for loopback, private, link-local (where clouds keep their metadata
  /// service), carrier NAT, multicast, documentation, and everything that wraps an IPv4 address (NAT64, 6to4, Teredo).
  /// An address guard for outbound requests asks this of the address it is about to connect to.
  [[nodiscard]] bool is_public() const;
  /// 4 or 16 bytes in network order; they live as long as the address.
  [[nodiscard]] std::string_view bytes() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  explicit IpAddress(const std::array<std::uint8_t, 16>& raw) : raw_(raw) {}

  std::array<std::uint8_t, 16> raw_{};  // IPv4 in its mapped form.
};

/// A network, `10.0.0.0/8` or `2001:db8::/32`; a bare address is the network of that address alone.
class Cidr {
 public:
  /// Bits set behind the prefix are refused: `10.1.2.3/8` is more likely a slip than a network.
  [[nodiscard]] static std::optional<Cidr> parse(std::string_view text);

  /// An IPv6 network never contains an IPv4 address, nor the other way round.
  [[nodiscard]] bool contains(const IpAddress& address) const;
  [[nodiscard]] std::string to_text() const;

  friend bool operator==(const Cidr&, const Cidr&) = default;

 private:
  Cidr(const IpAddress& network, unsigned prefix_length) : network_(network), prefix_length_(prefix_length) {}

  IpAddress network_;
  unsigned prefix_length_;  // Of the address's own family: 0–32 or 0–128.
};

/// Whom to let in. Deny wins over allow; an empty allow list lets everybody in who is not denied.
class IpFilter {
 public:
  IpFilter() = default;
  IpFilter(std::vector<Cidr> allow, std::vector<Cidr> deny) : allow_(std::move(allow)), deny_(std::move(deny)) {}

  [[nodiscard]] bool allows(const IpAddress& address) const;

 private:
  std::vector<Cidr> allow_;
  std::vector<Cidr> deny_;
};

/// Who is really calling, when the connection came from `peer` with that X-Forwarded-For header (several headers joined
/// by commas; empty when there is none). [THR-9]
///
/// The header counts only when the peer is a trusted proxy. Each proxy appends the address it was called from, so it is
/// read from the right, and the first address that is no trusted proxy is the client: whatever stands left of it was
/// written by the client itself. An entry that is no address (a port behind it is tolerated) ends the walk at the last
/// proxy that could be trusted.
[[nodiscard]] IpAddress client_address(const IpAddress& peer, std::string_view x_forwarded_for,
                                       const std::vector<Cidr>& trusted_proxies);

}  // namespace countersign
