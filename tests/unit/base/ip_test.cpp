#include "base/ip.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace countersign {
namespace {

IpAddress ip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(*IpAddress::parse("0.0.0.0"));
}

Cidr net(std::string_view text) {
  const auto network = Cidr::parse(text);
  EXPECT_TRUE(network) << text;
  return network.value_or(*Cidr::parse("0.0.0.0"));
}

std::string text_of(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address ? address->to_text() : "refused";
}

TEST(IpAddress, WritesOneTextForEachAddress) {
  EXPECT_EQ(text_of("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(text_of("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(text_of("::FFFF:C000:0201"), "192.0.2.1");
  EXPECT_EQ(text_of("2001:0DB8:0000:0000:0000:0000:0000:0001"), "2001:db8::1");
  EXPECT_EQ(text_of("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(text_of("::"), "::");
}

TEST(IpAddress, RefusesWhatOtherReadersWouldTakeDifferently) {
  for (const char* text :
       {"", " 192.0.2.1", "192.0.2.1 ", "192.0.2", "192.0.2.256", "192.0.02.1", "0x7f.0.0.1", "3232235777",
        "192.0.2.1:80", "[::1]", "fe80::1%eth0", "::1/64", "2001:db8:::1", "1:2:3:4:5:6:7:8:9", "a.b.c.d"}) {
    EXPECT_EQ(text_of(text), "refused") << text;
  }
  EXPECT_EQ(text_of(std::string_view("127.0.0.1\0.evil", 15)), "refused");
  EXPECT_EQ(text_of(std::string(5000, '1')), "refused");
}

TEST(IpAddress, TextAndBytesGoRoundTrip) {
  EXPECT_TRUE(rc::check("every address", [](const std::array<std::uint8_t, 16>& raw, bool is_v4) {
    const std::string bytes(reinterpret_cast<const char*>(raw.data()), is_v4 ? 4 : 16);
    const auto address = IpAddress::from_bytes(bytes);
    RC_ASSERT(address.has_value());
    RC_ASSERT(IpAddress::parse(address->to_text()) == address);
    RC_ASSERT(IpAddress::from_bytes(address->bytes()) == address);
  }));
  EXPECT_FALSE(IpAddress::from_bytes("abc"));
}

TEST(IpAddress, CountsIpv6ByItsSlash64) {
  EXPECT_EQ(ip("192.0.2.1").limit_key(), std::string("\xC0\x00\x02\x01", 4));
  EXPECT_EQ(ip("::ffff:192.0.2.1").limit_key(), ip("192.0.2.1").limit_key());
  EXPECT_EQ(ip("2001:db8:1:2::1").limit_key(), ip("2001:db8:1:2:ffff:ffff:ffff:ffff").limit_key());
  EXPECT_NE(ip("2001:db8:1:2::1").limit_key(), ip("2001:db8:1:3::1").limit_key());
  EXPECT_NE(ip("192.0.2.1").limit_key(), ip("192.0.2.2").limit_key());
}

TEST(IpAddress, KnowsWhatIsPublic) {
  for (const char* text :
       {"1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:200::1", "2a00:1450::1"}) {
    EXPECT_TRUE(ip(text).is_public()) << text;
  }
  for (const char* text : {"0.0.0.0",       "10.0.0.1",         "100.64.0.1",      "100.100.100.200",
                           "127.0.0.1",     "127.255.255.254",  "168.63.129.16",   "169.254.169.254",
                           "172.16.0.1",    "172.31.255.255",   "192.0.0.192",     "192.0.2.1",
                           "192.168.1.1",   "198.18.0.1",       "198.51.100.1",    "203.0.113.1",
                           "224.0.0.1",     "240.0.0.1",        "255.255.255.255", "::",
                           "::1",           "::ffff:127.0.0.1", "::127.0.0.1",     "64:ff9b::7f00:1",
                           "64:ff9b:1::1",  "100::1",           "2001::1",         "2001:10::1",
                           "2001:db8::1",   "2002:7f00:1::",    "3fff::1",         "fc00::1",
                           "fd00:ec2::254", "fe80::1",          "fec0::1",         "ff02::1"}) {
    EXPECT_FALSE(ip(text).is_public()) << text;
  }
}

TEST(Cidr, ContainsItsNetworkAndNothingElse) {
  EXPECT_TRUE(net("10.0.0.0/8").contains(ip("10.255.255.255")));
  EXPECT_FALSE(net("10.0.0.0/8").contains(ip("11.0.0.0")));
  EXPECT_TRUE(net("192.0.2.128/25").contains(ip("192.0.2.128")));
  EXPECT_FALSE(net("192.0.2.128/25").contains(ip("192.0.2.127")));
  EXPECT_TRUE(net("192.0.2.1").contains(ip("::ffff:192.0.2.1")));
  EXPECT_FALSE(net("192.0.2.1").contains(ip("192.0.2.2")));
  EXPECT_TRUE(net("2001:db8::/33").contains(ip("2001:db8:7fff::")));
  EXPECT_FALSE(net("2001:db8::/33").contains(ip("2001:db8:8000::")));
  EXPECT_TRUE(net("::ffff:10.0.0.0/104").contains(ip("10.1.2.3")));
  EXPECT_EQ(net("::ffff:10.0.0.0/104").to_text(), "10.0.0.0/8");
}

TEST(Cidr, KeepsTheFamiliesApart) {
  EXPECT_TRUE(net("0.0.0.0/0").contains(ip("203.0.113.9")));
  EXPECT_FALSE(net("0.0.0.0/0").contains(ip("2001:db8::1")));
  EXPECT_TRUE(net("::/0").contains(ip("2001:db8::1")));
  EXPECT_FALSE(net("::/0").contains(ip("203.0.113.9")));
}

TEST(Cidr, RefusesSlips) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/08", "10.0.0.0/+8",
                           "10.0.0.0/8/8", "2001:db8::/129", "2001:db8::1/64", "::ffff:10.0.0.0/90", "10.0.0.0/8 "}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

TEST(IpFilter, DenyWinsAndNoAllowListMeansAll) {
  EXPECT_TRUE(IpFilter().allows(ip("192.0.2.1")));
  const IpFilter deny_only({}, {net("192.0.2.0/24")});
  EXPECT_FALSE(deny_only.allows(ip("192.0.2.1")));
  EXPECT_TRUE(deny_only.allows(ip("198.51.100.1")));
  const IpFilter both({net("192.0.2.0/24")}, {net("192.0.2.7")});
  EXPECT_TRUE(both.allows(ip("192.0.2.1")));
  EXPECT_FALSE(both.allows(ip("192.0.2.7")));
  EXPECT_FALSE(both.allows(ip("198.51.100.1")));
}

// THR-9.
TEST(ClientAddress, TrustsTheHeaderOnlyAsFarAsTheProxies) {
  const std::vector<Cidr> proxies{net("10.0.0.0/8"), net("2001:db8:f::/48")};
  const auto client = [&](std::string_view peer, std::string_view header) {
    return client_address(ip(peer), header, proxies).to_text();
  };
  // Not a proxy: whatever it says is ignored.
  EXPECT_EQ(client("203.0.113.5", "198.51.100.1"), "203.0.113.5");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", ""), "10.0.0.1");
  // What the client wrote itself stands to the left of its own address.
  EXPECT_EQ(client("10.0.0.1", "1.2.3.4, 198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "10.9.9.9, 198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "1.2.3.4,198.51.100.1 ,\t10.0.0.2"), "198.51.100.1");
  EXPECT_EQ(client("2001:db8:f::1", "2001:db8:a::1, 10.0.0.2"), "2001:db8:a::1");
  EXPECT_EQ(client("::ffff:10.0.0.1", "198.51.100.1"), "198.51.100.1");
  // All proxies: the outermost is the caller.
  EXPECT_EQ(client("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3");
  // Ports say nothing about who it is.
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1:4711"), "198.51.100.1");
  EXPECT_EQ(client("10.0.0.1", "[2001:db8::7]:4711"), "2001:db8::7");
  // Garbage ends the walk at the last proxy that vouched for something.
  EXPECT_EQ(client("10.0.0.1", "unknown"), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1, <script>, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1,,10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client("10.0.0.1", "198.51.100.1,"), "10.0.0.1");
  EXPECT_EQ(client("10.0.0.1", "[2001:db8::7"), "10.0.0.1");
}

TEST(ClientAddress, IsThePeerOrAnAddressThatAProxyWrote) {
  EXPECT_TRUE(rc::check("a client cannot choose its address", [](const std::string& forged) {
    // A well-behaved proxy appends the address that called it to whatever the header held.
    const std::string header = forged + ", 198.51.100.1";
    const auto client = client_address(*IpAddress::parse("10.0.0.1"), header, {*Cidr::parse("10.0.0.0/8")});
    RC_ASSERT(client.to_text() == "198.51.100.1");
  }));
}

}  // namespace
}  // namespace countersign
