#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "server/running_server.h"

// Who connects, and under which name: what a peer, or a browser that was led here, can do before any key is asked for.
namespace countersign::testing {
namespace {

/// `struct in6_ifreq` of <linux/ipv6.h>, which cannot stand beside <netinet/in.h>.
struct AddressRequest {
  in6_addr address;
  std::uint32_t prefix_length;
  int interface;
};

/// Puts the calling thread, and the sockets that it opens, into a network of its own whose loopback has a link-local
/// address, too. False where the machine does not allow that.
bool enter_network_with_link_local_address() {
  if (::unshare(CLONE_NEWNET) != 0) return false;
  const int fd = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  ifreq up{};
  std::strcpy(up.ifr_name, "lo");
  up.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
  AddressRequest request{};
  ::inet_pton(AF_INET6, "fe80::1", &request.address);
  request.prefix_length = 64;
  request.interface = static_cast<int>(::if_nametoindex("lo"));
  const bool done = ::ioctl(fd, SIOCSIFFLAGS, &up) == 0 && ::ioctl(fd, SIOCSIFADDR, &request) == 0;
  ::close(fd);
  return done;
}

/// The first bytes of the answer to `request`, sent from fe80::1%lo. An address that was just given is tried for a
/// moment by the kernel before it may be used.
std::string ask_over_link(std::uint16_t port, std::string_view request) {
  sockaddr_in6 peer{};
  peer.sin6_family = AF_INET6;
  peer.sin6_port = htons(port);
  peer.sin6_scope_id = ::if_nametoindex("lo");
  ::inet_pton(AF_INET6, "fe80::1", &peer.sin6_addr);
  for (int attempt = 0; attempt < 30'000; ++attempt) {
    const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) break;
    const timeval patience{300, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string answer;
    const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof peer) == 0;
    if (connected && ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
      answer.resize(256);
      answer.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(fd, answer.data(), answer.size(), 0))));
    }
    ::close(fd);
    if (connected) return answer;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return "no connection";
}

// The system names such a peer `fe80::1%lo`, which is no address. [API-4]
TEST(Peers, OneWithAZoneIsAskedForItsKeyAsAnybody) {
  bool allowed = false;
  std::string answer;
  std::string again;
  std::thread apart([&] {
    allowed = enter_network_with_link_local_address();
    if (!allowed) return;
    RunningServer server([](main::Config& config) { config.listen = {{*IpAddress::parse("::"), 0}}; });
    const auto port = static_cast<std::uint16_t>(std::stoi(server.url().substr(server.url().rfind(':') + 1)));
    constexpr std::string_view kList = "GET /v1/transactions HTTP/1.1\r\nHost: a\r\n\r\n";
    answer = ask_over_link(port, kList);
    again = ask_over_link(port, "GET /v2/Services HTTP/1.1\r\nHost: a\r\n\r\n");
  });
  apart.join();
  if (!allowed) GTEST_SKIP() << "this machine does not let a test have a network of its own";
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << answer;
  EXPECT_TRUE(again.starts_with("HTTP/1.1 401 ")) << again;
}

TEST(Peers, OneHasSoManyConnectionsAndAProxyAny) {
  RunningServer bounded([](main::Config& config) { config.connections_per_peer = 2; });
  HttpCaller second(bounded.url(), bounded.api_key());
  HttpCaller third(bounded.url(), bounded.api_key());
  EXPECT_EQ(bounded.caller().get("/v1/transactions").status, 200);
  EXPECT_EQ(second.get("/v1/transactions").status, 200);
  EXPECT_EQ(third.get("/v1/transactions").status, 0) << "closed, unanswered";
  HttpCaller figures(bounded.metrics_url(), "");
  EXPECT_NE(figures.get("/metrics").body.find("\ncountersign_http_refused_connections_total 1\n"), std::string::npos);

  RunningServer behind_proxy([](main::Config& config) {
    config.connections_per_peer = 2;
    config.trusted_proxies = {*Cidr::parse("127.0.0.0/8")};
  });
  HttpCaller another(behind_proxy.url(), behind_proxy.api_key());
  HttpCaller one_more(behind_proxy.url(), behind_proxy.api_key());
  for (HttpCaller* caller : {&behind_proxy.caller(), &another, &one_more})
    EXPECT_EQ(caller->get("/v1/transactions").status, 200);
}

TEST(Peers, ThereIsACapUnlessOneIsChosen) {
  EXPECT_GT(main::Config{}.connections_per_peer, 0);
  EXPECT_LT(main::Config{}.connections_per_peer, 1'000);
}

std::string first_line(const RunningServer& server, std::string_view request_line, std::string_view host) {
  const std::string url = server.url();
  HttpCaller caller(url, "");
  const auto space = request_line.find(' ');
  const auto answer =
      caller.call(request_line.substr(0, space), request_line.substr(space + 1), "", {{"Host", std::string(host)}});
  return std::to_string(answer.status) + " " + answer.text("code");
}

// A page of somebody's own site, whose name was made to point to 127.0.0.1 after the browser had loaded it.
TEST(Peers, WhatDevelopersSeeIsNotForForeignNames) {
  RunningServer server([](main::Config& config) { config.public_url = "http://dev.example.test"; });
  for (const std::string_view line :
       {"GET /docs", "GET /dev/inbox", "GET /dev/inbox.json", "GET /dev/inbox/events?after=0", "POST /dev/inbox/delete",
        "POST /dev/inbox/report", "POST /dev/inbox/delay"}) {
    for (const std::string_view foreign :
         {"evil.example", "evil.example:8080", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example"}) {
      EXPECT_EQ(first_line(server, line, foreign), "421 foreign_host") << line << " at " << foreign;
    }
  }
  for (const std::string_view ours : {"localhost", "LocalHost:8080", "app.localhost", "127.0.0.1:8080", "[::1]:8080",
                                      "192.168.0.7", "dev.example.test"}) {
    EXPECT_EQ(first_line(server, "GET /dev/inbox", ours), "200 ") << ours;
    EXPECT_EQ(first_line(server, "GET /docs", ours), "200 ") << ours;
  }
}

TEST(Peers, FiguresAreOnAListenerOfTheirOwn) {
  RunningServer server;
  EXPECT_EQ(server.caller().get("/metrics").status, 404);
  EXPECT_TRUE(server.metrics_url().starts_with("http://127.0.0.1:")) << server.metrics_url();
  HttpCaller figures(server.metrics_url(), "");
  EXPECT_EQ(figures.get("/metrics").status, 200);
  EXPECT_EQ(figures.get("/v1/transactions").status, 404) << "and nothing else is there";

  RunningServer without([](main::Config& config) { config.metrics.listen.reset(); });
  EXPECT_EQ(without.caller().get("/metrics").status, 404);
  EXPECT_EQ(without.metrics_url(), "");
}

}  // namespace
}  // namespace countersign::testing
