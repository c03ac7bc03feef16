#include "api/twilio/error.h"

#include <gtest/gtest.h>

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
  const auto response = error_response(Refusal{Fault::kInvalidParameter, "To"}, "/v2/Services");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(
      response.body,
      R"({"code":60200,"message":"Invalid parameter: To","more_info":"https://www.twilio.com/docs/errors/60200","status":400})");
}

TEST(TwilioError, NamesTheResourceWithoutTheVersion) {
  const auto body = parse_json(not_found_response("/v2/Services/VA1/VerificationCheck").body)->as_object();
  EXPECT_EQ(body.at("message").as_string(), "The requested resource /Services/VA1/VerificationCheck was not found");
  EXPECT_EQ(body.at("code").as_int64(), 20404);
}

TEST(TwilioError, SaysWhenToComeBackInWholeSeconds) {
  Refusal refusal{Fault::kTooManyRequests};
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
  EXPECT_EQ(header(error_response(Refusal{Fault::kMaxCheckAttempts}, ""), "Countersign-Retry-After"), "");
}

// The SDK for Java sleeps for as long as a 429 says, inside the call.
TEST(TwilioError, SaysRetryAfterWhereTwilioDoesAlone) {
  for (const auto fault :
       {Fault::kMaxCheckAttempts, Fault::kMaxSendAttempts, Fault::kTooManyForNumber, Fault::kTooManyRequests}) {
    Refusal refusal{fault};
    refusal.retry_after = std::chrono::minutes(10);
    EXPECT_EQ(header(error_response(refusal, ""), "Retry-After"), "");
    EXPECT_EQ(header(error_response(refusal, ""), "Countersign-Retry-After"), "600");
  }
}

TEST(TwilioError, SaysHowAVerificationEnded) {
  Refusal refusal{Fault::kNotFound};
  refusal.ended = "expired";
  EXPECT_EQ(header(error_response(refusal, "/v2/x"), "Countersign-Verification-Status"), "expired");
  EXPECT_EQ(header(error_response(Refusal{Fault::kNotFound}, "/v2/x"), "Countersign-Verification-Status"), "");
}

TEST(TwilioError, HasATitleForEveryFault) {
  for (const auto fault :
       {Fault::kForbidden, Fault::kTooManyRequests, Fault::kMaxSendAttempts, Fault::kFeatureNotEnabled,
        Fault::kLandline, Fault::kTooManyForNumber, Fault::kTemplatesInvalid, Fault::kDeliveryBlocked,
        Fault::kCountryBlocked, Fault::kInvalidRequest, Fault::kChallengeAttempts, Fault::kFactorVerification,
        Fault::kChallengeResponded, Fault::kSafeListed, Fault::kAppHashChannel}) {
    const auto response = error_response(Refusal{fault}, "");
    const auto body = parse_json(response.body)->as_object();
    EXPECT_EQ(body.at("code").as_int64(), static_cast<int>(fault));
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
