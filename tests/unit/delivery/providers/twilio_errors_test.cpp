#include "delivery/providers/twilio_errors.h"

#include <gtest/gtest.h>

#include <set>

#include "delivery/providers/twilio_messaging.h"
#include "delivery/providers/twilio_verify.h"
#include "support/doubles/twilio_messaging_double.h"
#include "support/doubles/twilio_verify_double.h"
#include "unit/delivery/provider_fixture.h"

namespace countersign::delivery {
namespace {

using namespace testing;
using countersign::testing::TwilioMessagingDouble;
using countersign::testing::TwilioVerifyDouble;

const WallTime kRefusedAt = *from_rfc3339("2026-11-22T12:00:00Z");

/// Codes that are to be treated alike. Status 0: never the answer to a request, only in reports and lists.
struct Expected {
  int http;
  Fault fault;
  PersonNotice notice;
  std::vector<int> codes;
};

/// The error catalogue of Verify, with the status that Twilio documents or, where it documents none, the usual one.
const std::vector<Expected> kVerify = {
    // clang-format off
    {0, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, {60006, 60540}},
    {0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {21222, 21224, 60239, 60240, 60244, 60325, 60327, 60333, 60334, 60335, 60409, 60600, 60606, 60607, 60608, 60609, 60610, 60611, 60612, 60613, 60614, 60615, 60616, 60617, 60618, 60619, 60620, 60621, 60622, 60623, 60624, 60625, 60626}},
    {0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, {60001, 60002}},
    {0, Fault::kRejected, PersonNotice::kTryAnotherWay, {60401, 60402, 60403, 60404, 60405, 60406, 60407, 60500, 60510, 60511, 60517, 60519, 60520, 60531, 60532, 60533, 60534, 60535, 68001, 68002, 68003, 68004, 68005, 68006, 68007}},
    {0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, {60003, 60004, 60005, 60007, 60008}},
    {400, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, {60200}},
    {400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {20001, 20422, 60201, 60206, 60207, 60208, 60209, 60210, 60211, 60213, 60221, 60224, 60230, 60231, 60232, 60233, 60234, 60235, 60236, 60237, 60241, 60242, 60243, 60245, 60246, 60247, 60248, 60249, 60251, 60252, 60253, 60300, 60305, 60306, 60307, 60314, 60330, 60332, 60393}},
    {400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, {60214, 60215, 60217, 60218, 60219, 60220, 60223, 60226, 60227, 60250, 60329, 60331, 60408, 60420, 60421, 60422, 60423, 60424, 60425, 60426, 60427, 60428, 60432, 60433, 60434, 60435, 60436, 60437, 60440, 60441, 60602, 68008}},
    {400, Fault::kRejected, PersonNotice::kTryAnotherWay, {60302, 60315, 60361, 60362, 60363, 60364, 60365, 60366, 60367, 60368, 60369, 60370, 60371, 60372, 60373, 60374, 60375, 60376, 60377, 60378, 60379, 60380, 60381, 60382, 60383, 60384, 60385, 60386, 60387, 60388}},
    {400, Fault::kUnavailable, PersonNotice::kTryAnotherWay, {60550}},
    {401, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {20003}},
    {401, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, {60603, 60604}},
    {403, Fault::kBlocked, PersonNotice::kTryAnotherWay, {60238, 60410, 60412, 60413, 60605}},
    {403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {20005, 20006, 20403, 60204, 60313, 575001}},
    {403, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, {60222}},
    {403, Fault::kNotFound, PersonNotice::kCodeOver, {60322, 60323}},
    {403, Fault::kRejected, PersonNotice::kTryAnotherWay, {60311, 60318, 60324}},
    {403, Fault::kLandline, PersonNotice::kNumberNotSupported, {60205}},
    {404, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {60228, 60229}},
    {404, Fault::kNotFound, PersonNotice::kCodeOver, {20404, 60390, 60391, 60392, 60431}},
    {405, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {20004}},
    {409, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {60225}},
    {409, Fault::kRejected, PersonNotice::kTryAnotherWay, {20409, 60301, 60304, 60317, 60411}},
    {429, Fault::kAttemptsExhausted, PersonNotice::kTooManyAttempts, {60202, 60203, 60308, 60309, 60310}},
    {429, Fault::kRateLimited, PersonNotice::kWait, {20429, 60212, 60312, 60326, 60328}},
    {500, Fault::kUnavailable, PersonNotice::kTemporarilyUnavailable, {20500}},
    // clang-format on
};

/// What Messaging adds.
const std::vector<Expected> kMessaging = {
    // clang-format off
    {0, Fault::kBlocked, PersonNotice::kTryAnotherWay, {30004, 30007, 30450, 30453, 63013, 63014, 63032, 63033}},
    {0, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, {30005}},
    {0, Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, {63024}},
    {0, Fault::kBlocked, PersonNotice::kTryAnotherWay, {63049}},
    {0, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {30002, 30010, 63031}},
    {0, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, {30024, 30032, 30033, 30034, 30035, 30036, 30037, 30038, 30039, 63001, 63016, 63019, 63020, 63021, 63022, 63023, 63025, 63026, 63027, 63028, 63029, 63030}},
    {0, Fault::kRateLimited, PersonNotice::kWait, {30001, 30022, 30023}},
    {0, Fault::kRejected, PersonNotice::kTryAnotherWay, {63005, 63006}},
    {0, Fault::kUnavailable, PersonNotice::kTryAnotherWay, {30003, 30008, 30009, 30017, 30410, 63008, 63009, 63010, 63012}},
    {0, Fault::kLandline, PersonNotice::kNumberNotSupported, {30006}},
    {400, Fault::kInvalidAddress, PersonNotice::kNumberNotSupported, {21211, 21214, 21217}},
    {400, Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, {63003}},
    {400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, {21654, 21655, 21656}},
    {400, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {21210, 21212, 21219, 21267, 21401, 21601, 21602, 21603, 21604, 21605, 21606, 21607, 21609, 21617, 21619, 21620, 21658, 21659, 21660, 21701, 21702, 21703, 21704, 21705}},
    {400, Fault::kMisconfigured, PersonNotice::kTryAnotherWay, {63007}},
    {400, Fault::kUnsupportedAddress, PersonNotice::kNumberNotSupported, {21263, 21264, 21265, 21266, 21268, 21269, 21612}},
    {400, Fault::kLandline, PersonNotice::kNumberNotSupported, {21614}},
    {403, Fault::kOptedOut, PersonNotice::kTryAnotherWay, {21610}},
    {403, Fault::kBlocked, PersonNotice::kTryAnotherWay, {21215, 21216, 21408}},
    {403, Fault::kMisconfigured, PersonNotice::kTemporarilyUnavailable, {21608}},
    {429, Fault::kRateLimited, PersonNotice::kWait, {21611, 63017, 63018}},
    // clang-format on
};

template <class Visit>
void for_every_code(Visit visit) {
  for (const auto* catalogue : {&kVerify, &kMessaging}) {
    for (const auto& row : *catalogue) {
      for (const int code : row.codes) visit(row, code);
    }
  }
}

TEST(TwilioErrors, TheTableHasEveryDocumentedCodeAndNoOther) {
  std::set<int> documented;
  for_every_code([&](const Expected& expected, int code) {
    SCOPED_TRACE(code);
    EXPECT_TRUE(documented.insert(code).second);
    const auto* row = find_twilio_error(code);
    ASSERT_NE(row, nullptr);
    EXPECT_EQ(row->http, expected.http);
    EXPECT_EQ(row->fault, expected.fault);
    EXPECT_EQ(row->notice, expected.notice);
  });
  int last = 0;
  for (const auto& row : twilio_errors()) {
    EXPECT_GT(row.first, last) << "not ascending";
    EXPECT_GE(row.last, row.first);
    EXPECT_FALSE(row.operator_note.empty());
    EXPECT_EQ(row.operator_note.back(), '.');
    for (int code = row.first; code <= row.last; ++code) EXPECT_TRUE(documented.contains(code)) << code;
    last = row.last;
  }
  for (const int unknown : {0, -1, 1, 20002, 60203 + 1'000'000, 999'999})
    EXPECT_EQ(find_twilio_error(unknown), nullptr);
}

/// What a request that looks nothing up makes of a row.
Fault on_creation(Fault fault) { return fault == Fault::kNotFound ? Fault::kMisconfigured : fault; }

TEST(TwilioErrors, EveryAnswerOverTheWireThroughVerify) {
  TwilioVerifyDouble twilio{{}};
  HttpClient http({}, system_clock());
  TwilioVerifyOptions options;
  options.account = account_at(twilio.server(), twilio.credentials());
  options.service_sid = twilio.service_sid();
  TwilioVerify provider(http, system_clock(), options);
  for_every_code([&](const Expected& expected, int code) {
    if (expected.http == 0) return;
    SCOPED_TRACE(code);
    const auto reply = countersign::testing::twilio_error(expected.http, code, "Some text", {{"Retry-After", "3"}});

    twilio.answer_next(reply);
    auto [start_done, started] = promised<Result<Accepted, ProviderError>>();
    provider.start({.id = {},
                    .channel = Channel::kSms,
                    .to = "+15017122661",
                    .locale = "en",
                    .amount = {},
                    .payee = {},
                    .friendly_name = {}},
                   std::move(start_done));
    const auto start = wait_for(started);
    ASSERT_FALSE(start);
    EXPECT_EQ(start.error().provider_code, std::to_string(code));
    EXPECT_EQ(start.error().retry_after, 3s);
    if (code != 60200) {
      EXPECT_EQ(start.error().fault, on_creation(expected.fault));
    }

    twilio.answer_next(reply);
    auto [check_done, checked] = promised<Result<VerifierVerdict, ProviderError>>();
    provider.check({countersign::testing::make_sid("VE", 1), SecretString("123456"), {}, {}}, std::move(check_done));
    const auto check = wait_for(checked);
    if (expected.fault == Fault::kNotFound) {
      EXPECT_EQ(*check, VerifierVerdict::kOver);
    } else if (code == 60200) {
      EXPECT_EQ(*check, VerifierVerdict::kWrongCode);
    } else {
      ASSERT_FALSE(check);
      EXPECT_EQ(check.error().fault, expected.fault);
      EXPECT_EQ(check.error().notice, expected.notice);
    }
  });
  EXPECT_TRUE(twilio.violations().empty());
}

TEST(TwilioErrors, EveryAnswerOverTheWireThroughMessaging) {
  TwilioMessagingDouble twilio;
  HttpClient http({}, system_clock());
  TwilioMessagingOptions options;
  options.account = account_at(twilio.server(), twilio.credentials());
  options.from = "+15005550006";
  TwilioMessaging provider(http, system_clock(), options);
  for_every_code([&](const Expected& expected, int code) {
    if (expected.http == 0 || code == 60200) return;
    SCOPED_TRACE(code);
    twilio.answer_next(countersign::testing::twilio_error(expected.http, code, "Some text"));
    auto [done, sent] = promised<Result<Accepted, ProviderError>>();
    provider.send(message_to("+15017122661", Channel::kSms, kRefusedAt), std::move(done));
    const auto result = wait_for(sent);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, on_creation(expected.fault));
    EXPECT_EQ(result.error().maybe_sent, expected.http == 500);
  });
  EXPECT_TRUE(twilio.violations().empty());
}

TEST(TwilioErrors, EveryCodeOfADeliveryReport) {
  for_every_code([&](const Expected& expected, int code) {
    const auto error = twilio_error_of_code(code);
    EXPECT_EQ(error.fault, expected.fault) << code;
    EXPECT_EQ(error.notice, expected.notice) << code;
    EXPECT_EQ(error.provider_code, std::to_string(code));
  });
  EXPECT_EQ(twilio_error_of_code(0).provider_code, "");
  EXPECT_EQ(twilio_error_of_code(99'999).fault, Fault::kRejected);
}

TEST(TwilioErrors, ThePersonIsToldWhatHelps) {
  for (const auto& row : twilio_errors()) {
    SCOPED_TRACE(row.first);
    // To wait helps exactly where the request may be repeated, and a repetition is no help where attempts are used up.
    EXPECT_EQ(row.notice == PersonNotice::kWait, row.fault == Fault::kRateLimited);
    EXPECT_EQ(row.notice == PersonNotice::kTooManyAttempts, row.fault == Fault::kAttemptsExhausted);
    EXPECT_EQ(row.notice == PersonNotice::kCodeOver, row.fault == Fault::kNotFound);
    if (row.notice == PersonNotice::kNumberNotSupported) {
      EXPECT_TRUE(row.fault == Fault::kInvalidAddress || row.fault == Fault::kLandline ||
                  row.fault == Fault::kUnsupportedAddress);
    }
  }
}

}  // namespace
}  // namespace countersign::delivery
