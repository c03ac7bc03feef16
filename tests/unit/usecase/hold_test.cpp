#include "usecase/hold.h"

#include "script.h"

namespace countersign::testing {
namespace {

using FieldAndReason = std::pair<std::string, std::string>;

/// What is wrong with a policy that a hold at the service writes out; empty texts where nothing is.
FieldAndReason fault_of_written(const domain::Policy& policy, std::string_view service = "default") {
  House house;
  house.request().policy = policy;
  house.request().service = service;
  const auto held = house.try_hold();
  if (held) return {};
  EXPECT_EQ(held.error().code, Code::kInvalidField);
  return {held.error().field, held.error().detail};
}

domain::Policy written(domain::MethodSet any_of, int kinds = 1) {
  domain::Policy policy;
  policy.any_of = any_of;
  policy.min_kinds = kinds;
  return policy;
}

TEST(Hold, RefusesAPolicyThatNamesWhatDoesNotExistYet) {
  using enum domain::Method;
  for (const auto method : {kWebauthn, kPush, kRecoveryCode}) {
    const auto reason = "names " + std::string(domain::to_text(method)) + ", which does not exist yet";
    EXPECT_EQ(fault_of_written(written({kSms, method})), FieldAndReason("policy.any_of", reason));
    auto adds = written({kSms});
    adds.enrol = {kTotp, method};
    EXPECT_EQ(fault_of_written(adds), FieldAndReason("policy.enrol", reason));
  }
  EXPECT_EQ(fault_of_written(written({kSms, kCall, kWhatsapp, kTotp})), FieldAndReason());
}

TEST(Hold, RefusesAPolicyThatItsServiceCanNeverMeet) {
  using enum domain::Method;
  // "upstream" has text messages alone.
  const FieldAndReason never{"policy.any_of",
                             "can never be met: the service has no provider for enough of its channels"};
  EXPECT_EQ(fault_of_written(written({kCall}), "upstream"), never);
  EXPECT_EQ(fault_of_written(written({kCall, kTotp}, 2), "upstream"), never);
  EXPECT_EQ(fault_of_written(written({kCall})), FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kCall, kSms}), "upstream"), FieldAndReason());
  EXPECT_EQ(fault_of_written(written({kCall, kTotp}), "upstream"), FieldAndReason());
}

}  // namespace
}  // namespace countersign::testing
