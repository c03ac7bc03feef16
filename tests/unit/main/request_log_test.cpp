#include <gtest/gtest.h>

#include "base/json.h"
#include "main/log.h"

// What docs/operations.md promises of the log of requests: enough to follow one by ids, and nothing about a person.

namespace countersign::main {
namespace {

http::AccessRecord record_of(std::string_view route, int status) {
  return {.method = http::Method::kPost,
          .route = route,
          .pattern = "/v1/transactions/{id}/checks",
          .status = status,
          .duration = std::chrono::milliseconds(3),
          .bytes_in = 10,
          .bytes_out = 20,
          .request_id = "abc",
          .peer = "203.0.113.77",
          .tls = true,
          .object = "TX0123456789abcdef0123456789abcdef",
          .account = "AC0123456789abcdef0123456789abcdef",
          .code = "wrong_code",
          .client = *IpAddress::parse("198.51.100.23")};
}

TEST(RequestLog, SaysEverythingByWhichOneRequestIsFound) {
  const auto line = parse_json('{' + request_line(record_of("check", 422)) + '}');
  ASSERT_TRUE(line);
  const auto& object = line->get_object();
  EXPECT_EQ(json_text(object, "event"), "request");
  EXPECT_EQ(json_text(object, "method"), "POST");
  EXPECT_EQ(json_text(object, "route"), "check");
  EXPECT_EQ(json_integer(object, "status"), 422);
  EXPECT_EQ(json_text(object, "code"), "wrong_code");
  EXPECT_EQ(json_integer(object, "duration_us"), 3000);
  EXPECT_EQ(json_text(object, "object"), "TX0123456789abcdef0123456789abcdef");
  EXPECT_EQ(json_text(object, "account"), "AC0123456789abcdef0123456789abcdef");
  EXPECT_EQ(json_text(object, "request_id"), "abc");
}

TEST(RequestLog, SaysFromWhichNetworkAndNotFromWhichAddress) {
  auto record = record_of("page", 200);
  EXPECT_NE(request_line(record).find("\"198.51.100.0/24\""), std::string::npos);
  EXPECT_EQ(request_line(record).find("198.51.100.23"), std::string::npos);
  EXPECT_EQ(request_line(record).find("203.0.113"), std::string::npos);
  record.client = *IpAddress::parse("2001:db8:1:2::3");
  EXPECT_NE(request_line(record).find("\"2001:db8:1::/48\""), std::string::npos);
}

TEST(RequestLog, LeavesOutWhatIsNotThere) {
  auto record = record_of("hold", 201);
  record.object = record.account = record.code = "";
  const auto line = request_line(record);
  for (const char* name : {"object", "account", "code"}) EXPECT_EQ(line.find(name), std::string::npos) << name;
}

TEST(RequestLog, IsNotFloodedByWhatComesByItself) {
  for (const char* route : {"healthz", "readyz", "metrics", "asset", "brand", "page_state"})
    EXPECT_EQ(level_of_request(record_of(route, 200), RequestLog::kInfo), Level::kDebug) << route;
  EXPECT_EQ(level_of_request(record_of("hold", 201), RequestLog::kInfo), Level::kInfo);
  EXPECT_EQ(level_of_request(record_of("(none)", 404), RequestLog::kInfo), Level::kInfo);
}

TEST(RequestLog, CanBeTurnedOffButNotWhatBrokeHere) {
  EXPECT_EQ(level_of_request(record_of("hold", 422), RequestLog::kOff), std::nullopt);
  EXPECT_EQ(level_of_request(record_of("hold", 201), RequestLog::kDebug), Level::kDebug);
  for (const auto where : {RequestLog::kOff, RequestLog::kDebug, RequestLog::kInfo})
    EXPECT_EQ(level_of_request(record_of("readyz", 503), where), Level::kWarning);
}

}  // namespace
}  // namespace countersign::main
