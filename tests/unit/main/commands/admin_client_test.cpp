// What a command makes of what the server's socket says.

#include "main/commands/admin_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <thread>

namespace countersign::main {
namespace {

constexpr std::string_view kDoneAnswer = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{\"key\":12}";

/// The answer to a command whose server reads the whole request, says `parts` one after the other and closes; the
/// request, if it is asked for.
AdminAnswer told(const std::vector<std::string>& parts, std::string* request = nullptr) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
  std::thread server([&parts, request, end = Descriptor(ends[1])] {
    std::string got;
    std::string buffer(4096, '\0');
    while (!got.ends_with("{\"name\":\"shop\"}")) {
      const auto size = ::recv(end.number(), buffer.data(), buffer.size(), 0);
      if (size <= 0) return;
      got.append(buffer, 0, static_cast<std::size_t>(size));
    }
    if (request != nullptr) *request = got;
    for (const auto& part : parts) {
      std::string_view rest = part;
      while (!rest.empty()) {
        const auto sent = ::send(end.number(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent < 0) return;
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
    }
  });
  auto answer = ask_server(Descriptor(ends[0]), {"api_key.create", {{"name", "shop"}}});
  server.join();
  return answer;
}

std::string error_told(const std::vector<std::string>& parts) {
  const auto answer = told(parts);
  return answer ? "none" : answer.error();
}

TEST(AdminClient, SendsTheOperationWithItsArguments) {
  std::string request;
  const auto answer = told({std::string(kDoneAnswer)}, &request);
  ASSERT_TRUE(answer) << answer.error();
  EXPECT_EQ(canonical_json(*answer), "{\"key\":12}");
  EXPECT_TRUE(request.starts_with("POST /admin/api_key.create HTTP/1.1\r\nHost: localhost\r\n")) << request;
  EXPECT_NE(request.find("\r\nContent-Length: 15\r\n"), std::string::npos) << request;
  EXPECT_NE(request.find("\r\n\r\n{\"name\":\"shop\"}"), std::string::npos) << request;
}

TEST(AdminClient, PutsTogetherAnAnswerThatComesInPieces) {
  std::vector<std::string> bytes;
  for (const char c : kDoneAnswer) bytes.emplace_back(1, c);
  EXPECT_TRUE(told(bytes));
  const std::string value(4U << 20U, 'x');
  const std::string body = "{\"list\":\"" + value + "\"}";
  const auto large = told({"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n", body});
  ASSERT_TRUE(large) << large.error();
  EXPECT_EQ(large->at("list").as_string().size(), value.size());
}

TEST(AdminClient, TellsTheServersOwnSentence) {
  EXPECT_EQ(error_told({"HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 14\r\n\r\n{\"error\":\"no\"}"}), "no");
  EXPECT_EQ(error_told({"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy"}),
            "the server answered 503; its log may say more");
  EXPECT_EQ(error_told({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"}),
            "the server answered 200; its log may say more");
}

TEST(AdminClient, SaysThatItIsUnknownWhetherItWasDone) {
  const std::vector<std::string> cut_off{"", std::string(kDoneAnswer.substr(0, kDoneAnswer.size() - 1)),
                                         "HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.1 200 OK\r\n", "SSH-2.0-server\r\n\r\n"};
  for (const auto& answer : cut_off) {
    EXPECT_EQ(error_told({answer}),
              "the server has not answered (it closed the connection); it may have done it: look before you repeat it")
        << answer;
  }
}

TEST(AdminClient, StopsReadingWhatIsTooLong) {
  const std::string body(kAdminAnswerMax + (1U << 20U), ' ');
  EXPECT_EQ(error_told({"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n", body}),
            "the server has not answered (its answer is too long); it may have done it: look before you repeat it");
}

}  // namespace
}  // namespace countersign::main
