#include "delivery/provider_error.h"

#include <gtest/gtest.h>

namespace countersign::delivery {
namespace {

using namespace std::chrono_literals;

const WallTime kAnsweredAt = *from_rfc3339("2026-11-22T12:00:00Z");

TEST(ProviderErrorOf, EveryHttpFault) {
  const auto fault_of = [](HttpFault fault, bool maybe_sent) {
    const auto error = provider_error_of(HttpError{fault, "detail", maybe_sent});
    EXPECT_EQ(error.maybe_sent, maybe_sent);
    EXPECT_EQ(error.detail, std::string(name_of(fault)) + ": detail");
    return error.fault;
  };
  for (const auto fault : {HttpFault::kTimeout, HttpFault::kConnect, HttpFault::kResolve, HttpFault::kTls,
                           HttpFault::kTooLarge, HttpFault::kOverloaded, HttpFault::kShutDown}) {
    EXPECT_EQ(fault_of(fault, true), Fault::kUnavailable);
  }
  EXPECT_EQ(fault_of(HttpFault::kRefusedAddress, false), Fault::kMisconfigured);
  EXPECT_EQ(fault_of(HttpFault::kOther, false), Fault::kMisconfigured);
  EXPECT_EQ(fault_of(HttpFault::kOther, true), Fault::kUnavailable);
}

TEST(ProviderErrorOf, EveryClassOfStatus) {
  const auto error_of = [](int status) { return provider_error_of(HttpAnswer{status, {}, "", {}}, kAnsweredAt); };
  for (const int status : {301, 302, 401, 402, 403, 404, 405, 407, 501, 505})
    EXPECT_EQ(error_of(status).fault, Fault::kMisconfigured);
  for (const int status : {400, 409, 410, 422}) EXPECT_EQ(error_of(status).fault, Fault::kRejected);
  EXPECT_EQ(error_of(429).fault, Fault::kRateLimited);
  EXPECT_FALSE(error_of(429).maybe_sent);
  for (const int status : {408, 425, 500, 502, 503, 504, 507, 520})
    EXPECT_EQ(error_of(status).fault, Fault::kUnavailable) << status;
}

TEST(ProviderErrorOf, WhichAnswersLeaveItInDoubt) {
  const auto error_of = [](int status) { return provider_error_of(HttpAnswer{status, {}, "", {}}, kAnsweredAt); };
  for (const int status : {400, 401, 408, 425, 429, 501, 503, 505, 507})
    EXPECT_FALSE(error_of(status).maybe_sent) << status;
  for (const int status : {500, 502, 504, 520}) EXPECT_TRUE(error_of(status).maybe_sent) << status;
  EXPECT_TRUE(unreadable_answer(HttpAnswer{200, {}, "<html>", {}}).maybe_sent);
}

TEST(ProviderErrorOf, TheOperatorReadsWhereToLook) {
  const auto detail_of = [](int status) {
    return provider_error_of(HttpAnswer{status, {}, "", {}}, kAnsweredAt).detail;
  };
  EXPECT_EQ(detail_of(302), "HTTP status 302, a redirect, which is not followed: is the URL right?");
  EXPECT_EQ(detail_of(401), "HTTP status 401: it refuses the credentials");
  EXPECT_EQ(detail_of(404), "HTTP status 404: is the URL right?");
  EXPECT_EQ(detail_of(503), "HTTP status 503");
  const auto page = [](std::string type) {
    return unreadable_answer(HttpAnswer{200, {{"content-type", std::move(type)}}, "<html>", {}}).detail;
  };
  EXPECT_EQ(page("text/html; charset=utf-8"), "HTTP status 200 with a body of another form (text/html)");
  EXPECT_EQ(page("text/\n\x1b[2J<b>" + std::string(5000, 'x')),
            "HTTP status 200 with a body of another form (text/2Jb" + std::string(27, 'x') + ")");
  EXPECT_EQ(page(""), "HTTP status 200 with a body of another form");
}

TEST(ProviderErrorOf, WhichFaultsAreTheProvidersOwn) {
  const auto answered = [](int status) {
    return provider_error_of(HttpAnswer{status, {}, "", {}}, kAnsweredAt).outage;
  };
  for (const int status : {500, 502, 503, 504, 507}) EXPECT_TRUE(answered(status)) << status;
  for (const int status : {400, 401, 404, 408, 429, 501}) EXPECT_FALSE(answered(status)) << status;
  const auto failed = [](HttpFault fault) { return provider_error_of(HttpError{fault, "", false}).outage; };
  for (const auto fault : {HttpFault::kTimeout, HttpFault::kConnect, HttpFault::kResolve, HttpFault::kTls})
    EXPECT_TRUE(failed(fault)) << name_of(fault);
  for (const auto fault : {HttpFault::kOverloaded, HttpFault::kShutDown, HttpFault::kRefusedAddress, HttpFault::kOther})
    EXPECT_FALSE(failed(fault)) << name_of(fault);
  EXPECT_TRUE(unreadable_answer(HttpAnswer{200, {}, "<html>", {}}).outage);
}

TEST(ProviderErrorOf, RetryAfterIsPassedOn) {
  EXPECT_EQ(provider_error_of(HttpAnswer{429, {{"retry-after", "30"}}, "", {}}, kAnsweredAt).retry_after, 30s);
  EXPECT_EQ(provider_error_of(HttpAnswer{429, {{"retry-after", "x"}}, "", {}}, kAnsweredAt).retry_after, std::nullopt);
}

TEST(IsRetryable, OnlyWhatTimeCanHeal) {
  for (const auto fault :
       {Fault::kInvalidAddress, Fault::kUnsupportedAddress, Fault::kBlocked, Fault::kRateLimited, Fault::kMisconfigured,
        Fault::kUnavailable, Fault::kRejected, Fault::kNotFound, Fault::kAttemptsExhausted}) {
    const bool heals = fault == Fault::kRateLimited || fault == Fault::kUnavailable;
    EXPECT_EQ(is_retryable({fault, PersonNotice::kWait, "", "", {}, true}), heals) << name_of(fault);
  }
}

TEST(Names, AreThoseOfTheCatalogueOfTexts) {
  EXPECT_EQ(name_of(PersonNotice::kTryAnotherWay), "try_another_way");
  EXPECT_EQ(name_of(PersonNotice::kNumberNotSupported), "number_not_supported");
  EXPECT_EQ(name_of(PersonNotice::kTooManyAttempts), "too_many_attempts");
  EXPECT_EQ(name_of(PersonNotice::kWait), "wait");
  EXPECT_EQ(name_of(PersonNotice::kTemporarilyUnavailable), "temporarily_unavailable");
  EXPECT_EQ(name_of(PersonNotice::kCodeOver), "code_over");
  EXPECT_EQ(name_of(Fault::kInvalidAddress), "invalid_address");
  EXPECT_EQ(name_of(Fault::kAttemptsExhausted), "attempts_exhausted");
}

}  // namespace
}  // namespace countersign::delivery
