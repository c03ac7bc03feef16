// Links: cs_base
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/ip.h"

using namespace countersign;

// Addresses and networks are written as they are read; no header moves the client address past an untrusted one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto address = IpAddress::parse(input)) {
    CS_CHECK(IpAddress::parse(address->to_text()) == address);
    CS_CHECK(IpAddress::from_bytes(address->bytes()) == address);
    (void)address->is_public();
  }
  if (const auto network = Cidr::parse(input)) {
    CS_CHECK(Cidr::parse(network->to_text()) == network);
  }
  static const std::vector<Cidr> proxies{*Cidr::parse("10.0.0.0/8")};
  static const auto proxy = *IpAddress::parse("10.0.0.1");
  static const auto client = *IpAddress::parse("198.51.100.1");
  (void)client_address(proxy, input, proxies);
  CS_CHECK(client_address(client, input, proxies) == client);
  CS_CHECK(client_address(proxy, std::string(input) + ",198.51.100.1", proxies) == client);
  return 0;
}
