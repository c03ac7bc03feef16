#include "usecase/outbox/gateway_report.h"

#include "tests/unit/usecase/script.h"

namespace countersign::testing {
namespace {

using contact::DeliveryStage;

class GatewayReporting : public ::testing::Test {
 protected:
  GatewayReporting() {
    fixture_.hold();
    EXPECT_EQ(why(fixture_.start()), kYes);
    message_ = fixture_.sent().back();
    delivery::GatewayReports how;
    how.id = delivery::Pointer::parse("/id");
    how.our_id = delivery::Pointer::parse("/ours");
    how.state = delivery::Pointer::parse("/state").value();
    how.reason_code = delivery::Pointer::parse("/code");
    how.states = {{"sent", {DeliveryStage::kSent, std::nullopt}},
                  {"delivered", {DeliveryStage::kDelivered, std::nullopt}},
                  {"failed", {DeliveryStage::kFailed, contact::DeliveryReason::kUnknown}}};
    how.reasons = {{"3", contact::DeliveryReason::kInvalidAddress}};
    forms_["double"] = how;
    callback_.provider = "double";
    callback_.about = {fixture_.account(), message_.id, token_of("double")};
  }

  bool take(std::string_view state, std::string_view id = "G-1", std::string_view code = "") {
    callback_.report.form = {{"state", std::string(state)}, {"id", std::string(id)}, {"code", std::string(code)}};
    if (!ours_.empty()) callback_.report.form.emplace_back("ours", ours_);
    const auto reports = usecase::read_gateway_callback(fixture_.context(), forms_, callback_);
    if (!reports) return false;
    fixture_.in([&](store::Tx& tx, Moment& moment) {
      usecase::take_gateway_reports(tx, fixture_.context(), forms_, callback_, *reports, moment);
      return Done{};
    });
    return true;
  }
  std::string token_of(std::string_view gateway) {
    return usecase::report_token(fixture_.context().vault, fixture_.account(), message_.id, gateway);
  }
  std::string status() { return fixture_.message(message_.id)->status; }

  Fixture fixture_;
  usecase::QueuedMessage message_;
  usecase::GatewayReportForms forms_;
  usecase::GatewayCallback callback_;
  std::string ours_;
};

TEST_F(GatewayReporting, ByTheTokenOfItsAddress) {
  fixture_.finish(message_, delivery::Accepted{"G-1"});
  EXPECT_TRUE(take("FAILED", "G-1", "3"));
  EXPECT_EQ(fixture_.verification().send_fault, "invalid_address");
  EXPECT_EQ(fixture_.message(message_.id)->error_code, "3");
  EXPECT_TRUE(take("delivered"));
  EXPECT_EQ(status(), "delivered");
  EXPECT_TRUE(take("failed", "G-1", "3")) << "replayed";
  EXPECT_EQ(status(), "delivered");
}

TEST_F(GatewayReporting, MayComeBeforeTheAnswer) {
  EXPECT_TRUE(take("delivered"));
  fixture_.finish(message_, delivery::Accepted{"G-1"});
  EXPECT_EQ(status(), "delivered");
}

TEST_F(GatewayReporting, ForgedIsNotBelieved) {
  fixture_.finish(message_, delivery::Accepted{"G-1"});
  const auto good = callback_;
  callback_.about->token.back() = callback_.about->token.back() == '0' ? '1' : '0';
  EXPECT_FALSE(take("delivered"));
  callback_.about->token.clear();
  EXPECT_FALSE(take("delivered"));
  callback_ = good;
  callback_.about->message = MessageId{};  // The token of another message.
  EXPECT_FALSE(take("delivered"));
  callback_ = good;
  callback_.provider = "another";
  EXPECT_FALSE(take("delivered"));
  callback_ = good;
  callback_.about.reset();  // One address for all, and no secret.
  ours_ = message_.id.text();
  EXPECT_FALSE(take("delivered"));
  EXPECT_EQ(status(), "sent");
}

TEST_F(GatewayReporting, OfAnotherGatewayOrReferenceChangesNothing) {
  fixture_.finish(message_, delivery::Accepted{"G-1"});
  EXPECT_TRUE(take("delivered", "G-2"));
  EXPECT_EQ(status(), "sent");
  forms_["another"] = forms_["double"];
  callback_.provider = "another";
  EXPECT_FALSE(take("delivered")) << "that token is of the gateway double";
  callback_.about->token = token_of("another");
  EXPECT_TRUE(take("delivered"));
  EXPECT_EQ(status(), "sent") << "that gateway does not have it";
  callback_.provider = "double";
  EXPECT_FALSE(take("delivered")) << "one that refused it speaks for the one that took it";
  EXPECT_EQ(status(), "sent");
  callback_.about->token = token_of("double");
  ours_ = MessageId{}.text();
  EXPECT_TRUE(take("delivered"));
  EXPECT_EQ(status(), "sent") << "it names another message than its address";
}

TEST_F(GatewayReporting, AtOneAddressForAllBySecret) {
  fixture_.finish(message_, delivery::Accepted{"G-1"});
  forms_["double"].auth.kind = delivery::ReportAuth::Kind::kHeader;
  forms_["double"].auth.header = "x-secret";
  forms_["double"].auth.secret = SecretString(std::string("of reports"));
  callback_.about.reset();
  ours_ = message_.id.text();
  EXPECT_FALSE(take("delivered"));
  callback_.report.headers = {{"x-secret", "of Reports"}};
  EXPECT_FALSE(take("delivered"));
  callback_.report.headers = {{"x-secret", "of reports"}};
  ours_ = "";
  EXPECT_TRUE(take("delivered"));
  EXPECT_EQ(status(), "sent") << "about no message of ours";
  ours_ = message_.id.text();
  EXPECT_TRUE(take("nonsense"));
  EXPECT_EQ(status(), "sent");
  EXPECT_TRUE(take("delivered"));
  EXPECT_EQ(status(), "delivered");
}

TEST_F(GatewayReporting, TheAddressHasAToken) {
  usecase::ChannelProvider provider{"double", false};
  EXPECT_EQ(usecase::status_callback_url(fixture_.context(), fixture_.account(), message_.id, provider),
            fixture_.context().settings.public_url + "/callbacks/twilio/" + fixture_.account().text() + "/" +
                message_.id.text());
  provider.gateway = true;
  EXPECT_EQ(usecase::status_callback_url(fixture_.context(), fixture_.account(), message_.id, provider),
            fixture_.context().settings.public_url + "/callbacks/gateway/double/" + fixture_.account().text() + "/" +
                message_.id.text() + "/" + callback_.about->token);
  EXPECT_EQ(callback_.about->token.size(), 32U);
}

}  // namespace
}  // namespace countersign::testing
