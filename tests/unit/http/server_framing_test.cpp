#include <gmock/gmock.h>

#include "unit/http/server_fixture.h"

// What the parser refuses (request_parser_test.cpp has all of it) ends the connection, unread bytes included.

namespace countersign::http::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kSmuggled = "GET /echo/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(ServerTest, RefusesAndClosesBeforeWhatIsSmuggledBehind) {
  start();
  for (const std::string head : {
           "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: a\r\nX: y\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
           "GET /echo HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
           "GET /echo HTTP/1.1\r\n\r\n",
           "GET /echo HTTP/1.1\nHost: a\n\n",
           "GET /echo HTTP/1.1\r\nHost: a\r\nX: y\rz\r\n\r\n",
       }) {
    auto c = client();
    c.send(head + std::string(kSmuggled));
    const auto response = c.read_response();
    EXPECT_EQ(response.status, 400) << head;
    EXPECT_EQ(response.headers.at("Connection"), "close") << head;
    EXPECT_EQ(response.headers.at("Content-Type"), "application/problem+json");
    EXPECT_TRUE(c.is_closed()) << head;
  }
}

TEST_F(ServerTest, RefusesAnUnknownCodingWithNotImplemented) {
  start();
  auto c = client();
  EXPECT_EQ(c.ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n").status, 501);
  EXPECT_TRUE(c.is_closed());
}

TEST_F(ServerTest, KeepsWhatBelongsToTheNextRequest) {
  start();
  auto c = client();
  c.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(kSmuggled.size()) + "\r\n\r\n" +
         std::string(kSmuggled) + std::string(kGetEcho));
  EXPECT_EQ(c.read_response().body, kSmuggled) << "a body, not a request";
  EXPECT_EQ(c.read_response().body, "/echo");
}

TEST_F(ServerTest, LetsTheClientReadTheRefusalOfABodyThatItIsStillSending) {
  start();
  auto c = client();
  c.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_TRUE(c.send(std::string(1'000'000, 'x')));
  EXPECT_EQ(c.read_response().status, 413);
  EXPECT_TRUE(c.is_closed()) << "by its end, not by a reset";
}

TEST_F(ServerTest, HasTheApiDecideTheBodyOfRefusals) {
  hooks_.error_body = [](const Failure& failure) {
    std::string body = std::string(failure.code).append(" at ").append(failure.path);
    if (!failure.accept.empty()) body.append(" for ").append(failure.accept).append(failure.accept_language);
    return Response{.status = failure.status, .content_type = "text/plain", .body = std::move(body)};
  };
  start();
  EXPECT_EQ(client()
                .ask("POST /echo HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nAccept-Language: es\r\n"
                     "Content-Length: 99999999\r\n\r\n")
                .body,
            "body_too_large at /echo for text/htmles");
  EXPECT_EQ(client().ask("GET /throws HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nAccept-Language: es\r\n\r\n").body,
            "internal_error at /throws for text/htmles");
  EXPECT_EQ(client().ask("GET / HTTP/3.0\r\n\r\n").body, "http_version_not_supported at /");
  EXPECT_EQ(client().ask("GET /echo HTTP/1.1\r\n\r\n").body, "bad_host at /echo");
}

}  // namespace
}  // namespace countersign::http::testing
