#include "http/response_writer.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "http/http_date.h"

namespace countersign::http {
namespace {

constexpr ResponseFrame kFrame{.date = "Sun, 06 Nov 1994 08:49:37 GMT", .request_id = "id-1"};

std::string written(const Response& response, ResponseFrame frame = kFrame) {
  std::string out;
  append_response(out, response, frame);
  return out;
}

TEST(ResponseWriter, WritesTheWholeMessage) {
  EXPECT_EQ(written({.status = 201, .content_type = "application/json", .body = "{}", .headers = {{"Location", "/a"}}}),
            "HTTP/1.1 201 Created\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\nX-Content-Type-Options: nosniff\r\nX-Request-Id: id-1\r\nLocation: /a\r\n"
            "Cache-Control: no-store\r\n\r\n{}");
}

TEST(ResponseWriter, LeavesCachingToTheHandlerThatSetsIt) {
  const auto text = written({.content_type = "text/css", .body = "x", .headers = {{"cache-control", "public"}}});
  EXPECT_EQ(text.find("no-store"), std::string::npos);
  EXPECT_NE(text.find("cache-control: public\r\n"), std::string::npos);
}

TEST(ResponseWriter, AnswersHeadWithoutTheBody) {
  auto frame = kFrame;
  frame.head_only = true;
  const auto text = written({.content_type = "text/plain", .body = "hello"}, frame);
  EXPECT_NE(text.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(ResponseWriter, GivesNoLengthWhereThereCanBeNoBody) {
  for (const int status : {204, 304}) {
    const auto text = written({.status = status, .body = "never sent"});
    EXPECT_EQ(text.find("Content-Length"), std::string::npos) << status;
    EXPECT_TRUE(text.ends_with("\r\n\r\n")) << status;
  }
  EXPECT_NE(written({.status = 303}).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(ResponseWriter, SaysThatItIsTheLast) {
  auto frame = kFrame;
  frame.close = true;
  EXPECT_NE(written({}, frame).find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(written({}).find("Connection"), std::string::npos);
}

TEST(ResponseWriter, SeesHeadersThatWouldBreakOut) {
  EXPECT_TRUE(is_writable({.headers = {{"Location", "/ok?a=b"}}}));
  EXPECT_FALSE(is_writable({.headers = {{"Location", "/a\r\nSet-Cookie: x"}}}));
  EXPECT_FALSE(is_writable({.headers = {{"Location", "/a\n"}}}));
  EXPECT_FALSE(is_writable({.headers = {{"Location", std::string("/a\0", 3)}}}));
  EXPECT_FALSE(is_writable({.headers = {{"Bad Name", "x"}}}));
  EXPECT_FALSE(is_writable({.headers = {{"", "x"}}}));
  EXPECT_FALSE(is_writable({.content_type = "text/plain\r\nX: y"}));
}

TEST(HttpDate, IsTheFixedForm) {
  EXPECT_EQ(to_http_date(*from_rfc3339("1994-11-06T08:49:37Z")), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(to_http_date(*from_rfc3339("2024-02-29T23:59:59.999Z")), "Thu, 29 Feb 2024 23:59:59 GMT");
  DateCache cache;
  EXPECT_EQ(cache.at(*from_rfc3339("2026-11-22T12:00:00.1Z")), "Sun, 22 Nov 2026 12:00:00 GMT");
  EXPECT_EQ(cache.at(*from_rfc3339("2026-11-22T12:00:00.9Z")), "Sun, 22 Nov 2026 12:00:00 GMT");
  EXPECT_EQ(cache.at(*from_rfc3339("2026-11-22T12:00:01Z")), "Sun, 22 Nov 2026 12:00:01 GMT");
}

TEST(PlainProblem, IsProblemJson) {
  const auto problem = plain_problem(404, "not_found");
  EXPECT_EQ(problem.content_type, "application/problem+json");
  EXPECT_EQ(problem.body, R"({"type":"about:blank","title":"Not Found","status":404,"code":"not_found"})");
}

}  // namespace
}  // namespace countersign::http
