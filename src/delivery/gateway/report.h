#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
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

/// What somebody wrote to a number at the gateway.
struct GatewayText {
  std::string from;              ///< As the gateway writes it; empty: not given, or too long for a number.
  std::string text;              ///< Empty: none, or longer than any word that we look for.
  std::optional<WallTime> sent;  ///< nullopt: not given, or in a form that is not known.
};

/// More reports in one request than this are not looked at.
inline constexpr std::size_t kGatewayReportsMax = 1000;

/// Whether the report carries the secret that `auth` asks for, compared in constant time. Of headers that are repeated
/// none is believed. True for kToken: the caller checks that.
[[nodiscard]] bool is_believed(const ReportAuth& auth, const ReceivedReport& report);

/// The reports in it whose state is known; nullopt if it has another form than described, as far as that can be told.
[[nodiscard]] std::optional<std::vector<GatewayReport>> read_gateway_reports(const GatewayReports& how,
                                                                             const ReceivedReport& report);

/// The messages in it that people wrote, at most kGatewayReportsMax; nullopt as above.
[[nodiscard]] std::optional<std::vector<GatewayText>> read_gateway_texts(const GatewayInbound& how,
                                                                         const ReceivedReport& received);

/// A time as gateways write it: RFC 3339, the same with a space for `T`, with an offset without colon (`+0000`) or
/// without any (then UTC), or the seconds or milliseconds since 1970.
[[nodiscard]] std::optional<WallTime> parse_gateway_time(std::string_view text);

}  // namespace countersign::delivery
