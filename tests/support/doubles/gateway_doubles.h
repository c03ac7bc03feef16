#pragma once

#include <string>
#include <string_view>

#include "support/doubles/http_server.h"

namespace countersign::testing {

/// SMS gateways as their documentation and the models of their SDKs have them: Vonage SMS (vonage-node-sdk), Infobip
/// SMS v3 (infobip-api-java-client), Zenvia v2 (zenvia.github.io/zenvia-openapi-spec), Sinch XMS (sinch-sdk-node), AWS
/// SNS (botocore, sns/2010-03-31).
enum class GatewayVendor { kVonage, kInfobip, kZenvia, kSinch, kSns };

inline constexpr std::string_view kGatewaySecret = "the gateway's secret";

/// Answers a request: refuses numbers that end in 0001, has had too many for those in 0002, and takes all others with
/// the reference `gateway_ref(vendor)`. A wrong secret or a missing field is refused as the vendor refuses it.
[[nodiscard]] ServerReply answer_as(GatewayVendor vendor, const ServerRequest& request);

[[nodiscard]] std::string gateway_ref(GatewayVendor vendor);

/// The body of a report (Vonage: a form; the others: JSON) about that message, which arrived or could not be delivered.
/// SNS has none. `code`: why it could not; empty: as the double thinks best.
[[nodiscard]] std::string report_as(GatewayVendor vendor, std::string_view our_id, bool arrived,
                                    std::string_view code = "");

/// The body with which it passes on what somebody wrote to our number (Vonage: a form, not signed; the others: JSON),
/// as the pages name it that docs/sms-gateways.md links. `digits`: her number without `+`. SNS has none.
[[nodiscard]] std::string text_as(GatewayVendor vendor, std::string_view digits, std::string_view text);

}  // namespace countersign::testing
