#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "delivery/gateway/report.h"
#include "usecase/work.h"

namespace countersign::usecase {

/// How the reports of each gateway are read, by provider name. Only of those that report.
using GatewayReportForms = std::map<std::string, delivery::GatewayReports, std::less<>>;

/// Where the provider may report about the message: an address with a token for this one message at a gateway, the
/// signed one of Twilio otherwise.
[[nodiscard]] std::string status_callback_url(const Context& context, const AccountId& account,
                                              const MessageId& message, const ChannelProvider& provider);

/// The token in it: 32 hexadecimal digits of a keyed digest of account, message and gateway. Whoever has it has our
/// request, so it can say no more than what that gateway can: one that refused a message says nothing of what the next
/// one does with it.
[[nodiscard]] std::string report_token(const store::Vault& vault, const AccountId& account, const MessageId& message,
                                       std::string_view gateway);

/// A report of a gateway, and the message that its address names, if it does.
struct GatewayCallback {
  std::string provider;
  struct About {
    AccountId account;
    MessageId message;
    std::string token;
  };
  std::optional<About> about;  ///< Absent: one address for all messages; each report in it names ours.
  delivery::ReceivedReport report;
};

/// What is believed of it: by its token, and by its secret if the gateway has one. One address for all messages needs a
/// secret. nullopt otherwise. Pure; needs no transaction, so that whoever guesses costs no commit.
[[nodiscard]] std::optional<std::vector<delivery::GatewayReport>> read_gateway_callback(
    const Context& context, const GatewayReportForms& forms, const GatewayCallback& callback);

/// Writes what the reports say of messages that this gateway has (work_messages.h).
void take_gateway_reports(store::Tx& tx, const Context& context, const GatewayReportForms& forms,
                          const GatewayCallback& callback, const std::vector<delivery::GatewayReport>& reports,
                          Moment& moment);

}  // namespace countersign::usecase
