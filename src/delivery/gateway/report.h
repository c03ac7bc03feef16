#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "delivery/gateway/options.h"

namespace countersign::delivery {

/// A report as received; nothing of it is believed yet.
struct ReceivedReport {
  std::vector<std::pair<std::string, std::string>> form;  ///< Of the body or, of a GET, the query; empty: no form.
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case, in the order received.
};

/// What a gateway says about one message.
struct GatewayReport {
  std::string provider_ref;  ///< Empty: not given.
  std::string our_id;        ///< As text; empty: not given.
  GatewayState said;
  std::string reason_code;  ///< The gateway's own; empty: none.
};

/// More reports in one request than this are not looked at.
inline constexpr std::size_t kGatewayReportsMax = 1000;

/// Whether the report carries the secret that `auth` asks for, compared in constant time. Of headers that are repeated
/// none is believed. True for kToken: the caller checks that.
[[nodiscard]] bool is_believed(const ReportAuth& auth, const ReceivedReport& report);

/// The reports in it whose state is known; nullopt if it has another form than described, as far as that can be told.
[[nodiscard]] std::optional<std::vector<GatewayReport>> read_gateway_reports(const GatewayReports& how,
                                                                             const ReceivedReport& report);

}  // namespace countersign::delivery
