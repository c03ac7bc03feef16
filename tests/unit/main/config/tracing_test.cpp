#include <gtest/gtest.h>

#include "unit/main/workplace.h"

namespace countersign::main {
namespace {

TEST(ConfigTracing, IsOffUnlessACollectorIsNamed) {
  const Workplace place;
  place.write_secrets();
  const auto config = load_config(place.production(kGoodConfig));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->tracing.endpoint, "");
}

TEST(ConfigTracing, HasHeadersFromAFileOfTheirOwn) {
  const Workplace place;
  place.write_secrets();
  auto sources =
      place.production(std::string(kGoodConfig) +
                       "\n[tracing]\nendpoint = \"https://otel.example.com/v1/traces\"\nsample_ratio = 0.05\n");
  sources.environment["COUNTERSIGN_TRACING_HEADERS_FILE"] =
      place.write("headers", "x-api-key=abc=def, x-tenant = shop\n").string();
  const auto config = load_config(sources);
  ASSERT_TRUE(config) << config.error().sentence;
  EXPECT_EQ(config->tracing.sample_ratio, 0.05);
  ASSERT_EQ(config->tracing.headers.size(), 2U);
  EXPECT_EQ(config->tracing.headers[0].first, "x-api-key");
  EXPECT_EQ(config->tracing.headers[0].second.expose(), "abc=def");
  EXPECT_EQ(config->tracing.headers[1].second.expose(), "shop");
}

TEST(ConfigTracing, SaysWhatIsWrong) {
  const Workplace place;
  place.write_secrets();
  const auto sentence = [&](std::string_view lines) {
    return sentence_of(place.production(std::string(kGoodConfig) + "\n[tracing]\n" + std::string(lines) + "\n"));
  };
  EXPECT_NE(sentence("endpoint = \"collector:4318\"").find("tracing.endpoint must be a URL"), std::string::npos);
  EXPECT_NE(sentence("endpoint = \"http://key@collector\"").find("tracing.endpoint must be a URL"), std::string::npos);
  EXPECT_NE(sentence("sample_ratio = 1.5").find("tracing.sample_ratio must be a number from 0 to 1"),
            std::string::npos);
  EXPECT_NE(sentence("sample_ratio = \"all\"").find("must be a number from 0 to 1"), std::string::npos);
  EXPECT_NE(sentence("headers = \"x-api-key=abc\"").find("tracing.headers"), std::string::npos)
      << "a secret in the main file";
  EXPECT_EQ(sentence("sample_ratio = 1"), "");
}

}  // namespace
}  // namespace countersign::main
