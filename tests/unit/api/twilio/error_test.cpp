#include "api/twilio/error.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>

#include "base/json.h"

namespace countersign::api::twilio {
namespace {

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(TwilioError, IsTheWholeBody) {
  const auto response = error_response(Refusal{ErrorCode::kInvalidParameter, "To"}, "/v2/Services");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(
      response.body,
      R"({"code":60200,"message":"Invalid parameter: To","more_info":"https://www.twilio.com/docs/errors/60200","status":400})");
}

/// docs/openapi-verify-v2.yaml lists them for people.
TEST(TwilioError, IsDescribedWithItsStatusAndMessage) {
  std::ifstream file(CS_SOURCE_DIR "/docs/openapi-verify-v2.yaml");
  const std::regex row(R"re(  '(\d{5})': \{status: (\d{3}), message: "(.*)"\})re");
  std::map<int, std::pair<int, std::string>> described;
  for (std::string line; std::getline(file, line);) {
    std::smatch parts;
    if (std::regex_match(line, parts, row)) described[std::stoi(parts[1])] = {std::stoi(parts[2]), parts[3]};
  }
  EXPECT_GT(described.size(), 40U);
  std::map<int, ErrorCode> by_number;
  for (int i = 0; i <= static_cast<int>(ErrorCode::kAutoFailed); ++i)
    by_number.emplace(number_of(static_cast<ErrorCode>(i)), static_cast<ErrorCode>(i));
  for (const auto& [code, entry] : described) {
    if (code < 20400 || code >= 20500) {
      if (code < 60000) continue;  // Those that are no ErrorCode: what could not be read or signed in, and what broke.
    }
    ASSERT_TRUE(by_number.contains(code)) << code;
    const auto response = error_response(Refusal{by_number.at(code)}, "/v2/x");
    EXPECT_EQ(response.status, entry.first) << code;
    const auto message = std::string(parse_json(response.body)->as_object().at("message").as_string());
    EXPECT_TRUE(code == 20404 || message.starts_with(entry.second)) << code << ": " << message;
  }
}

TEST(TwilioError, NamesTheResourceWithoutTheVersion) {
  const auto body = parse_json(not_found_response("/v2/Services/VA1/VerificationCheck").body)->as_object();
  EXPECT_EQ(body.at("message").as_string(), "The requested resource /Services/VA1/VerificationCheck was not found");
  EXPECT_EQ(body.at("code").as_int64(), 20404);
}

TEST(TwilioError, SaysWhenToComeBackInWholeSeconds) {
  Refusal refusal{ErrorCode::kTooManyRequests};
  refusal.retry_after = std::chrono::milliseconds(1);
  refusal.limit = "end_user_ip";
  auto response = error_response(refusal, "");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(header(response, "Countersign-Retry-After"), "1");
  EXPECT_EQ(header(response, "Retry-After"), "1");
  EXPECT_EQ(header(response, "Twilio-Reached-Rate-Limit"), "end_user_ip");
  refusal.retry_after = std::chrono::milliseconds(59'001);
  EXPECT_EQ(header(error_response(refusal, ""), "Countersign-Retry-After"), "60");
  EXPECT_EQ(header(error_response(refusal, ""), "Retry-After"), "60");
  EXPECT_EQ(header(error_response(Refusal{ErrorCode::kMaxCheckAttempts}, ""), "Countersign-Retry-After"), "");
}

// The SDK for Java sleeps for as long as a 429 says, inside the call.
TEST(TwilioError, SaysRetryAfterWhereTwilioDoesAlone) {
  for (const auto fault : {ErrorCode::kMaxCheckAttempts, ErrorCode::kMaxSendAttempts, ErrorCode::kTooManyForNumber,
                           ErrorCode::kTooManyRequests}) {
    Refusal refusal{fault};
    refusal.retry_after = std::chrono::minutes(10);
    EXPECT_EQ(header(error_response(refusal, ""), "Retry-After"), "");
    EXPECT_EQ(header(error_response(refusal, ""), "Countersign-Retry-After"), "600");
  }
}

TEST(TwilioError, SaysHowAVerificationEnded) {
  Refusal refusal{ErrorCode::kNotFound};
  refusal.ended = "expired";
  EXPECT_EQ(header(error_response(refusal, "/v2/x"), "Countersign-Verification-Status"), "expired");
  EXPECT_EQ(header(error_response(Refusal{ErrorCode::kNotFound}, "/v2/x"), "Countersign-Verification-Status"), "");
}

TEST(TwilioError, HasANumberAndATitleForEveryFault) {
  const std::pair<ErrorCode, int> expected[] = {
      {ErrorCode::kForbidden, 20403},          {ErrorCode::kTooManyRequests, 20429},
      {ErrorCode::kMaxSendAttempts, 60203},    {ErrorCode::kFeatureNotEnabled, 60204},
      {ErrorCode::kLandline, 60205},           {ErrorCode::kTooManyForNumber, 60212},
      {ErrorCode::kTemplatesInvalid, 60251},   {ErrorCode::kDeliveryBlocked, 60410},
      {ErrorCode::kCountryBlocked, 60605},     {ErrorCode::kInvalidRequest, 60306},
      {ErrorCode::kChallengeAttempts, 60308},  {ErrorCode::kFactorVerification, 60311},
      {ErrorCode::kChallengeResponded, 60322}, {ErrorCode::kSafeListed, 60411},
      {ErrorCode::kAppHashChannel, 60602}};
  for (const auto& [fault, number] : expected) {
    const auto response = error_response(Refusal{fault}, "");
    const auto body = parse_json(response.body)->as_object();
    EXPECT_EQ(body.at("code").as_int64(), number);
    EXPECT_EQ(number_of(fault), number);
    EXPECT_EQ(body.at("status").as_int64(), response.status);
    EXPECT_FALSE(body.at("message").as_string().empty());
  }
}

TEST(TwilioError, BrokenMachineryIsToldApartByWhetherToComeBack) {
  using Code = store::StoreError::Code;
  EXPECT_EQ(error_response(store::StoreError{Code::kFailed, "x"}).status, 500);
  const auto busy = error_response(store::StoreError{Code::kOverloaded, "x"});
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(header(busy, "Retry-After"), "1");
  EXPECT_EQ(header(method_not_allowed_response("GET"), "Allow"), "GET");
  EXPECT_TRUE(is_ours("/v2/Services") && is_ours("/v2") && !is_ours("/v20") && !is_ours("/v1/transactions"));
}

}  // namespace
}  // namespace countersign::api::twilio
