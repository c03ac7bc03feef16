#include "usecase/outbox/gateway_report.h"

#include "base/encoding.h"
#include "base/secret.h"
#include "base/test_account.h"
#include "usecase/outbox/work_messages.h"

namespace countersign::usecase {

namespace {

void take(store::Tx& tx, const Context& context, const std::string& provider, const AccountId& account,
          const MessageId& message, const delivery::GatewayReport& report, bool sure, Moment& moment) {
  const auto state = store::find_message(tx, account, message);
  if (!state || state->provider != provider) return;
  report_delivery(
      tx, context,
      {account, message, report.provider_ref, {report.said.stage, report.said.reason}, report.reason_code, sure},
      moment);
}

}  // namespace

std::string report_token(const store::Vault& vault, const AccountId& account, const MessageId& message,
                         std::string_view gateway) {
  return to_hex(vault.digester().blind_index("gateway report",
                                             std::string(account.bytes()).append(message.bytes()).append(gateway)));
}

std::string status_callback_url(const Context& context, const AccountId& account, const MessageId& message,
                                const ChannelProvider& provider) {
  const std::string& base = context.settings.public_url;
  const std::string about = account.text() + '/' + message.text();
  if (!provider.gateway) return base + "/callbacks/twilio/" + about;
  return base + "/callbacks/gateway/" + provider.name + '/' + about + '/' +
         report_token(context.vault, account, message, provider.name);
}

std::optional<std::vector<delivery::GatewayReport>> read_gateway_callback(const Context& context,
                                                                          const GatewayReportForms& forms,
                                                                          const GatewayCallback& callback) {
  const auto form = forms.find(callback.provider);
  if (form == forms.end() || !delivery::is_believed(form->second.auth, callback.report)) return std::nullopt;
  if (callback.about) {
    const auto& [account, message, token] = *callback.about;
    if (!equal_constant_time(token, report_token(context.vault, account, message, callback.provider)))
      return std::nullopt;
  } else if (form->second.auth.kind == delivery::ReportAuth::Kind::kToken) {
    return std::nullopt;
  }
  return delivery::read_gateway_reports(form->second, callback.report).value_or(std::vector<delivery::GatewayReport>());
}

void take_gateway_reports(store::Tx& tx, const Context& context, const GatewayReportForms& forms,
                          const GatewayCallback& callback, const std::vector<delivery::GatewayReport>& reports,
                          Moment& moment) {
  const auto form = forms.find(callback.provider);
  const bool by_secret = form != forms.end() && form->second.auth.kind != delivery::ReportAuth::Kind::kToken;
  for (const auto& report : reports) {
    const auto ours = MessageId::parse(report.our_id);
    if (callback.about) {
      const auto& [account, message, token] = *callback.about;
      if (report.our_id.empty() || ours == message)
        take(tx, context, callback.provider, account, message, report, by_secret, moment);
      continue;
    }
    if (!ours) continue;
    for (const auto& [account, settings] : context.settings.accounts) {
      if (!is_test(account)) take(tx, context, callback.provider, account, *ours, report, by_secret, moment);
    }
  }
}

}  // namespace countersign::usecase
