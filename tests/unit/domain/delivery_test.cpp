#include "domain/delivery.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "some.h"

namespace countersign::domain {
namespace {

using contact::DeliveryReason;
using contact::DeliveryStage;

constexpr WallTime kEnds = kNoon + minutes(10);

std::vector<Delivery> all_reports() {
  std::vector<Delivery> all;
  for (int stage = 0; stage <= static_cast<int>(DeliveryStage::kRead); ++stage) {
    if (static_cast<DeliveryStage>(stage) != DeliveryStage::kFailed) all.push_back({static_cast<DeliveryStage>(stage)});
  }
  for (int reason = 0; reason <= static_cast<int>(DeliveryReason::kUnknown); ++reason)
    all.push_back({DeliveryStage::kFailed, static_cast<DeliveryReason>(reason)});
  return all;
}

std::optional<Delivery> after(const std::vector<Delivery>& reports) {
  std::optional<Delivery> known;
  for (const auto& report : reports) known = after_report(known, report, kEnds, kNoon).state;
  return known;
}

TEST(DeliveryReports, InAnyOrderHaveOneResult) {
  const auto all = all_reports();
  for (const auto& a : all) {
    for (const auto& b : all) {
      for (const auto& c : all) {
        const auto expected = after({a, b, c});
        EXPECT_EQ(after({c, b, a}), expected);
        EXPECT_EQ(after({b, a, c}), expected);
        EXPECT_EQ(after({a, b, a, c, b, a}), expected) << "repeated";
      }
    }
  }
}

TEST(DeliveryReports, ARepetitionChangesNothing) {
  for (const auto& report : all_reports())
    EXPECT_EQ(after_report(report, report, kEnds, kNoon).effect, ReportEffect::kNothing);
}

TEST(DeliveryReports, WhatArrivedIsNotTakenBack) {
  for (const auto stage : {DeliveryStage::kDelivered, DeliveryStage::kRead}) {
    const Delivery arrived{stage};
    for (const auto& report : {Delivery{DeliveryStage::kAccepted}, Delivery{DeliveryStage::kSent},
                               Delivery{DeliveryStage::kFailed, DeliveryReason::kInvalidAddress}}) {
      const auto result = after_report(arrived, report, kEnds, kNoon);
      EXPECT_EQ(result.effect, ReportEffect::kNothing);
      EXPECT_EQ(result.state, arrived);
    }
  }
}

TEST(DeliveryReports, EachStageIsOutweighedByTheNext) {
  const auto advanced = [](const Delivery& known, const Delivery& report) {
    const auto result = after_report(known, report, kEnds, kNoon);
    return result.effect == ReportEffect::kAdvanced && result.state == report;
  };
  const Delivery failed{DeliveryStage::kFailed, DeliveryReason::kUnavailable};
  EXPECT_TRUE(advanced({DeliveryStage::kAccepted}, {DeliveryStage::kSent}));
  EXPECT_TRUE(advanced({DeliveryStage::kSent}, failed));
  EXPECT_TRUE(advanced(failed, {DeliveryStage::kDelivered})) << "it was tried again, and has no reason any more";
  EXPECT_TRUE(advanced({DeliveryStage::kDelivered}, {DeliveryStage::kRead}));
  EXPECT_TRUE(advanced({DeliveryStage::kSent}, {DeliveryStage::kRead})) << "read may replace delivered";
}

TEST(DeliveryReports, TheMoreTellingReasonIsKept) {
  const Delivery vague{DeliveryStage::kFailed, DeliveryReason::kUnknown};
  const Delivery telling{DeliveryStage::kFailed, DeliveryReason::kBlocked};
  EXPECT_EQ(after({vague, telling}), telling);
  EXPECT_EQ(after({telling, vague}), telling);
  EXPECT_EQ(after({{DeliveryStage::kFailed}}), vague) << "none given";
}

TEST(DeliveryReports, AfterTheEndOfTheCodeChangeNothing) {
  const Delivery sent{DeliveryStage::kSent};
  for (const auto& report : all_reports()) {
    EXPECT_NE(after_report(sent, report, kEnds, kEnds - microseconds(1)).effect, ReportEffect::kLate);
    for (const auto when : {kEnds, kEnds + microseconds(1)}) {
      const auto late = after_report(sent, report, kEnds, when);
      EXPECT_EQ(late.effect, ReportEffect::kLate);
      EXPECT_EQ(late.state, sent);
    }
  }
}

TEST(DeliveryReports, MayOvertakeTheAnswer) {
  EXPECT_EQ(after_report(std::nullopt, {DeliveryStage::kAccepted}, kEnds, kNoon).effect, ReportEffect::kAdvanced);
}

TEST(DeliveryWords, AreReadAsTheyAreWritten) {
  for (const auto& report : all_reports()) {
    EXPECT_EQ(contact::parse_delivery_stage(to_text(report.stage)), report.stage);
    if (report.reason) {
      EXPECT_EQ(contact::parse_delivery_reason(to_text(*report.reason)), report.reason);
    }
  }
  EXPECT_FALSE(contact::parse_delivery_stage("Delivered"));
  EXPECT_FALSE(contact::parse_delivery_reason(""));
}

}  // namespace
}  // namespace countersign::domain
