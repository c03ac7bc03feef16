#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "unit/http/server_fixture.h"

namespace countersign::http::testing {
namespace {

/// A name of its own without a file, which goes with the last descriptor.
sockaddr_un a_name() {
  static int count = 0;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "countersign-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  return address;
}

class LocalListener : public ServerTest {
 protected:
  void SetUp() override {
    const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&name_), sizeof name_), 0);
    ASSERT_EQ(::listen(listening, 4), 0);
    options_.listeners = {Listener{}, Listener{.local = listening}};
  }
  [[nodiscard]] std::string ask() const {
    const int peer = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval patience{300, 0};
    ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(peer, reinterpret_cast<const sockaddr*>(&name_), sizeof name_), 0);
    static_cast<void>(::send(peer, kGetEcho.data(), kGetEcho.size(), MSG_NOSIGNAL));
    std::string answer(4096, '\0');
    answer.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::recv(peer, answer.data(), answer.size(), 0))));
    ::close(peer);
    return answer;
  }

  const sockaddr_un name_ = a_name();
};

TEST_F(LocalListener, AnswersThoseWhoMayComeInBesideTheNetwork) {
  options_.local_peer = [](int descriptor) -> std::optional<std::string> {
    ucred peer{};
    socklen_t size = sizeof peer;
    EXPECT_EQ(::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size), 0);
    return "process " + std::to_string(peer.pid);
  };
  start();
  EXPECT_TRUE(ask().starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(finished_.take().peer, "process " + std::to_string(::getpid()));
  EXPECT_EQ(client().ask(kGetEcho).status, 200);
  EXPECT_EQ(finished_.take().peer, "127.0.0.1");
}

TEST_F(LocalListener, ClosesOthersUnanswered) {
  options_.local_peer = [](int) { return std::nullopt; };
  start();
  EXPECT_EQ(ask(), "");
  wait_for_connections(0);
  EXPECT_EQ(client().ask(kGetEcho).status, 200);
}

}  // namespace
}  // namespace countersign::http::testing
