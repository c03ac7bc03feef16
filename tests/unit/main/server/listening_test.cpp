#include "main/server/listening.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>

namespace countersign::main {
namespace {

Config in_development() {
  Config config;
  config.mode = Mode::kDevelopment;
  config.listen = {{*IpAddress::parse("127.0.0.1"), 0}};
  return config;
}

/// Whether a program that allows no reuse can have it: not if anybody else has it.
bool is_free(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

// Between the choice and the listening lies all that a server does at its start.
TEST(Listening, AFreePortStaysOursUntilWeListenThere) {
  std::vector<HeldPort> held;
  const auto config = with_real_port(in_development(), held);
  const auto port = config.listen.front().port;
  ASSERT_NE(port, 0);
  EXPECT_TRUE(config.public_url.ends_with(":" + std::to_string(port))) << config.public_url;
  EXPECT_FALSE(is_free(port));
  http::Server server(http_options(config), http::Router(), {}, system_clock(), system_random());
  const auto started = server.start();
  EXPECT_TRUE(started) << started.error();
  server.stop();
  held.clear();
  EXPECT_TRUE(is_free(port));
}

TEST(Listening, ManyAtOnceHaveOneEach) {
  std::vector<HeldPort> held;
  std::set<std::uint16_t> ports;
  for (int i = 0; i < 200; ++i) ports.insert(with_real_port(in_development(), held).listen.front().port);
  EXPECT_EQ(ports.size(), 200U);
}

TEST(Listening, APortThatIsNamedStays) {
  auto config = in_development();
  config.listen.front().port = 8080;
  std::vector<HeldPort> held;
  EXPECT_EQ(with_real_port(config, held).listen.front().port, 8080);
  EXPECT_TRUE(held.empty());
}

}  // namespace
}  // namespace countersign::main
