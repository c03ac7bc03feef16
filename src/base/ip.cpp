#include "base/ip.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "base/ascii.h"
#include "base/number.h"

namespace countersign {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t kTextMax = INET6_ADDRSTRLEN;

/// A network in the tables below; bytes after the prefix are zero.
struct Range {
  std::array<std::uint8_t, 6> start;
  unsigned prefix_length;
};

// IANA's registry of special-purpose IPv4 addresses, and others that outbound requests must not reach.
constexpr Range kNotPublicV4[] = {
    {{0}, 8},                  // "this network"
    {{10}, 8},                 // private
    {{100, 64}, 10},           // carrier NAT
    {{127}, 8},                // loopback
    {{168, 63, 129, 16}, 32},  // metadata service of virtual machines in one cloud
    {{169, 254}, 16},          // link-local; metadata services of the other clouds
    {{172, 16}, 12},           // private
    {{192, 0, 0}, 24},         // IETF protocol assignments
    {{192, 0, 2}, 24},         // documentation
    {{192, 88, 99}, 24},       // 6to4 relays, withdrawn
    {{192, 168}, 16},          // private
    {{198, 18}, 15},           // benchmarks
    {{198, 51, 100}, 24},      // documentation
    {{203, 0, 113}, 24},       // documentation
    {{224}, 4},                // multicast
    {{240}, 4},                // reserved, broadcast
};

// Ranges within 2000::/3, the only part of IPv6 allocated for public use.
constexpr Range kNotPublicV6[] = {
    {{0x20, 0x01}, 23},              // protocol assignments, Teredo among them
    {{0x20, 0x01, 0x0D, 0xB8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4: an IPv4 address inside
    {{0x3F, 0xFF}, 20},              // documentation
};
constexpr Range kGlobalUnicastV6{{0x20}, 3};

bool same_prefix(const std::uint8_t* a, const std::uint8_t* b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(a, b, whole) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool in_range(std::string_view bytes, const Range& range) {
  return same_prefix(reinterpret_cast<const std::uint8_t*>(bytes.data()), range.start.data(), range.prefix_length);
}

bool contained(const std::vector<Cidr>& networks, const IpAddress& address) {
  return std::ranges::any_of(networks, [&](const Cidr& network) { return network.contains(address); });
}

/// One entry of the header: an address, `address:port` or `[address]:port`. The port is ignored.
std::optional<IpAddress> parse_hop(std::string_view text) {
  text = trim_blanks(text);
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    return IpAddress::parse(text.substr(1, end - 1));
  }
  const auto colon = text.find(':');
  const bool has_port = colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos;
  return IpAddress::parse(has_port ? text.substr(0, colon) : text);
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() >= kTextMax || text.contains('\0')) return std::nullopt;
  char terminated[kTextMax] = {};
  std::ranges::copy(text, terminated);
  std::array<char, 16> raw{};
  if (inet_pton(AF_INET, terminated, raw.data()) == 1) return from_bytes({raw.data(), 4});
  if (inet_pton(AF_INET6, terminated, raw.data()) == 1) return from_bytes({raw.data(), 16});
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::from_bytes(std::string_view bytes) {
  std::array<std::uint8_t, 16> raw{};
  if (bytes.size() == 4) {
    std::ranges::copy(kMappedPrefix, raw.begin());
    std::memcpy(raw.data() + kMappedPrefix.size(), bytes.data(), 4);
    return IpAddress(raw);
  }
  if (bytes.size() != raw.size()) return std::nullopt;
  std::memcpy(raw.data(), bytes.data(), raw.size());
  return IpAddress(raw);
}

bool IpAddress::is_v4() const { return std::ranges::equal(kMappedPrefix, std::span(raw_).first<12>()); }

std::string_view IpAddress::bytes() const {
  const std::string_view all(reinterpret_cast<const char*>(raw_.data()), raw_.size());
  return is_v4() ? all.substr(kMappedPrefix.size()) : all;
}

std::string IpAddress::to_text() const {
  char text[kTextMax];
  return inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes().data(), text, sizeof text);
}

std::string IpAddress::network_text() const {
  const std::size_t kept = is_v4() ? 3 : 6;
  std::string network(bytes());
  std::fill(network.begin() + static_cast<std::ptrdiff_t>(kept), network.end(), '\0');
  return from_bytes(network)->to_text() + (is_v4() ? "/24" : "/48");
}

std::string IpAddress::limit_key() const { return std::string(bytes().substr(0, is_v4() ? 4 : 8)); }

bool IpAddress::is_public() const {
  const auto is_here = [this](const Range& range) { return in_range(bytes(), range); };
  if (is_v4()) return std::ranges::none_of(kNotPublicV4, is_here);
  return is_here(kGlobalUnicastV6) && std::ranges::none_of(kNotPublicV6, is_here);
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address_text = text.substr(0, slash);
  const auto address = IpAddress::parse(address_text);
  if (!address) return std::nullopt;
  const unsigned bits_max = address->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return Cidr(*address, bits_max);

  const auto digits = text.substr(slash + 1);
  const auto number = parse_number<unsigned>(digits);
  if (!number || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  unsigned length = *number;
  if (address->is_v4() && address_text.contains(':')) {  // ::ffff:10.0.0.0/104 is 10.0.0.0/8
    if (length < 96) return std::nullopt;
    length -= 96;
  }
  if (length > bits_max) return std::nullopt;

  std::string network(address->bytes());
  for (unsigned bit = length; bit < bits_max; ++bit) {
    const auto byte = static_cast<std::uint8_t>(network[bit / 8]);
    if ((byte >> (7U - bit % 8) & 1) != 0) return std::nullopt;
  }
  return Cidr(*address, length);
}

bool Cidr::contains(const IpAddress& address) const {
  if (address.is_v4() != network_.is_v4()) return false;
  return same_prefix(reinterpret_cast<const std::uint8_t*>(address.bytes().data()),
                     reinterpret_cast<const std::uint8_t*>(network_.bytes().data()), prefix_length_);
}

std::string Cidr::to_text() const { return network_.to_text() + '/' + std::to_string(prefix_length_); }

bool IpFilter::allows(const IpAddress& address) const {
  return !contained(deny_, address) && (allow_.empty() || contained(allow_, address));
}

IpAddress client_address(const IpAddress& peer, std::string_view x_forwarded_for,
                         const std::vector<Cidr>& trusted_proxies) {
  IpAddress client = peer;
  std::string_view rest = trim_blanks(x_forwarded_for);
  while (!rest.empty() && contained(trusted_proxies, client)) {
    const auto comma = rest.rfind(',');
    const auto hop = parse_hop(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
    if (!hop) return client;
    client = *hop;
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(0, comma);
  }
  return client;
}

}  // namespace countersign
