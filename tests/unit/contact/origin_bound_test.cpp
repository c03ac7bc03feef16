#include "contact/origin_bound.h"

#include <gtest/gtest.h>

#include "support/vectors.h"

namespace countersign::contact {
namespace {

using countersign::testing::own_vectors;

// SMS-1, SMS-2.
TEST(OriginBound, ReadsAsBrowsersDo) {
  const auto vectors = own_vectors("sms_origin_bound.json");
  for (const auto& entry : vectors.at("parse").as_array()) {
    const std::string message(entry.at("message").as_string());
    const auto found = parse_origin_bound(message);
    ASSERT_EQ(found.has_value(), entry.at("expect").as_string() == "ok") << message;
    if (!found) continue;
    const auto& parsed = entry.at("parsed").as_object();
    EXPECT_EQ(found->host, parsed.at("host").as_string());
    EXPECT_EQ(found->code, parsed.at("code").as_string());
    EXPECT_EQ(found->embedded_host,
              parsed.at("embedded").is_null() ? "" : std::string(parsed.at("embedded").as_string()));
  }
}

TEST(OriginBound, WritesWhatBrowsersRead) {
  const auto vectors = own_vectors("sms_origin_bound.json");
  for (const auto& entry : vectors.at("build").as_array()) {
    const auto message =
        bind_to_origin(std::string(entry.at("text").as_string()), std::string(entry.at("host").as_string()),
                       std::string(entry.at("code").as_string()));
    EXPECT_EQ(message, std::string(entry.at("message").as_string()));
  }
  const auto embedded = origin_bound_line("shop.example", "123456", "pay.example");
  EXPECT_EQ(embedded, "@shop.example #123456 @pay.example");
  EXPECT_EQ(parse_origin_bound("text\n\n" + *embedded)->embedded_host, "pay.example");
  EXPECT_EQ(origin_bound_line("localhost", "123456"), "@localhost #123456");
  EXPECT_EQ(origin_bound_line("xn--bcher-kva.example", "1"), "@xn--bcher-kva.example #1");
}

TEST(OriginBound, RefusesWhatBrowsersWouldNotUnderstand) {
  for (const char* host : {"", "https://example.com", "example.com:8443", "exam ple.com", "b\u00FCcher.example",
                           "Example.com", "example.com #999999", "example.com\n@evil.example"}) {
    EXPECT_FALSE(origin_bound_line(host, "123456")) << host;
    EXPECT_FALSE(host[0] != '\0' && origin_bound_line("example.com", "123456", host)) << host;
    EXPECT_FALSE(bind_to_origin("text", host, "123456")) << host;
  }
  for (const char* code : {"", "123 456", "123456\n", "12\t34"})
    EXPECT_FALSE(origin_bound_line("example.com", code)) << code;
}

}  // namespace
}  // namespace countersign::contact
